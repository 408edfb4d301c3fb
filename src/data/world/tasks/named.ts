import type { Entity } from '../entity.ts'
import type { Interviewed } from '../interview.ts'
import { follow } from '../template.ts'

/** What the answer of a question names, and what it could name instead. */
export interface Named {
  readonly gold: Entity
  /** Others of the same list, different from the gold and from one another in the language of the question. */
  readonly others: readonly Entity[]
}

/**
 * The entity that an answer names, when the table says so (see Production.names) and the question does not name it
 * already. People have people of their own sex beside them.
 */
export function namedBy({ question, environment, asks }: Interviewed): Named | undefined {
  const names = asks.asked?.names
  if (!names) return undefined
  const { language } = question
  const [slot, ...path] = names.path.split('.')
  const gold = follow(environment[slot], path)
  const asked = question.question.toLowerCase()
  if (asked.includes(gold[language].toLowerCase().slice(0, -1))) return undefined
  const texts = new Set([gold[language]])
  const others: Entity[] = []
  for (const item of environment.world.has[names.list]) {
    const other = names.fact === undefined ? item : item.is[names.fact]
    if (texts.has(other[language]) || other.is.he?.en !== gold.is.he?.en) continue
    // Who is asked about is no answer to the question about them.
    if (asked.includes(other[language].toLowerCase()) && other.is.he) continue
    texts.add(other[language])
    others.push(other)
  }
  return { gold, others: near(gold, others) }
}

/** Of numbers and times only the closest, which are harder to tell apart. */
function near(gold: Entity, others: readonly Entity[]): readonly Entity[] {
  const amount = ({ en }: Entity) =>
    /^\d+(:\d\d)?$/.test(en) ? Number(en.replace(/:(\d\d)$/, (_, m) => `.${m}`)) : Number.NaN
  if (Number.isNaN(amount(gold))) return others
  const distance = (other: Entity) => Math.abs(amount(other) - amount(gold))
  return [...others].sort((a, b) => distance(a) - distance(b)).slice(0, 8)
}

/** The answer that would be right if the world were another: with `other` in the place of what is named. */
export function answerWith({ question, environment, asks, phrasing }: Interviewed, other: Entity): string {
  const [slot, ...path] = asks.asked!.names!.path.split('.')
  const root = environment[slot]
  // Whoever stands for somebody takes the name, and keeps the facts by which the question knows them.
  const stand = path.length === 0 && root.is.he ? { ...root, en: other.en, kk: other.kk } : replaced(root, path, other)
  const changed = { ...environment, [slot]: stand }
  return phrasing.answer[question.language].render(changed)
}

function replaced(root: Entity, [step, ...rest]: readonly string[], other: Entity): Entity {
  if (step === undefined) return other
  return { ...root, is: { ...root.is, [step]: replaced(root.is[step], rest, other) } }
}
