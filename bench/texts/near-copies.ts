import { random } from '../../src/base/index.ts'
import { outlineOf } from '../../src/data/index.ts'

/** Documents by number, so that every thread can make its own. */
export interface NearCopies {
  document(number: number): string
  /** The document that this one is a copy of, with some words changed; undefined for nine of ten. */
  original(number: number): number | undefined
}

/** Code units of a document, about. */
const length = 3000
const every = 10
/** A copy changes up to this share of words: with 5 words a shingle, similarities from 1 down to 0.6. */
const mostChanged = 0.05

/** Documents of runs of 20 to 60 words of a text; every tenth is a copy of the one five before it. */
export function nearCopies(text: string, seed: number): NearCopies {
  const { starts, ends, count } = outlineOf(text).words
  const original = (number: number) => (number % every === every - 1 ? number - 5 : undefined)
  const fresh = (number: number) => {
    const rng = random(seed, number)
    let made = ''
    while (made.length < length) {
      const size = 20 + rng.integer(41)
      const first = rng.integer(count - size)
      made += `${text.slice(starts[first], ends[first + size - 1])}. `
    }
    return made
  }
  const changed = (number: number, of: string) => {
    const rng = random(seed, number)
    const share = rng.next() * mostChanged
    return of
      .split(' ')
      .map((word) => (rng.next() < share ? `other${rng.integer(1e6)}` : word))
      .join(' ')
  }
  return {
    original,
    document(number) {
      const source = original(number)
      return source === undefined ? fresh(number) : changed(number, fresh(source))
    },
  }
}
