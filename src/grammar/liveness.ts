import { ConfigError } from '../base/index.ts'
import type { Masks } from './masks.ts'
import type { States } from './states.ts'

const mostStates = 20_000

/**
 * Whether tokens can finish a text, for vocabularies that lack single bytes: what the language allows may then have no
 * spelling.
 */
export class Liveness {
  readonly #states: States
  readonly #masks: Masks
  readonly #known = new Map<number, boolean>()

  constructor(states: States, masks: Masks) {
    this.#states = states
    this.#masks = masks
  }

  /**
   * Whether some tokens lead from a state to an end.
   *
   * @throws ConfigError when that cannot be found in a bounded search
   * Cost: a walk over the vocabulary for each state that was not met before, up to the first that may end.
   */
  isAlive(start: number): boolean {
    const before = this.#known.get(start)
    if (before !== undefined) return before
    /** From where a state was reached first. */
    const origins = new Map<number, number>([[start, -1]])
    for (const state of origins.keys()) {
      if (this.#states.mayEnd(state) || this.#known.get(state) === true) {
        for (let each = state; each >= 0; each = origins.get(each)!) this.#known.set(each, true)
        return true
      }
      if (this.#known.get(state) === false) continue
      if (origins.size > mostStates) {
        throw new ConfigError(
          'grammar: the vocabulary lacks tokens for single bytes, and whether it can spell what the grammar asks for was not ' +
            `found among ${mostStates} states; use a tokenizer with byte fallback, or a smaller grammar`,
        )
      }
      for (const target of this.#masks.targets(state).keys()) if (!origins.has(target)) origins.set(target, state)
    }
    for (const state of origins.keys()) this.#known.set(state, false)
    return false
  }
}
