/** What rules of quality need to know of a language. */
export interface LanguageRules {
  /** Letters of a word on average, as in the Universal Declaration of Human Rights. */
  readonly wordLength: number
  /** Words that every text of some length holds, in small letters. */
  readonly stopWords: readonly string[]
}

const list = (words: string) => words.split(' ')

/**
 * By language code. A language that is not here is judged by what holds for all. The English words are those of Rae et
 * al. 2021, appendix A.1.1; the others are our own choice of particles, pronouns, copulas and conjunctions.
 */
const rules: Readonly<Record<string, LanguageRules>> = {
  en: { wordLength: 5, stopWords: list('the be to of and that have with') },
  kk: {
    wordLength: 6.2,
    stopWords: list(
      'және мен бен пен бұл осы сол ол да де та те үшін бар жоқ емес бір еді деп деген болып болды болады туралы кейін дейін біз сіз олар өз өзінің әр ғана немесе сондай барлық қай қандай кім не неше ма ме ба бе па пе ал бірақ',
    ),
  },
  ru: {
    wordLength: 6.2,
    stopWords: list(
      'и в во не на что с со как это по из за от к о у но же для а или то он она они мы вы я бы его её их',
    ),
  },
  ky: {
    wordLength: 6.2,
    stopWords: list(
      'жана менен бул ошол ал да дагы де деп деген үчүн бар жок эмес бир эле болуп болгон болот кийин чейин биз сиз алар өз ар гана же ушул бардык ким эмне бирок тууралуу жөнүндө',
    ),
  },
  tt: {
    wordLength: 6,
    stopWords: list(
      'һәм белән бу шул ул да дә та тә өчен бар юк түгел бер иде дип дигән булып булган була соң кадәр без сез алар үз һәр генә яки барлык кем ни әмма ләкин турында',
    ),
  },
  ba: {
    wordLength: 6.2,
    stopWords: list(
      'һәм менән был шул ул да ҙә ла лә өсөн бар юҡ түгел бер ине тип тигән булып булған була һуң тиклем беҙ һеҙ улар үҙ һәр генә йәки',
    ),
  },
  uz: {
    wordLength: 6.5,
    stopWords: list(
      'va bilan bu shu u ham uchun bor yoʻq emas bir edi deb degan boʻlib boʻlgan keyin biz siz ular oʻz har faqat yoki barcha kim nima lekin haqida ва билан бу шу у ҳам учун бор йўқ эмас бир эди деб деган бўлиб бўлган кейин биз сиз улар ўз ҳар фақат ёки барча',
    ),
  },
  tr: {
    wordLength: 6.4,
    stopWords: list(
      've bir bu da de için ile o ne çok daha gibi olarak olan ama her var yok değil ki en kadar sonra biz veya ya',
    ),
  },
  az: {
    wordLength: 6.2,
    stopWords: list(
      'və bir bu da də üçün ilə o nə çox daha kimi olaraq olan amma hər var yox deyil ki ən qədər sonra biz və ya',
    ),
  },
  de: {
    wordLength: 6.2,
    stopWords: list('der die das und ist in zu den nicht ein eine mit von auf für sich dem des im als auch es an'),
  },
  fr: {
    wordLength: 4.8,
    stopWords: list('le la les de des et est un une que qui dans en du pour pas au sur ne se il ce par avec'),
  },
  es: {
    wordLength: 5.1,
    stopWords: list('el la los las de y que en un una es no se por con para su al del lo como más o'),
  },
  it: {
    wordLength: 5.4,
    stopWords: list('il la i le di e che in un una è non si per con del della da al sono lo gli'),
  },
  pt: { wordLength: 5.1, stopWords: list('o a os as de e que em um uma é não se por com para do da no na ao como') },
  uk: {
    wordLength: 5.6,
    stopWords: list('і й та в у не на що з із як це за від до про але для або він вона вони ми ви я його її їх'),
  },
}

/**
 * What is known of a language; undefined for others, and when nobody said which language a text has.
 *
 * @example
 * languageRules('kk').wordLength // 6.2
 * languageRules('xx') // undefined
 */
export function languageRules(language: string | undefined): LanguageRules | undefined {
  return language !== undefined && Object.hasOwn(rules, language) ? rules[language] : undefined
}
