import type { Computed } from './arithmetic.ts'
import { pluralOf } from './english.ts'
import type { Entity } from './entity.ts'
import { entity, number } from './entity.ts'
import { type Case, decline, kazakhLetters, plural } from './kazakh.ts'

// What follows from words as words: their letters, their order, their forms.

/** A word made of one or two entities, the same object each time, so that what is written of it is kept. */
function made(slots: readonly string[], en: (...of: Entity[]) => string, kk: (...of: Entity[]) => string): Computed {
  const known = new Map<string, Entity>()
  return {
    uses: slots,
    tells: [],
    value(environment) {
      const of = slots.map((slot) => environment[slot])
      const key = of.map(({ id }) => id).join('|')
      let word = known.get(key)
      if (!word) known.set(key, (word = entity(en(...of), kk(...of))))
      return word
    },
  }
}

const both = (slot: string, write: (word: string) => string) =>
  made(
    [slot],
    (word) => write(word.en),
    (word) => write(word.kk),
  )

export const backwards = (slot: string) => both(slot, (word) => [...word].reverse().join(''))
export const capitals = (slot: string) => both(slot, (word) => word.toUpperCase())
export const firstLetter = (slot: string) => both(slot, (word) => word[0])
export const lastLetter = (slot: string) => both(slot, (word) => word.slice(-1))

/** How many letters the word has in the language of the document. */
export const letters = (slot: string): Computed => ({
  uses: [slot, 'lang'],
  tells: [],
  value: (environment) => number(environment[slot][environment.lang.id as 'en' | 'kk'].length),
})

/** The word in the case that another slot names; in English too it is the Kazakh word. */
export const declined = (slot: string, to: string) => {
  const write = (word: Entity, { en }: Entity) => decline(word.kk, en as Case)
  return made([slot, to], write, write)
}

/** The plural, in both languages. */
export const plurals = (slot: string) =>
  made(
    [slot],
    (word) => pluralOf(word.en),
    (word) => plural(word.kk),
  )

/** Three words in the order of the alphabet, with commas. */
export const alphabetical = (a: string, b: string, c: string) => {
  const write =
    (language: 'en' | 'kk') =>
    (...words: Entity[]) => {
      const sorted = words.map((word) => word[language]).sort(byAlphabet)
      return sorted.join(', ')
    }
  return made([a, b, c], write('en'), write('kk'))
}

/** Three numbers from the smallest on, with commas. */
export const ascending = (a: string, b: string, c: string) => {
  const write = (...numbers: Entity[]) =>
    numbers
      .map(({ en }) => Number(en))
      .sort((x, y) => x - y)
      .join(', ')
  return made([a, b, c], write, write)
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz' + kazakhLetters

function byAlphabet(a: string, b: string): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = alphabet.indexOf(a[i]) - alphabet.indexOf(b[i])
    if (order !== 0) return order
  }
  return a.length - b.length
}
