/**
 * The words of the world, English and Kazakh side by side. First names are common ones, villages are invented, the
 * calendar and the animals are real.
 */

type Pair = readonly [en: string, kk: string]

const pairs = (text: string): Pair[] =>
  text
    .trim()
    .split(/\s*,\s*/)
    .map((pair) => pair.split(' = ') as unknown as Pair)

export const men = pairs(`
  Aidar = Айдар, Alikhan = Әлихан, Arman = Арман, Askar = Асқар, Baurzhan = Бауыржан, Bekzat = Бекзат, Berik = Берік,
  Bolat = Болат, Daniyar = Данияр, Daulet = Дәулет, Dauren = Дәурен, Erasyl = Ерасыл, Erlan = Ерлан, Ermek = Ермек,
  Galym = Ғалым, Kairat = Қайрат, Kanat = Қанат, Kuat = Қуат, Marat = Марат, Medet = Медет, Murat = Мұрат,
  Nurlan = Нұрлан, Olzhas = Олжас, Rustem = Рүстем, Sanzhar = Санжар, Serik = Серік, Talgat = Талғат, Temir = Темір,
  Erbol = Ербол, Zhandos = Жандос, Zhanibek = Жәнібек, Sultan = Сұлтан, Azamat = Азамат, Samat = Самат, Ilyas = Ілияс,
  Kuanysh = Қуаныш, Rauan = Рауан, Tolegen = Төлеген, Maksat = Мақсат, Sabit = Сәбит`)

export const women = pairs(`
  Aigerim = Айгерім, Aigul = Айгүл, Aizhan = Айжан, Ainur = Айнұр, Akbota = Ақбота, Aliya = Әлия, Aru = Ару,
  Asel = Әсел, Asem = Әсем, Balzhan = Балжан, Botagoz = Ботагөз, Dana = Дана, Dariga = Дариға, Dinara = Динара,
  Gaukhar = Гауһар, Gulnar = Гүлнар, Kamila = Камила, Karlygash = Қарлығаш, Kunsulu = Күнсұлу, Madina = Мәдина,
  Maira = Майра, Meruert = Меруерт, Moldir = Мөлдір, Nazym = Назым, Perizat = Перизат, Raushan = Раушан,
  Saltanat = Салтанат, Samal = Самал, Saule = Сәуле, Symbat = Сымбат, Togzhan = Тоғжан, Zere = Зере, Zhanar = Жанар,
  Zhansaya = Жансая, Zhibek = Жібек, Kamshat = Қамшат, Inzhu = Інжу, Kuralai = Құралай, Umit = Үміт, Shynar = Шынар`)

export const villages = pairs(`
  Aikayin = Айқайың, Zhuldyztau = Жұлдызтау, Kumistal = Күмістал, Balbulak = Балбұлақ, Kunozek = Күнөзек,
  Samaldon = Самалдөң, Zhibekdala = Жібекдала, Ertegikol = Ертегікөл, Shyrynsu = Шырынсу, Kyrankiya = Қыранқия,
  Ulartas = Ұлартас, Aidynzhar = Айдынжар, Burkitbel = Бүркітбел, Kiikzhon = Киікжон, Gulsai = Гүлсай,
  Meruertsaz = Меруертсаз`)

/** What a village is famous for, one village each. */
export const gifts = pairs(`
  honey = бал, cheese = ірімшік, kumis = қымыз, carpets = кілем, apricots = өрік, watermelons = қарбыз, felt = киіз,
  salt = тұз, silver = күміс, flour = ұн, fish = балық, wool = жүн, jugs = құмыра, saddles = ер-тоқым, tea = шай,
  grapes = жүзім`)

/** What villages beyond the first sixteen are famous for. */
export const moreGifts = pairs(`
  apples = алма, pears = алмұрт, onions = пияз, carrots = сәбіз, milk = сүт, butter = май, bread = нан, boots = етік,
  belts = белбеу, knives = пышақ, rings = сақина, bracelets = білезік, dombras = домбыра, bricks = кірпіш,
  paper = қағаз, glass = шыны, coal = көмір, iron = темір, gold = алтын, copper = мыс, timber = ағаш, reeds = қамыс,
  hay = шөп, wheat = бидай, rice = күріш, barley = арпа, corn = жүгері, sugar = қант, nuts = жаңғақ,
  strawberries = бүлдірген, mushrooms = саңырауқұлақ, garlic = сарымсақ, pumpkins = асқабақ, camels = түйе,
  eagles = бүркіт, meat = ет, kurt = құрт, shubat = шұбат, ayran = айран, boats = қайық, ropes = арқан, whips = қамшы,
  lamps = шам, mirrors = айна, needles = ине, combs = тарақ, spoons = қасық, horses = жылқы`)

/** What tells animals of one kind and colour apart, in worlds where there are more of them than kinds and colours. */
export const traits = pairs(`
  big = үлкен, small = кішкентай, old = кәрі, clever = ақылды, calm = жуас, swift = жүйрік`)

export const landscapes = pairs(`
  by a river = өзен жағасында, by a lake = көл жағасында, at the foot of a mountain = тау бөктерінде,
  at the edge of a forest = орман шетінде, on a hill = төбе басында, in the open steppe = кең далада`)

/** Where something lost is found; the Kazakh is in the ablative. */
export const hidingPlaces = pairs(`
  by the river = өзен жағасынан, in the forest = орманнан, behind the hill = төбенің артынан,
  near the well = құдық жанынан, at the market = базардан, in the garden = бақтан`)

export const jobs: readonly { readonly name: Pair; readonly work: Pair }[] = [
  { name: ['teacher', 'мұғалім'], work: ['teaches children', 'балаларды оқытады'] },
  { name: ['doctor', 'дәрігер'], work: ['heals the sick', 'ауруларды емдейді'] },
  { name: ['shepherd', 'шопан'], work: ['grazes the sheep', 'қой бағады'] },
  { name: ['baker', 'наубайшы'], work: ['bakes bread', 'нан пісіреді'] },
  { name: ['blacksmith', 'ұста'], work: ['works iron', 'темір соғады'] },
  { name: ['driver', 'жүргізуші'], work: ['drives a bus', 'автобус жүргізеді'] },
  { name: ['farmer', 'диқан'], work: ['grows wheat', 'бидай егеді'] },
  { name: ['builder', 'құрылысшы'], work: ['builds houses', 'үй салады'] },
  { name: ['cook', 'аспаз'], work: ['cooks soup', 'көже пісіреді'] },
  { name: ['tailor', 'тігінші'], work: ['sews clothes', 'киім тігеді'] },
  { name: ['fisherman', 'балықшы'], work: ['catches fish', 'балық аулайды'] },
  { name: ['musician', 'күйші'], work: ['plays the dombra', 'домбыра тартады'] },
  { name: ['librarian', 'кітапханашы'], work: ['lends books', 'кітап береді'] },
  { name: ['gardener', 'бағбан'], work: ['plants trees', 'ағаш отырғызады'] },
]

export const pupil = { name: ['pupil', 'оқушы'] as Pair, work: ['goes to school', 'мектепте оқиды'] as Pair }

export const animals: readonly { readonly name: Pair; readonly young?: Pair; readonly sound?: Pair }[] = [
  { name: ['horse', 'жылқы'], young: ['foal', 'құлын'], sound: ['neighs', 'кісінейді'] },
  { name: ['cow', 'сиыр'], young: ['calf', 'бұзау'], sound: ['moos', 'мөңірейді'] },
  { name: ['sheep', 'қой'], young: ['lamb', 'қозы'], sound: ['bleats', 'маңырайды'] },
  { name: ['goat', 'ешкі'], young: ['kid', 'лақ'] },
  { name: ['camel', 'түйе'], young: ['camel calf', 'бота'], sound: ['bellows', 'боздайды'] },
  { name: ['dog', 'ит'], young: ['puppy', 'күшік'], sound: ['barks', 'үреді'] },
  { name: ['cat', 'мысық'], sound: ['meows', 'мияулайды'] },
  { name: ['hen', 'тауық'], young: ['chick', 'балапан'], sound: ['clucks', 'қытқылдайды'] },
  { name: ['goose', 'қаз'], young: ['gosling', 'балапан'], sound: ['honks', 'қаңқылдайды'] },
  { name: ['duck', 'үйрек'], young: ['duckling', 'балапан'], sound: ['quacks', 'барқылдайды'] },
  { name: ['donkey', 'есек'], young: ['foal', 'қодық'], sound: ['brays', 'ақырады'] },
  { name: ['rabbit', 'қоян'], young: ['bunny', 'көжек'] },
]

export const colours = pairs(`
  white = ақ, black = қара, grey = сұр, brown = қоңыр, spotted = ала, golden = сары, red = қызыл, chestnut = күрең`)

export const foods = pairs(`
  bread = нан, honey = бал, cheese = ірімшік, rice = күріш, meat = ет, baursak = бауырсақ, fish = балық,
  butter = май, plov = палау, kurt = құрт`)

export const goods = pairs(`
  book = кітап, pen = қалам, notebook = дәптер, ball = доп, cup = кесе, spoon = қасық, apple = алма, egg = жұмыртқа,
  melon = қауын, belt = белбеу, candle = шырақ, comb = тарақ`)

export const topics = pairs(`
  the weather = ауа райы, the old days = ескі күндер, school = мектеп, the harvest = егін, the stars = жұлдыздар,
  music = ән-күй`)

/** Verbs: English with its past, Kazakh as the stem. */
export const verbs: readonly { readonly en: string; readonly past: string; readonly kk: string }[] = [
  { en: 'come', past: 'came', kk: 'кел' },
  { en: 'go', past: 'went', kk: 'бар' },
  { en: 'take', past: 'took', kk: 'ал' },
  { en: 'give', past: 'gave', kk: 'бер' },
  { en: 'say', past: 'said', kk: 'айт' },
  { en: 'leave', past: 'left', kk: 'кет' },
  { en: 'write', past: 'wrote', kk: 'жаз' },
  { en: 'speak', past: 'spoke', kk: 'сөйле' },
  { en: 'play', past: 'played', kk: 'ойна' },
  { en: 'read', past: 'read', kk: 'оқы' },
  { en: 'drink', past: 'drank', kk: 'іш' },
  { en: 'see', past: 'saw', kk: 'көр' },
  { en: 'find', past: 'found', kk: 'тап' },
]

/** The Kazakh cases beside the bare one: their English name is the name of the form (see template.ts). */
export const cases = pairs(`
  genitive = ілік, dative = барыс, accusative = табыс, locative = жатыс, ablative = шығыс, instrumental = көмектес`)

/** Ways to travel; the Kazakh is an adverb or in the instrumental. */
export const ways = pairs(`on foot = жаяу, on horseback = атпен, by bus = автобуспен, by cart = арбамен`)

export const days = pairs(`
  Monday = дүйсенбі, Tuesday = сейсенбі, Wednesday = сәрсенбі, Thursday = бейсенбі, Friday = жұма, Saturday = сенбі,
  Sunday = жексенбі`)

/** Months from January on, with their days in a common year. */
export const months: readonly { readonly name: Pair; readonly days: number }[] = [
  { name: ['January', 'қаңтар'], days: 31 },
  { name: ['February', 'ақпан'], days: 28 },
  { name: ['March', 'наурыз'], days: 31 },
  { name: ['April', 'сәуір'], days: 30 },
  { name: ['May', 'мамыр'], days: 31 },
  { name: ['June', 'маусым'], days: 30 },
  { name: ['July', 'шілде'], days: 31 },
  { name: ['August', 'тамыз'], days: 31 },
  { name: ['September', 'қыркүйек'], days: 30 },
  { name: ['October', 'қазан'], days: 31 },
  { name: ['November', 'қараша'], days: 30 },
  { name: ['December', 'желтоқсан'], days: 31 },
]

/** Seasons from winter on, so that month m (January is 0) is in season floor((m + 1) / 3) mod 4. */
export const seasons: readonly { readonly name: Pair; readonly weather: readonly Pair[] }[] = [
  { name: ['winter', 'қыс'], weather: pairs('snow fell = қар жауды, a cold wind blew = суық жел соқты') },
  { name: ['spring', 'көктем'], weather: pairs('the snow melted = қар еріді, flowers opened = гүлдер ашылды') },
  { name: ['summer', 'жаз'], weather: pairs('the sun was hot = күн ысыды, the grass grew tall = шөп биік өсті') },
  { name: ['autumn', 'күз'], weather: pairs('the leaves fell = жапырақ түсті, it rained = жаңбыр жауды') },
]

/**
 * Kinship. Kazakh has one word for each older sibling, and for a younger sister two: қарындас to a brother, сіңлі to
 * a sister.
 */
export const roles = {
  father: ['father', 'әке'],
  mother: ['mother', 'ана'],
  grandfather: ['grandfather', 'ата'],
  grandmother: ['grandmother', 'әже'],
  husband: ['husband', 'күйеу'],
  wife: ['wife', 'әйел'],
  son: ['son', 'ұл'],
  daughter: ['daughter', 'қыз'],
  olderBrother: ['older brother', 'аға'],
  olderSister: ['older sister', 'әпке'],
  youngerBrother: ['younger brother', 'іні'],
  youngerSisterOfMan: ['younger sister', 'қарындас'],
  youngerSisterOfWoman: ['younger sister', 'сіңлі'],
} as const satisfies Record<string, Pair>
