import type { Words } from '../index.ts'

/** How many characters of a text stand in runs of n words (n-grams) that it says more than once. */
export interface RepeatedGrams {
  /** Code units of all words. */
  readonly characters: number
  /** For n = 2, 3, 4: those of the commonest n-gram, times how often it stands there; 0 where none stands twice. */
  readonly top: readonly number[]
  /** For n = 5, 6, … 10: those of words in n-grams that stood before; a word in several counts once. */
  readonly repeated: readonly number[]
}

// Rooms that are used again for every text.
let slots = new Int32Array(1 << 12)
let room = emptyRoom(1 << 11)

function emptyRoom(size: number) {
  const [classes, next, counts, places, before] = Array.from({ length: 5 }, () => new Int32Array(size + 1))
  return { classes, next, counts, places, before }
}

/**
 * Counts n-grams that are said more than once.
 *
 * An n-gram that stands twice consists of two (n−1)-grams that stand twice. So each n looks only at the places that were
 * left by n − 1; an n-gram is named by the names of these two, which makes comparisons exact; and in good text hardly any
 * place is left after n = 4.
 *
 * @param step words that are counted as one: n-grams are runs of n · step words
 * Cost: some 15 ns a word in ordinary text; for text that repeats itself all over, 9 · step times as much.
 * Source: Rae et al. 2021, appendix A.1.1.
 *
 * @example
 * repeatedGrams(outlineOf('to be or not to be').words)
 * // { characters: 13, top: [8, 0, 0], repeated: [0, 0, 0, 0, 0, 0] }
 */
export function repeatedGrams(words: Words, step = 1): RepeatedGrams {
  const { count, starts, ends, hashes } = words
  if (room.before.length <= count) room = emptyRoom(2 * count)
  const { places, counts, before } = room
  let { classes, next } = room
  before[0] = 0
  for (let i = 0; i < count; i++) before[i + 1] = before[i] + ends[i] - starts[i]

  const top = [0, 0, 0]
  const repeated = [0, 0, 0, 0, 0, 0]
  // `places` are those of n-grams that stand more than once; `classes` at a place is where its n-gram stood first.
  let left = repeatedWords(hashes, count, classes)
  for (let n = 2; n <= 10 * step && left > 1; n++) {
    // Candidates: neighbours that are both left.
    let candidates = 0
    for (let k = 0; k + 1 < left; k++) if (places[k + 1] === places[k] + 1) places[candidates++] = places[k]
    const mask = emptySlots(candidates)
    for (let k = 0; k < candidates; k++) {
      const place = places[k]
      const a = classes[place]
      const b = classes[place + 1]
      let slot = mixed(Math.imul(a, 0x9e3779b1) ^ b) & mask
      while (slots[slot] >= 0 && (classes[slots[slot]] !== a || classes[slots[slot] + 1] !== b))
        slot = (slot + 1) & mask
      if (slots[slot] < 0) {
        slots[slot] = place
        counts[place] = 0
      }
      const first = slots[slot]
      next[place] = first
      counts[first]++
    }
    left = 0
    for (let k = 0; k < candidates; k++) if (counts[next[places[k]]] > 1) places[left++] = places[k]
    ;[classes, next] = [next, classes]
    if (n % step !== 0) continue
    const size = n / step
    if (size >= 2 && size <= 4) top[size - 2] = charactersOfTop(left, n, classes)
    else if (size >= 5) repeated[size - 5] = charactersRepeated(left, n, classes)
  }
  return { characters: before[count], top, repeated }
}

/** Names each word by the place where it stood first, and fills `places` with those that stand more than once. */
function repeatedWords(hashes: Uint32Array, count: number, classes: Int32Array): number {
  const { places, counts } = room
  const mask = emptySlots(count)
  for (let i = 0; i < count; i++) {
    const hash = hashes[i]
    let slot = hash & mask
    while (slots[slot] >= 0 && hashes[slots[slot]] !== hash) slot = (slot + 1) & mask
    if (slots[slot] < 0) {
      slots[slot] = i
      counts[i] = 0
    }
    const first = slots[slot]
    classes[i] = first
    counts[first]++
  }
  let left = 0
  for (let i = 0; i < count; i++) if (counts[classes[i]] > 1) places[left++] = i
  return left
}

/** The commonest; among equally common ones that with the most characters. */
function charactersOfTop(left: number, n: number, classes: Int32Array): number {
  const { places, counts, before } = room
  let most = 0
  let characters = 0
  for (let k = 0; k < left; k++) {
    const place = places[k]
    if (classes[place] !== place || counts[place] < most) continue
    const size = before[place + n] - before[place]
    if (counts[place] > most || size > characters) characters = size
    most = counts[place]
  }
  return most * characters
}

function charactersRepeated(left: number, n: number, classes: Int32Array): number {
  const { places, before } = room
  let characters = 0
  let end = 0
  for (let k = 0; k < left; k++) {
    const place = places[k]
    if (classes[place] === place) continue
    characters += before[place + n] - before[Math.max(place, end)]
    end = place + n
  }
  return characters
}

/** Empties a table of at least twice so many slots; gives its mask. */
function emptySlots(count: number): number {
  let size = 16
  while (size < 2 * count) size *= 2
  if (slots.length < size) slots = new Int32Array(size)
  slots.fill(-1, 0, size)
  return size - 1
}

function mixed(hash: number): number {
  const x = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
  return x ^ (x >>> 13)
}
