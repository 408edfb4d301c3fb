import { type LanguageMarks, languageMarks } from './language-marks.ts'
import { apostrophe, frequencies, letter, letterKinds, markedLetters, scripts, smallLetters } from './letter-kinds.ts'

/** What letters and little words say of a text. */
export interface LanguageEvidence {
  /** ISO 15924; `Zyyy` where the script has no marks. */
  readonly script: string
  /** The language that fits best, undefined for scripts without marks. */
  readonly language?: string
  /** How many nats it fits better than the next language. */
  readonly margin: number
  /** Its frequent words and endings as a share of those expected: around 1 in its texts, near 0 in those of unknown languages. */
  readonly words: number
  /** Letters that the language does not have, as a share of all letters. */
  readonly foreign: number
}

/** A letter or word that a language does not name is still met in it: names, quotations. */
const foreignLetter = 0.00015
const foreignWord = 0.0004
const foreignEnding = 0.004
/** Share of the words that end in one of a language's endings. */
const endingShare = 0.4

/** All languages of a script: log-rates of marks, `[marks, languages]`, and the sum of the rates of each language. */
interface ScriptTable {
  readonly languages: readonly LanguageMarks[]
  /** `[letters + 2, languages]` */
  readonly letters: Float64Array
  readonly letterSums: Float64Array
  /** `[words, languages]` */
  readonly words: Float64Array
  readonly wordSums: Float64Array
  /** `[words, languages]`: whether the language names the word or ending. */
  readonly own: Uint8Array
  /** Open addressing: hash and number of each word; number −1 where empty. */
  readonly hashes: Int32Array
  readonly numbers: Int16Array
}

const slots = 4096
let tables: ReadonlyMap<string, ScriptTable> | undefined

function tableOf(script: string): ScriptTable | undefined {
  tables ??= new Map((['Latn', 'Cyrl', 'Arab'] as const).map((name) => [name, makeTable(name)]))
  return tables.get(script)
}

function makeTable(script: 'Latn' | 'Cyrl' | 'Arab'): ScriptTable {
  const languages = languageMarks.filter((marks) => marks.script === script)
  const names = markedLetters[script]
  const width = languages.length
  const letters = new Float64Array((names.length + 2) * width)
  const letterSums = new Float64Array(width)
  for (const [l, language] of languages.entries()) {
    const rates = frequencies(language.letters)
    for (const [i, name] of names.entries()) {
      const rate = (rates.get(name) ?? 0) + foreignLetter
      letters[(i + 2) * width + l] = Math.log(rate)
      letterSums[l] += rate
    }
  }

  const numbers = new Int16Array(slots).fill(-1)
  const hashes = new Int32Array(slots)
  const rates: Map<number, number>[] = languages.map(() => new Map())
  const floors: number[] = []
  const add = (hash: number, floor: number, l: number, rate: number) => {
    const slot = slotOf(hashes, numbers, hash)
    if (numbers[slot] < 0) {
      numbers[slot] = floors.length
      hashes[slot] = hash
      floors.push(floor)
    }
    rates[l].set(numbers[slot], rate)
  }
  for (const [l, { words, endings, share }] of languages.entries()) {
    const list = words.split(' ')
    // Zipf's law: the word of rank r is met about 1 / (r + 2) as often.
    const total = list.reduce((sum, _, rank) => sum + 1 / (rank + 2), 0)
    for (const [rank, word] of list.entries()) add(hashOf(word), foreignWord, l, share / (rank + 2) / total)
    const ends = endings?.split(' ') ?? []
    for (const end of ends)
      if (end.length === 3)
        add(
          hashOfEnding(end.charCodeAt(0), end.charCodeAt(1), end.charCodeAt(2)),
          foreignEnding,
          l,
          endingShare / ends.length,
        )
  }
  const words = new Float64Array(floors.length * width)
  const own = new Uint8Array(floors.length * width)
  const wordSums = new Float64Array(width)
  for (let l = 0; l < width; l++) {
    for (const [i, floor] of floors.entries()) {
      const rate = (rates[l].get(i) ?? 0) + floor
      words[i * width + l] = Math.log(rate)
      wordSums[l] += rate
      if (rates[l].has(i)) own[i * width + l] = 1
    }
  }
  return { languages, letters, letterSums, words, wordSums, own, hashes, numbers }
}

/** The slot of a hash, or the empty one where it would be. */
function slotOf(hashes: Int32Array, numbers: Int16Array, hash: number): number {
  let slot = (hash ^ (hash >>> 15)) & (slots - 1)
  while (numbers[slot] >= 0 && hashes[slot] !== hash) slot = (slot + 1) & (slots - 1)
  return slot
}

function hashOf(word: string): number {
  let hash = 0x811c9dc5 | 0
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193)
  return hash
}

function hashOfEnding(first: number, second: number, third: number): number {
  return Math.imul(Math.imul(Math.imul(first, 0x9e3779b1) ^ second, 0x85ebca6b) ^ third, 0xc2b2ae35)
}

/** Where the apostrophe of oʻ and gʻ is counted. */
const uzbekMark = letter + 2 + markedLetters.Latn.indexOf('ʻ')

/** Counts of the text that is looked at; used again for the next. */
const counts = {
  scripts: new Uint32Array(scripts.length),
  /** `[scripts, 256]` */
  letters: new Uint32Array(scripts.length * 256),
  /** Word and ending hashes of the text, as many as `words`. */
  hashes: new Int32Array(256),
  endings: new Int32Array(256),
}

/**
 * Weighs the letters and little words of a text under each language that {@link languageMarks} knows. Counts of letters and
 * words are taken as Poisson distributed, each with the rate that the language gives it.
 *
 * Cost: some microseconds for 300 characters; linear in the text.
 */
export function languageEvidence(text: string): LanguageEvidence | undefined {
  const words = count(text)
  const letters = counts.scripts
  const han = letters[4] + letters[5]
  let script = 0
  let most = 0
  for (let s = 1; s < letters.length; s++) {
    // One letter of Chinese or Japanese says as much as two or three of others.
    const weight = s === 4 ? 2 * han : s === 5 ? 0 : letters[s]
    if (weight > most) {
      most = weight
      script = s
    }
  }
  if (script === 0) return undefined
  if (script === 4) {
    const japanese = letters[5] > 0.05 * han
    return {
      script: japanese ? 'Jpan' : 'Hani',
      language: japanese ? 'ja' : 'zh',
      margin: han,
      words: 1,
      foreign: 0,
    }
  }
  const table = tableOf(scripts[script])
  if (table === undefined) return { script: 'Zyyy', margin: 0, words: 0, foreign: 0 }
  return weigh(table, script, words)
}

/** Fills {@link counts}; returns how many words it holds. */
function count(text: string): number {
  const kinds = letterKinds()
  const small = smallLetters()
  const { letters, hashes, endings } = counts
  counts.scripts.fill(0)
  letters.fill(0)
  let words = 0
  let hash = 0
  let length = 0
  let last = 0
  let before = 0
  let third = 0
  for (let i = 0; i <= text.length; i++) {
    let unit = i < text.length ? text.charCodeAt(i) : 0
    const kind = kinds[unit]
    if (kind >= letter) {
      counts.scripts[kind >>> 8]++
      letters[kind]++
      if (unit < 0x2000) unit = small[unit]
      if (length === 0) hash = 0x811c9dc5 | 0
      hash = Math.imul(hash ^ unit, 0x01000193)
      third = before
      before = last
      last = unit
      length++
    } else {
      if (
        kind === apostrophe &&
        length > 0 &&
        (last === 0x6f || last === 0x67) &&
        kinds[text.charCodeAt(i + 1)] >= letter
      ) {
        letters[uzbekMark]++
        continue
      }
      if (length > 0 && words < hashes.length) {
        hashes[words] = hash
        endings[words] = length > 3 ? hashOfEnding(third, before, last) : 0
        words++
      }
      length = 0
    }
  }
  return words
}

function weigh(table: ScriptTable, script: number, words: number): LanguageEvidence {
  const { languages } = table
  const width = languages.length
  const all = counts.scripts[script]
  const scores = new Float64Array(width)
  for (let l = 0; l < width; l++) {
    scores[l] = -all * table.letterSums[l] - words * table.wordSums[l] - (languages[l].rare ?? 0)
  }
  const marks = table.letters.length / width
  for (let mark = 2; mark < marks; mark++) {
    const times = counts.letters[script * letter + mark]
    if (times === 0) continue
    for (let l = 0; l < width; l++) scores[l] += times * table.letters[mark * width + l]
  }
  const known = new Uint32Array(width)
  for (let w = 0; w < words; w++) {
    for (const hash of [counts.hashes[w], counts.endings[w]]) {
      const number = table.numbers[slotOf(table.hashes, table.numbers, hash)]
      if (number < 0) continue
      for (let l = 0; l < width; l++) {
        scores[l] += table.words[number * width + l]
        known[l] += table.own[number * width + l]
      }
    }
  }
  let best = 0
  for (let l = 1; l < width; l++) if (scores[l] > scores[best]) best = l
  let next = -Infinity
  for (let l = 0; l < width; l++) if (l !== best && scores[l] > next) next = scores[l]

  let foreign = counts.letters[script * letter + 1]
  const floor = Math.log(2 * foreignLetter)
  for (let mark = 2; mark < marks; mark++) {
    if (table.letters[mark * width + best] < floor) foreign += counts.letters[script * letter + mark]
  }
  const { language, share, endings } = languages[best]
  const expected = words * (endings === undefined ? share : share + endingShare)
  return {
    script: scripts[script],
    language,
    margin: scores[best] - next,
    words: known[best] / Math.max(1, expected),
    foreign: foreign / all,
  }
}
