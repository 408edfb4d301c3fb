import type { Entity } from '../entity.ts'
import type { Draw } from '../generate.ts'
import { draws } from '../generate.ts'
import type { Interviewed, Question } from '../interview.ts'
import type { Language } from '../world-document.ts'

/** What tasks are made from. */
export interface TaskSource {
  readonly seed: number
  readonly root: Entity
  readonly asked: () => readonly Interviewed[]
}

/** Streams of random numbers, one for each sort of task. */
export const purposes = { choice: 0xc401ce, generation: 0x6e4, context: 0xc0437e, recall: 0x4eca11, preference: 0x94ef }

/** The randomness of task `index` of a set; a set is known by the seeds of its world and its own. */
export function drawsOf(source: TaskSource, seed: number, purpose: keyof typeof purposes, index: number): Draw {
  return draws(source.seed, seed, index, purposes[purpose])
}

export const below = (draw: Draw, limit: number): number => Math.floor(draw() * limit)

export const any = <T>(draw: Draw, items: readonly T[]): T => items[below(draw, items.length)]

/** `count` different items in random order, all of them where there are fewer. */
export function some<T>(draw: Draw, items: readonly T[], count = items.length): T[] {
  const rest = [...items]
  const taken = Math.min(count, rest.length)
  for (let i = 0; i < taken; i++) {
    const j = i + below(draw, rest.length - i)
    ;[rest[i], rest[j]] = [rest[j], rest[i]]
  }
  return rest.slice(0, taken)
}

/** The languages of a set, the next for each task in turn. */
export const languagesOf = (language: Language | undefined): readonly Language[] =>
  language ? [language] : ['en', 'kk']

export interface Wanted {
  readonly count: number
  readonly language?: Language
  readonly heldOut?: boolean
}

/**
 * Questions without repetition, from each kind and language in turn, so that kinds with many facts do not crowd out
 * the others. Fewer than `count` when there are no more.
 */
export function questionsInTurn(
  draw: Draw,
  asked: readonly Interviewed[],
  { count, language, heldOut }: Wanted,
  fits: (interviewed: Interviewed) => boolean = () => true,
): Interviewed[] {
  const groups = new Map<string, Interviewed[]>()
  for (const each of asked) {
    const { question } = each
    if (heldOut !== undefined && question.heldOut !== heldOut) continue
    if (language !== undefined && question.language !== language) continue
    const key = `${question.kind} ${question.language}`
    const group = groups.get(key)
    if (group) group.push(each)
    else groups.set(key, [each])
  }
  const queues = some(draw, [...groups.values()]).map((group) => some(draw, group))
  const taken: Interviewed[] = []
  for (let round = 0; taken.length < count; round++) {
    let isOver = true
    for (const queue of queues) {
      if (round >= queue.length) continue
      isOver = false
      if (taken.length < count && fits(queue[round])) taken.push(queue[round])
    }
    if (isOver) break
  }
  return taken
}

/** What every task says of the question it is made from. */
export type About = Pick<Question, 'kind' | 'language' | 'heldOut' | 'heldOutBy' | 'inferable'>

export function about({ kind, language, heldOut, heldOutBy, inferable }: Question): About {
  return { kind, language, heldOut, ...(heldOutBy && { heldOutBy }), ...(inferable !== undefined && { inferable }) }
}
