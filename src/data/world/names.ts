import * as lexicon from './lexicon.ts'

type Pair = readonly [en: string, kk: string]

const parts = (text: string): Pair[] =>
  text
    .trim()
    .split(/\s*,\s*/)
    .map((pair) => pair.split(' = ') as unknown as Pair)

/**
 * Names beyond the lists are made of two parts, as Kazakh names are: Нұр + болат, Ай + гүл. Any two parts may meet, so
 * the parts stand for hundreds of names; those that equal a name of the lists are left out.
 */
const men = {
  first: parts(`
    Nur = Нұр, Er = Ер, Bek = Бек, Zhan = Жан, Bai = Бай, Tore = Төре, Ak = Ақ, Es = Ес, Sar = Сар, Kun = Күн, Kydyr = Қыдыр,
    Kutty = Құтты, Esen = Есен, Aman = Аман, Myrza = Мырза, Orda = Орда, Zhol = Жол, Tileu = Тілеу, Oral = Орал,
    Kozy = Қозы`),
  second: parts(`
    bolat = болат, bek = бек, zhan = жан, dos = дос, sultan = сұлтан, tai = тай, khan = хан, gali = ғали, murat = мұрат,
    temir = темір, kozha = қожа, batyr = батыр, bergen = берген, keldi = келді, myrza = мырза, nazar = назар,
    bai = бай, zhigit = жігіт`),
}

const women = {
  first: parts(`
    Gul = Гүл, Nur = Нұр, Kun = Күн, Zhan = Жан, Bal = Бал, Altyn = Алтын, Inzhu = Інжу, Zhupar = Жұпар, Rai = Рай,
    Tolkyn = Толқын, Ai = Ай, Torgyn = Торғын, Sulu = Сұлу, Kara = Қара, Kyz = Қыз, Zer = Зер, Ak = Ақ,
    Bibi = Бибі`),
  second: parts(`
    zhan = жан, nur = нұр, sulu = сұлу, banu = бану, zhamal = жамал, naz = наз, dana = дана, shash = шаш, aiym = айым,
    saule = сәуле, sholpan = шолпан, bota = бота, zhibek = жібек, sana = сана, gul = гүл, zhanar = жанар,
    bike = бике, meruert = меруерт`),
}

const villages = {
  first: parts(`
    Ai = Ай, Zhuldyz = Жұлдыз, Kumis = Күміс, Bal = Бал, Kun = Күн, Samal = Самал, Zhibek = Жібек, Ertegi = Ертегі,
    Shyryn = Шырын, Kyran = Қыран, Ular = Ұлар, Aidyn = Айдын, Burkit = Бүркіт, Kiik = Киік, Gul = Гүл,
    Meruert = Меруерт`),
  second: parts(`
    kayin = қайың, tau = тау, tal = тал, bulak = бұлақ, ozek = өзек, don = дөң, dala = дала, kol = көл, su = су,
    kiya = қия, tas = тас, zhar = жар, bel = бел, zhon = жон, sai = сай, saz = саз`),
}

/**
 * Names of men, at least `count`: the common ones of the lexicon, and made ones only where these do not suffice, so
 * that small worlds never change. Unique in both languages.
 */
export const menNames = (count: number): readonly Pair[] => atLeast(count, lexicon.men, men, lexicon.women)

/** As {@link menNames}; no name is also a man's. */
export const womenNames = (count: number): readonly Pair[] =>
  atLeast(count, lexicon.women, women, [...lexicon.men, ...combine(men)])

/** As {@link menNames}; every made village is two words of the landscape. */
export const villageNames = (count: number): readonly Pair[] => atLeast(count, lexicon.villages, villages, [])

interface Parts {
  readonly first: readonly Pair[]
  readonly second: readonly Pair[]
}

function atLeast(count: number, listed: readonly Pair[], made: Parts, others: readonly Pair[]): readonly Pair[] {
  if (count <= listed.length) return listed
  const taken = new Set([...listed, ...others].flat())
  const names = [...listed]
  for (const [en, kk] of combine(made)) {
    if (taken.has(en) || taken.has(kk)) continue
    taken.add(en).add(kk)
    names.push([en, kk])
  }
  return names
}

/** Every pair of two different parts, spread so that neighbours share neither. */
function combine({ first, second }: Parts): Pair[] {
  const pairs: Pair[] = []
  for (let shift = 0; shift < second.length; shift++) {
    for (const [i, [en, kk]] of first.entries()) {
      const [enSecond, kkSecond] = second[(i + shift) % second.length]
      if (en.toLowerCase() !== enSecond) pairs.push([en + enSecond, kk + kkSecond])
    }
  }
  return pairs
}
