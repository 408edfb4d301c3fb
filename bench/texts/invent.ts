import { random } from '../../src/base/index.ts'

// More text than there is of a language at hand: its own words again, and new ones that are spelt as its words are.

export interface InventOptions {
  readonly seed: number
  /** Code units of text to make, about. */
  readonly length: number
  /**
   * How fast new words come, from 0 to 1: with T words known after n, the next one is new with the probability
   * newness · T / n, and otherwise one of the n before. Frequencies then follow Zipf's law.
   * Source: the Pitman–Yor process with discount = newness; Pitman and Yor 1997.
   */
  readonly newness: number
  /** Letters before the next one that decide it. */
  readonly order: number
}

/** A word and what stands between it and the next one. */
const words = /[\p{L}\p{M}]+[^\p{L}\p{M}]*/gu

/**
 * Goes on from a text, which is not part of the result. The same options give the same text.
 *
 * @returns parts of about 64 Ki code units
 */
export function* invented(text: string, { seed, length, newness, order }: InventOptions): Generator<string> {
  const rng = random(seed)
  const said: string[] = text.match(words) ?? []
  const spell = speller(said.map(wordOf), order)
  const known = new Set(said.map(wordOf))
  let part = ''
  for (let made = 0; made < length; ) {
    const before = said[rng.integer(said.length)]
    let next = before
    if (rng.next() < (newness * known.size) / said.length) {
      const word = unknownWord(known, () => spell(rng.next))
      known.add(word)
      next = word + before.slice(wordOf(before).length)
    }
    said.push(next)
    part += next
    made += next.length
    if (part.length < 1 << 16 && made < length) continue
    yield part
    part = ''
  }
}

/** Words that nobody said before, each of them once. */
export function* newWords(text: string, { seed, order }: Pick<InventOptions, 'seed' | 'order'>): Generator<string> {
  const rng = random(seed)
  const said = (text.match(words) ?? []).map(wordOf)
  const known = new Set(said)
  const spell = speller(said, order)
  for (;;) {
    const word = unknownWord(known, () => spell(rng.next))
    known.add(word)
    yield word
  }
}

/** Spellings that are tried before two are put together: a short list of words has only so many neighbours. */
const tries = 50

function unknownWord(known: ReadonlySet<string>, spell: () => string): string {
  let word = spell()
  for (let i = 1; known.has(word); i++) word = i < tries ? spell() : word + spell()
  return word
}

const wordOf = (said: string) => /^[\p{L}\p{M}]+/u.exec(said)![0]

const end = '\n'

/** Spells words as a Markov chain over the letters of the given ones. */
function speller(examples: readonly string[], order: number): (draw: () => number) => string {
  const follows = new Map<string, string[]>()
  for (const word of new Set(examples)) {
    const letters = [...word, end]
    letters.forEach((letter, i) => {
      const context = letters.slice(Math.max(0, i - order), i).join('')
      const list = follows.get(context)
      if (list === undefined) follows.set(context, [letter])
      else list.push(letter)
    })
  }
  return (draw) => {
    const letters: string[] = []
    for (;;) {
      const list = follows.get(letters.slice(-order).join(''))!
      const letter = list[Math.floor(draw() * list.length)]
      if (letter === end) return letters.join('')
      letters.push(letter)
    }
  }
}
