/** What a language is known by. Figures are rough: they come from reading, and a factor of two changes little. */
export interface LanguageMarks {
  readonly language: string
  readonly script: 'Latn' | 'Cyrl' | 'Arab'
  /** Letters that its neighbours use otherwise, with occurrences among 1000 letters. A letter not named has next to none. */
  readonly letters: string
  /** Which share of its words are among `words`. */
  readonly share: number
  /** Its most frequent words, in order; in small letters, and without the apostrophe of oʻ and gʻ. */
  readonly words: string
  /** Frequent last three letters of longer words. */
  readonly endings?: string
  /** How many nats it has to fit better than others, since it is met less often. Default 0. */
  readonly rare?: number
}

/**
 * Languages told apart by letters and little words. The Turkic languages in Cyrillic are all here, since the library that
 * is asked for the rest knows none of them; of other languages those that are met most, and those that could be taken
 * for them.
 */
export const languageMarks: readonly LanguageMarks[] = [
  {
    language: 'en',
    script: 'Latn',
    letters: 'w22 k8 y20 j1.5 q1 x2 v10 z1',
    share: 0.4,
    words:
      'the of and to in a is that for it was on as with be by he at from this are you or his have an not they which we but has had were can will all their there your been one if would when what who more no may its so than other also any should into only do about such these must how out then them use she my up new my me us our',
  },
  {
    language: 'de',
    script: 'Latn',
    letters: 'ä6 ö3 ü6 ß2 w15 k13 y0.5 z11 v8 j3 q0.3 x0.5',
    share: 0.42,
    words:
      'die der und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch man sein wurde sei kann wenn seine ihre ich diese dieser wir keine können alle',
  },
  {
    language: 'fr',
    script: 'Latn',
    letters: 'é19 è4 ê2 à5 ç1 ù0.5 ô0.6 î0.4 û0.5 ë0.1 ï0.1 œ0.2 â0.5 w0.3 k0.5 y2 q12 x4 z1.5 v15 j5',
    share: 0.45,
    words:
      'de la le les et des en un du une que est dans qui par pour au il sur l d a sont plus pas ne se n qu ce s cette avec aux être ou son ses sa ont été vous comme nous mais leur fait même elle si tout peut c on ces y deux votre entre sans lui lorsque',
  },
  {
    language: 'es',
    script: 'Latn',
    letters: 'á5 é4 í7 ó9 ú2 ñ3 ü0.1 w0.3 k0.3 y10 q9 x2 z4 v10 j4',
    share: 0.45,
    words:
      'de la que el en y a los se del las un por con no una su para es al lo como más o pero sus le ha este si sin sobre ser esta entre cuando muy también fue hay todo puede son está desde nos todos uno ni contra ese usted otro hasta donde quien toda cada',
  },
  {
    language: 'pt',
    script: 'Latn',
    letters: 'ã8 õ2 á4 â1 à1.5 ç5 é4 ê3 í3 ó3 ô0.5 ú1.5 w0.2 k0.2 y0.2 q11 x3 z4 v15 j3',
    share: 0.42,
    words:
      'de a o que e do da em um para com não uma os no se na por mais as dos como ao das à seu sua ou ser nos são pela pelo até isso ela entre depois sem mesmo você essa esse num foi',
  },
  {
    language: 'it',
    script: 'Latn',
    letters: 'à2 è3 é1 ì1 ò1 ù1 w0.2 k0.2 y0.2 z9 v18 q5 x0.2 j0.1',
    share: 0.42,
    words:
      'di e il la che in a per un del non con i una le si dei sono è da al l della nel gli come più lo ha o ma su alla essere delle anche se questo dal ed suo dell nella ogni loro può',
  },
  {
    language: 'nl',
    script: 'Latn',
    letters: 'ë0.3 é0.3 ï0.2 w14 k22 y0.5 z13 v26 j15 q0.1 x0.4',
    share: 0.42,
    words:
      'de van een het en in is dat op te zijn voor met die niet aan er om ook als bij door naar of uit nog worden heeft wordt over maar kan dan wat deze tot ze hij geen meer',
  },
  {
    language: 'ca',
    script: 'Latn',
    rare: 3,
    letters: 'à6 è3 é3 í3 ï0.7 ò2 ó4 ú1 ü0.3 ç2 w0.2 k0.2 y4 q10 x5 z1 v14 j2',
    share: 0.45,
    words:
      'de la i a que el en d les un l els del una per amb és no al s dels als com més es o seva seu per són aquest aquesta tot ha ser entre sense tota dret',
  },
  {
    language: 'ro',
    script: 'Latn',
    letters: 'ă20 â3 î12 ș12 ş5 ț10 ţ5 w0.2 k0.3 y0.2 z7 v12 x2 q0.1 j2',
    share: 0.35,
    words:
      'de și în a la cu nu o care să un din pe este se pentru mai că al ale sau sunt prin fi are orice ca lui dreptul',
  },
  {
    language: 'tr',
    script: 'Latn',
    letters: 'ı48 ş17 ğ11 ç11 ö8 ü18 â0.3 î0.1 w0.2 k45 y33 z15 v11 j0.3 q0.1 x0.2',
    share: 0.2,
    words:
      've bir bu için ile de da olarak olan çok daha o gibi ya veya kadar sonra her ise ki değil en ne var olduğu tarafından göre ancak hakkı şekilde bunu tüm yok sayfa kullanıcı lütfen eğer iki onun kendi diğer şey nasıl ama herkes bütün yeni',
    endings:
      'lar ler arı eri dan den nda nde nın nin yor dır dir mak mek lık lik ına ine nız niz ığı iği ası esi ımı imi ndı ldi',
  },
  {
    language: 'az',
    script: 'Latn',
    letters: 'ə95 ı35 ş15 ğ7 ç7 ö8 ü17 w0.2 x8 q22 k18 y27 z13 v18 j0.5',
    share: 0.2,
    words:
      'və bir bu üçün ilə də da olan hər o ki daha edir etmək olaraq sonra onun malikdir öz kimi hüququ ya olduğu şəxs qədər',
    endings: 'lar lər ları əri dan dən nda ndə nın nin dır dir maq mək lıq lik ına inə',
  },
  {
    language: 'tk',
    script: 'Latn',
    rare: 3,
    letters: 'ä20 ý35 ň12 ş20 ž1.5 ö12 ü12 ç8 w15 k25 y40 z14 j8 v0.3 q0.1 x0.1',
    share: 0.18,
    words: 'we bir bu üçin bilen her hem ýa bolan öz hukugy onuň ol bolup de da ýaly däl',
    endings: 'lar ler ary eri dan den nda nde nyň niň dyr dir mak mek lyk lik yna ine',
  },
  {
    language: 'uz',
    script: 'Latn',
    letters: 'ʻ24 w0.5 k22 y18 z16 v18 j6 q20 x8',
    share: 0.2,
    words:
      'va bu bilan uchun bir ham emas bolgan kerak yoki oz mumkin edi har u shu haqida keyin lekin barcha eng kop agar yoq ega nima kim bor boladi bolib faqat esa kabi sifatida tomonidan uning sizning hamda boshqa ushbu qilish uni orqali boyicha hech siz qayta huquqiga kishi inson sahifa foydalanuvchi iltimos bolsa qilingan',
    endings:
      'lar ari iga dan gan adi ish ida ini ngi dir lik shi hga rni ang nda hni lib rib nib sib ash kni zni iya isi asi yat moq sin',
  },
  {
    language: 'ru',
    script: 'Cyrl',
    letters: 'ы19 э3 ё1 щ4 ь17 ъ0.4 ц5 в45 ф3 ю6 й12 я20 ж9 к35 х9',
    share: 0.33,
    words:
      'и в не на с что по как из для к это от но он а за его к же у или так все бы был до о при если то только их она они может было со во быть после будет этот того мы вы где нет уже была были чтобы которые который более этой этого свои имеет право страница страницы',
  },
  {
    language: 'uk',
    script: 'Cyrl',
    letters: 'і60 ї7 є5 ґ0.3 ь17 щ6 в50 ц8 ю8 й14 ф3 я20 ж9 к35 х11',
    share: 0.3,
    words: 'і в на не з у що та до за як від для або й є про його по це а із при має право кожна бути так',
  },
  {
    language: 'be',
    script: 'Cyrl',
    letters: 'і55 ў13 ы35 э15 ё6 ь15 в25 ц22 ю6 й10 ф2 я25 ж9 к40 х9',
    share: 0.3,
    words: 'і ў не на з у што да за як ад для або а па яго гэта гэты при мае права кожны быць пры',
  },
  {
    language: 'bg',
    script: 'Cyrl',
    letters: 'ъ20 щ6 ь0.3 ю1.5 в45 ц7 й7 ф3 я12 ж7 к35 х7',
    share: 0.42,
    words: 'на и да в се за от е с не са по като към или който при си това до през което които има право всеки',
  },
  {
    language: 'sr',
    script: 'Cyrl',
    letters: 'ј45 љ5 њ7 ћ7 ђ2 џ0.5 в37 ц9 ф2 ж6 к36 х6',
    share: 0.4,
    words: 'и у на је да се од за са не су као или који из по бити што то има право сваки ће',
  },
  {
    language: 'mk',
    script: 'Cyrl',
    rare: 2,
    letters: 'ј20 ѓ2 ќ2 ѕ0.4 љ0.5 њ3 џ0.5 в40 ц6 ф2 ж6 к38 х0.5',
    share: 0.42,
    words: 'на и во да се за од е со не се по како или кој што при си тоа има право секој ќе',
  },
  {
    language: 'kk',
    script: 'Cyrl',
    letters: 'ә10 ғ25 қ38 ң12 ө12 ұ12 ү9 һ0.4 і60 ы80 в3 ь1 ц1 э1.5 ф1.5 ю1 й15 ё0.2 ж14 я2 щ0.1 ъ0.1 к45 х2',
    share: 0.2,
    words:
      'және мен бен пен да де бұл ол бір үшін деп болып бар емес осы оның сол болды керек еді туралы дейін кейін арқылы ретінде болады бойынша өз жоқ екі не қалай қазақ менің сұрақ жауап бірақ сондай әр барлық немесе ең көп кім қай тек себебі екен болған жылы соң егер мүмкін тиіс құқығы адам бет беттің',
    endings:
      'ның нің дың дің тың тің ған ген қан кен тан тен лар лер дар дер тар тер ады еді йды йді лық лік тық тік дық дік сыз сіз ына іне нда нде уға уге ңыз ңіз лды лді ағы егі нан нен ынан сы сі ісі асы ары ері рды рді',
  },
  {
    language: 'ky',
    script: 'Cyrl',
    letters: 'ң12 ө25 ү30 ы65 э12 в3 ь1 ц1 ф1 ю0.7 й12 ё0.3 ж14 я2 ъ0.1 щ0.1 к75 х0.7',
    share: 0.2,
    words:
      'жана менен бул бир үчүн деп болгон ал эмес бар ошол анын болуп керек тууралуу чейин кийин аркылуу катары боюнча өз жок эки эмне кантип кыргыз менин бирок ар бардык же эң көп ким кайсы эле экен жылы дагы мында ушул тарабынан сиз эгер мүмкүн тийиш укуктуу адам да болот барак болсо жаңы учурда мурун',
    endings:
      'нын нин дын дин тын тин нун нүн дун дүн тун түн ган ген гон гөн кан кен лар лер лор лөр дар дер дор дөр тар тер тор төр лык лик лук лүк луу лүү туу түү дуу дүү ына ине уна үнө нда нде ндо ндө усу үсү дук дүк оосу ңуз ңыз нан нен дан ууга үүгө ары ери лат тат луп туп руп сун',
  },
  {
    language: 'tt',
    script: 'Cyrl',
    letters: 'ә55 җ4 ң8 ө9 ү14 һ6 ы50 э3 в6 ь3 ц1.5 ф2 ю4 й8 ё0.2 ж3 я12 щ0.2 ъ0.3 к40 х10',
    share: 0.2,
    words:
      'һәм белән бу бер өчен дип булган ул түгел бар шул аның булып кирәк турында кадәр соң аша буларак буенча үз юк ике ни ничек татар минем ләкин һәр барлык яки иң күп кем кайсы гына икән ел дә да та тә шулай аны инде булды бит яисә әгәр мөмкин тиеш хокукы кеше бите сез',
    endings:
      'ның нең дан дән тан тән нан нән ган гән кән лар ләр нар нәр ына енә нда ндә лык лек сыз сез рга ргә уын ары әре ыгыз егез үне уны әсе асы мый ми',
  },
  {
    language: 'ba',
    script: 'Cyrl',
    rare: 2,
    letters: 'ә55 ғ10 ҙ13 ҡ25 ң9 ө15 ҫ4 ү18 һ25 ы55 в4 ь2 ц1 ф1 ю3 й12 ж2 я9 э4 щ0.1 ъ0.2 к18 х5',
    share: 0.2,
    words:
      'һәм менән был бер өсөн тип булған ул түгел бар шул уның булып кәрәк тураһында тиклем һуң үҙ юҡ ике хоҡуҡлы кеше йәки',
    endings: 'ның нең дың ҙың тың ған гән ҡан кән лар ләр ҙар ҙәр тар тәр ына енә нда ндә лыҡ лек',
  },
  {
    language: 'uz',
    script: 'Cyrl',
    letters: 'ў20 қ20 ғ9 ҳ12 ъ4 э6 в18 ц1.5 ь1.5 ф4 ю4 й10 ё4 ж5 я12 к35 х10',
    share: 0.2,
    words:
      'ва бу билан учун бир ҳам эмас бўлган керак ёки ўз мумкин эди ҳар у шу ҳақида кейин лекин барча энг кўп агар йўқ эга нима ким бор бўлади бўлиб фақат эса каби сифатида томонидан унинг сизнинг ҳамда бошқа ушбу ҳуқуқига инсон',
    endings: 'лар ари ига дан ган ади иши ида ини инг дир лик',
  },
  {
    language: 'tg',
    script: 'Cyrl',
    rare: 1,
    letters: 'ӣ18 ӯ8 қ8 ғ5 ҳ16 ҷ7 ъ3 э3 в20 ф7 ю2 й8 ё6 ж1 я6 к25 х12',
    share: 0.35,
    words: 'ва ба дар аз ки бо ин барои он бар ё ҳар худ карда шуда мебошад аст буд дорад ҳуқуқ то як ҳам',
  },
  {
    language: 'mn',
    script: 'Cyrl',
    rare: 1,
    letters: 'ө20 ү25 э40 й30 ы10 ь8 ъ0.5 в8 ц8 ф0.5 ю3 я6 ж8 ё3 к0.5 х50',
    share: 0.2,
    words: 'нь ба энэ би бол байна юм тэр гэж нэг болон хүн эрх эсвэл байх уу ч л дээр өөр их',
    endings: 'ийн ууд үүд сан сэн сон сөн ний гүй тай тэй лах лэх дэг даг аар ээр',
  },
  {
    language: 'sah',
    script: 'Cyrl',
    rare: 4,
    letters: 'ҥ10 ҕ15 ө15 ү30 һ12 ы70 э25 в0.5 ь9 й6 ж0.3 к45 х8',
    share: 0.15,
    words: 'уонна бу буолар диэн сыл биир ол кини баар киһи',
  },
  {
    language: 'tyv',
    script: 'Cyrl',
    rare: 6,
    letters: 'ң15 ө12 ү20 ы55 э20 в5 ь2 й8 ж8 ю1 я4 к22 х6',
    share: 0.18,
    words: 'болгаш бир бо чок эргелиг кижи азы бүрү ол деп биле дугайында ооң',
  },
  {
    language: 'ar',
    script: 'Arab',
    letters: 'ة25 ى9 أ18 إ8 ذ6 ض6 ؤ1 ئ3 ث5 ك20 ي60 ه38',
    share: 0.18,
    words:
      'في من على أن إلى التي هذا هذه لا ما عن أو كل مع الذي كان بين لكل هو هي ذلك غير لم قد بعد حق ولا كما هناك إذا قبل أي تم يجب',
  },
  {
    language: 'fa',
    script: 'Arab',
    letters: 'پ8 چ4 ژ0.8 گ9 ک25 ی95 ه50 ذ2 ض2 ث1 أ0.3 ئ1',
    share: 0.35,
    words: 'و در به از که این را با است برای آن یک خود تا هر بر حق یا شود باید شده می',
  },
  {
    language: 'ur',
    script: 'Arab',
    letters: 'ٹ5 ڈ2 ڑ4 ے45 ں25 ہ55 ھ12 ک45 ی75 گ12 پ15 چ8 ئ7 ذ2 ض1 ث1',
    share: 0.4,
    words: 'کے کی میں اور ہے سے کا کو اس پر یا ہر نے ہیں نہ کہ جو شخص حق ہو بھی',
  },
  {
    language: 'ug',
    script: 'Arab',
    rare: 1,
    letters: 'ە80 ى75 ې15 ۇ30 ۆ8 ۈ15 ڭ15 چ9 گ14 پ10 ئ35 ك20 ي25 ھ10 ژ0.2',
    share: 0.15,
    words: 'ۋە بىر بۇ ئۈچۈن بىلەن ھەر ياكى ئۇ',
  },
  {
    language: 'ckb',
    script: 'Arab',
    rare: 1,
    letters: 'ە95 ێ25 ۆ20 ڵ7 ڕ6 ی90 ک40 پ10 چ5 گ12 ژ3 ئ10',
    share: 0.3,
    words: 'و لە بە بۆ کە ئەم هەموو یان خۆی مافی هەیە بێ',
  },
]
