import type { Words } from '../index.ts'

/**
 * Hears of n = 2, 3, … 10 in turn how many characters of a text stand in runs of n words (n-grams) that it says more than
 * once. For n to 4: those of the commonest n-gram, times how often it stands there; 0 where none stands twice. From 5 on:
 * those of words in n-grams that stood before; a word in several counts once. So from 5 on they never grow.
 *
 * @param all code units of all words
 * @returns whether to go on
 */
export type GramVisitor = (n: number, characters: number, all: number) => boolean

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
 * Cost: some 20 ns a word in ordinary text; for text that repeats itself all over, 9 · step times as much.
 * Source: Rae et al. 2021, appendix A.1.1.
 *
 * @example
 * const figures = []
 * repeatedGrams(outlineOf('to be or not to be').words, 1, (n, characters, all) => figures.push([n, characters, all]) < 2)
 * figures // [[2, 8, 13], [3, 0, 13]]
 */
export function repeatedGrams(words: Words, step: number, visit: GramVisitor): void {
  const { count, starts, ends, hashes } = words
  if (room.before.length <= count) room = emptyRoom(2 * count)
  const { places, counts, before } = room
  let { classes, next } = room
  before[0] = 0
  for (let i = 0; i < count; i++) before[i + 1] = before[i] + ends[i] - starts[i]

  // `places` are those of n-grams that stand more than once; `classes` at a place is where its n-gram stood first.
  let left = repeatedWords(hashes, count, classes)
  for (let n = 2; n <= 10 * step; n++) {
    // Candidates: neighbours that are both left. The others cannot stand twice.
    let candidates = 0
    for (let k = 0; k + 1 < left; k++) {
      places[candidates] = places[k]
      candidates += isMore(2, places[k + 1] - places[k])
    }
    left = 0
    if (candidates > 1) {
      const mask = emptySlots(candidates)
      for (let k = 0; k < candidates; k++) {
        const place = places[k]
        const a = classes[place]
        const b = classes[place + 1]
        let slot = mixed(Math.imul(a, 0x9e3779b1) + b) & mask
        let first = slots[slot]
        while (first >= 0 && (classes[first] !== a || classes[first + 1] !== b))
          first = slots[(slot = (slot + 1) & mask)]
        counts[place] = 0
        if (first < 0) slots[slot] = first = place
        next[place] = first
        counts[first]++
      }
      for (let k = 0; k < candidates; k++) {
        const place = places[k]
        places[left] = place
        left += isMore(counts[next[place]], 1)
      }
    }
    ;[classes, next] = [next, classes]
    if (n % step !== 0 || n === step) continue
    const size = n / step
    const characters = size <= 4 ? charactersOfTop(left, n, classes) : charactersRepeated(left, n, classes)
    if (!visit(size, characters, before[count])) return
  }
}

/** Names each word by the place where it stood first, and fills `places` with those that stand more than once. */
function repeatedWords(hashes: Uint32Array, count: number, classes: Int32Array): number {
  const { places, counts } = room
  const mask = emptySlots(count)
  for (let i = 0; i < count; i++) {
    const hash = hashes[i]
    let slot = hash & mask
    let first = slots[slot]
    while (first >= 0 && hashes[first] !== hash) first = slots[(slot = (slot + 1) & mask)]
    counts[i] = 0
    if (first < 0) slots[slot] = first = i
    classes[i] = first
    counts[first]++
  }
  let left = 0
  for (let i = 0; i < count; i++) {
    places[left] = i
    left += isMore(counts[classes[i]], 1)
  }
  return left
}

/** 1 when the first is larger, else 0: no branch, since which it is cannot be foreseen. */
function isMore(a: number, b: number): number {
  return (b - a) >>> 31
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
