import type { Arguments } from './arguments.ts'
import type { Cursor } from './cursor.ts'

export interface Label {
  /** Without `__label__`. */
  readonly name: string
  readonly count: number
}

/** What a model knows by name, and where n-grams are. */
export interface Dictionary {
  readonly labels: readonly Label[]
  /** Rows of the input matrix. */
  readonly rows: number
  /**
   * Appends the rows of what a line of text consists of: its words, parts of words, word n-grams and the end of the line.
   *
   * @returns how many were written to `rows`, which grows when it is too small
   */
  features(line: Uint8Array, rows: Rows): number
}

/** A list of numbers whose room is used again. */
export interface Rows {
  values: Int32Array
}

const endOfLine = new TextEncoder().encode('</s>')
const labelPrefix = new TextEncoder().encode('__label__')
/** `<` and `>` around a word show where it begins and ends. */
const opening = 0x3c
const closing = 0x3e
const hashStart = 0x811c9dc5 | 0

/** @throws FormatError */
export function readDictionary(file: Cursor, settings: Arguments): Dictionary {
  const at = file.at
  const size = file.int32('the number of entries')
  const words = file.int32('the number of words')
  const labelCount = file.int32('the number of labels')
  file.int64('the number of tokens')
  const pruned = file.int64('the number of n-grams kept')
  // An entry has at least ten bytes.
  if (words < 0 || labelCount < 1 || words + labelCount !== size || size > file.left / 10) {
    throw file.wrong(`${size} entries, ${words} words and ${labelCount} labels in ${file.left} bytes`, at)
  }
  if (pruned < -1 || pruned > file.left / 8 || pruned > settings.buckets) {
    throw file.wrong(`${pruned} n-grams are said to be kept, of ${settings.buckets}`, at + 20)
  }
  const index = new WordIndex(words)
  const labels: Label[] = []
  const decoder = new TextDecoder()
  for (let i = 0; i < size; i++) {
    const start = file.at
    const word = file.zeroTerminated('an entry')
    const count = file.int64('the count of an entry')
    const isLabel = file.flag('the type of an entry')
    if (isLabel !== i >= words) throw file.wrong('words must come before labels', start)
    if (!isLabel) index.add(word, i)
    else {
      // Codes of hierarchical softmax are made from the counts; fastText stands 10^15 for no count yet.
      if (count < 0 || count > 1e12) throw file.wrong(`a label with count ${count}`, start)
      const name = decoder.decode(word)
      labels.push({ name: name.startsWith('__label__') ? name.slice('__label__'.length) : name, count })
    }
  }
  const kept = pruned < 0 ? undefined : readKept(file, pruned, settings.buckets)
  const rows = words + (pruned < 0 ? settings.buckets : pruned)
  return { labels, rows, features: featuresOf({ settings, words, index, kept }) }
}

/** The n-grams that a compressed model kept: their numbers before and after. */
function readKept(file: Cursor, count: number, buckets: number): Numbers {
  const kept = new Numbers(count)
  for (let i = 0; i < count; i++) {
    const at = file.at
    const from = file.int32('an n-gram')
    const to = file.int32('its new number')
    if (from < 0 || from >= buckets || to < 0 || to >= count) throw file.wrong(`n-gram ${from} became ${to}`, at)
    kept.set(from, to)
  }
  return kept
}

function featuresOf({
  settings: { wordNgrams, buckets, fewest, most },
  words,
  index,
  kept,
}: {
  settings: Arguments
  words: number
  index: WordIndex
  kept: Numbers | undefined
}): Dictionary['features'] {
  const hashes: Rows = { values: new Int32Array(256) }
  let word = new Uint8Array(256)

  return (line, rows) => {
    let count = 0
    let tokens = 0

    const push = (bucket: number) => {
      const number = kept === undefined ? bucket : kept.get(bucket)
      if (number >= 0) count = append(rows, count, words + number)
    }

    /** The parts of the word that stands in `word` between its signs. */
    const pushParts = (length: number) => {
      for (let i = 0; i < length; i++) {
        if ((word[i] & 0xc0) === 0x80) continue
        let hash = hashStart
        for (let j = i, n = 1; j < length && n <= most; n++) {
          do hash = hashed(hash, word[j++])
          while (j < length && (word[j] & 0xc0) === 0x80)
          if (n >= fewest && !(n === 1 && (i === 0 || j === length))) push((hash >>> 0) % buckets)
        }
      }
    }

    const pushWord = (from: number, to: number, bytes: Uint8Array) => {
      const hash = hashOf(bytes, from, to)
      const id = index.find(bytes, from, to, hash)
      if (id < 0 && startsWith(bytes, from, to, labelPrefix)) return
      tokens = append(hashes, tokens, hash)
      if (id >= 0) count = append(rows, count, id)
      if (most === 0 || bytes === endOfLine) return
      const length = to - from + 2
      if (word.length < length) word = new Uint8Array(2 * length)
      word[0] = opening
      word.set(bytes.subarray(from, to), 1)
      word[length - 1] = closing
      pushParts(length)
    }

    let from = 0
    for (let i = 0; i <= line.length; i++) {
      const byte = i < line.length ? line[i] : 0x20
      if (byte !== 0x20 && byte !== 0 && (byte < 0x09 || byte > 0x0d)) continue
      if (i > from) pushWord(from, i, line)
      from = i + 1
    }
    pushWord(0, endOfLine.length, endOfLine)

    for (let i = 0; wordNgrams > 1 && i < tokens; i++) {
      // 64 bits, of which products only need the lower ones; hashes count as signed.
      let low = hashes.values[i] >>> 0
      let high = (hashes.values[i] >> 31) >>> 0
      for (let j = i + 1; j < tokens && j < i + wordNgrams; j++) {
        high = (Math.imul(high, 116049371) + highProduct(low, 116049371)) >>> 0
        const next = (Math.imul(low, 116049371) >>> 0) + (hashes.values[j] >>> 0)
        low = next >>> 0
        high = (high + (hashes.values[j] >> 31) + (next > 0xffffffff ? 1 : 0)) >>> 0
        let rest = high % buckets
        rest = (rest * 65536 + (low >>> 16)) % buckets
        push((rest * 65536 + (low & 0xffff)) % buckets)
      }
    }
    return count
  }
}

/** Bits 32 to 63 of the product of two numbers of 32 bits. */
function highProduct(a: number, b: number): number {
  const low = (a & 0xffff) * (b & 0xffff)
  const middle = (a >>> 16) * (b & 0xffff) + Math.floor(low / 65536)
  const other = (a & 0xffff) * (b >>> 16) + (middle % 65536)
  return ((a >>> 16) * (b >>> 16) + Math.floor(middle / 65536) + Math.floor(other / 65536)) >>> 0
}

/** A byte more of FNV-1a (Fowler, Noll, Vo), with bytes as signed characters, as fastText has them. */
const hashed = (hash: number, byte: number): number => Math.imul(hash ^ ((byte << 24) >> 24), 0x01000193)

function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = hashStart
  for (let i = from; i < to; i++) hash = hashed(hash, bytes[i])
  return hash
}

function startsWith(bytes: Uint8Array, from: number, to: number, prefix: Uint8Array): boolean {
  if (to - from < prefix.length) return false
  for (let i = 0; i < prefix.length; i++) if (bytes[from + i] !== prefix[i]) return false
  return true
}

function append(rows: Rows, count: number, value: number): number {
  if (count === rows.values.length) {
    const more = new Int32Array(2 * count)
    more.set(rows.values)
    rows.values = more
  }
  rows.values[count] = value
  return count + 1
}

/** A power of two that leaves half of the slots empty. */
const slotsFor = (count: number): number => 2 ** Math.ceil(Math.log2(Math.max(2 * count, 16)))

/** Numbers of words by their bytes. */
class WordIndex {
  readonly #mask: number
  readonly #ids: Int32Array
  readonly #hashes: Int32Array
  readonly #words: Uint8Array[] = []

  constructor(count: number) {
    const slots = slotsFor(count)
    this.#mask = slots - 1
    this.#ids = new Int32Array(slots).fill(-1)
    this.#hashes = new Int32Array(slots)
  }

  /** Words in the order of their ids; the first of equal ones counts. */
  add(word: Uint8Array, id: number): void {
    this.#words.push(word.slice())
    const hash = hashOf(word, 0, word.length)
    const slot = this.#slot(word, 0, word.length, hash)
    if (this.#ids[slot] >= 0) return
    this.#ids[slot] = id
    this.#hashes[slot] = hash
  }

  /** −1 when it is not there. */
  find(bytes: Uint8Array, from: number, to: number, hash: number): number {
    return this.#ids[this.#slot(bytes, from, to, hash)]
  }

  #slot(bytes: Uint8Array, from: number, to: number, hash: number): number {
    for (let slot = scattered(hash) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const id = this.#ids[slot]
      if (id < 0) return slot
      if (this.#hashes[slot] === hash && isAt(this.#words[id], bytes, from, to)) return slot
    }
  }
}

function isAt(word: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (word.length !== to - from) return false
  for (let i = 0; i < word.length; i++) if (word[i] !== bytes[from + i]) return false
  return true
}

/** Numbers by numbers. */
class Numbers {
  readonly #mask: number
  readonly #keys: Int32Array
  readonly #values: Int32Array

  constructor(count: number) {
    const slots = slotsFor(count)
    this.#mask = slots - 1
    this.#keys = new Int32Array(slots).fill(-1)
    this.#values = new Int32Array(slots)
  }

  set(key: number, value: number): void {
    const slot = this.#slot(key)
    this.#keys[slot] = key
    this.#values[slot] = value
  }

  /** −1 when it is not there. */
  get(key: number): number {
    const slot = this.#slot(key)
    return this.#keys[slot] < 0 ? -1 : this.#values[slot]
  }

  #slot(key: number): number {
    let slot = scattered(key) & this.#mask
    while (this.#keys[slot] >= 0 && this.#keys[slot] !== key) slot = (slot + 1) & this.#mask
    return slot
  }
}

const scattered = (hash: number): number => {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return mixed ^ (mixed >>> 13)
}
