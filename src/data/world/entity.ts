import { scattered } from '../../base/index.ts'

/**
 * A thing of the world with its name in both languages, and what is true of it: `is` holds single facts (home,
 * colour, price), `has` holds lists (kin, weather). Facts are edges between entities, so a template walks them:
 * `{x.home}`, `{k.who.pet}`.
 */
export interface Entity {
  /** Unique among all entities of its sort. */
  readonly id: string
  readonly en: string
  readonly kk: string
  readonly is: Record<string, Entity>
  readonly has: Record<string, readonly Entity[]>
  /** 32 bits of the id, to choose what is held out without building strings. */
  readonly hash: number
  /** What no document tells: names of facts in `is`; of the world itself, templates (see held-out.ts). */
  readonly hides?: ReadonlySet<string>
}

export function entity(en: string, kk: string, is: Record<string, Entity> = {}, id = en): Entity {
  return { id, en, kk, is, has: {}, hash: hashText(id) }
}

/** FNV-1a over UTF-16 units (Fowler, Noll, Vo), enough to scatter short names. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** A bijection of 32 bits that scatters neighbours, from 0. */
export const mix = (word: number): number => scattered(word) >>> 0

const englishWords =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'.split(
    ' ',
  )
const kazakhDigits = 'нөл бір екі үш төрт бес алты жеті сегіз тоғыз'.split(' ')

function kazakhWord(n: number): string {
  if (n < 10) return kazakhDigits[n]
  if (n === 20) return 'жиырма'
  return n === 10 ? 'он' : `он ${kazakhDigits[n - 10]}`
}

const numbers: Entity[] = []

/** The number n as an entity, the same object each time; `is.word` spells it out up to twenty. */
export function number(n: number): Entity {
  numbers[n] ??= entity(`${n}`, `${n}`, n <= 20 ? { word: entity(englishWords[n], kazakhWord(n)) } : {})
  return numbers[n]
}

/** The number that an entity made by {@link number} stands for. */
export function quantity(numeral: Entity): number {
  return Number(numeral.en)
}
