import type { Computed } from './arithmetic.ts'
import { ask, type Frame } from './ask.ts'
import type { Choice, Grammar } from './grammar.ts'
import { choice, given, pick, weighted } from './grammar.ts'

/** One kind of document as data: what is picked, what follows from it, and what is asked or told about it. */
export interface Production {
  /** How often, in proportion to the other kinds. */
  readonly weight: number
  /** Slot to list, in order; see {@link pick}. */
  readonly pick?: Readonly<Record<string, string>>
  readonly given?: Readonly<Record<string, Computed>>
  /** Phrasings of a question and its answer, as {@link ask} takes them; with several blocks, each is as likely. */
  readonly ask?: string | readonly string[]
  /** What the answers name and the list it is from, where there is such: `x.home of villages`. */
  readonly names?: string
  /** Whether a question is asked, or an assistant instructed; default question. */
  readonly frame?: Frame
  readonly tell?: Grammar
}

/** One of the productions, in proportion to their weights; option i is the i-th of them. */
export function grammarOf(productions: readonly Production[]): Choice {
  return weighted(...productions.map((production) => [production.weight, bodyOf(production)] as const))
}

function bodyOf({ ask: blocks = [], names, frame, tell, ...production }: Production): Grammar {
  const asked = (typeof blocks === 'string' ? [blocks] : blocks).map((block) => ask(block, { frame, names }))
  const told = tell ?? (asked.length === 1 ? asked[0] : choice(...asked))
  return pick(production.pick ?? {}, given(production.given ?? {}, told))
}
