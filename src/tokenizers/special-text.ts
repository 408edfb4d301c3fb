import { DataError } from '../base/index.ts'
import type { AllowedSpecials } from './segments.ts'

/**
 * Refuses texts that have the name of a special token in them, except of those that are allowed. So does tiktoken unless
 * told otherwise.
 *
 * @returns a function that throws a DataError, which names the first and says where it is
 */
export function specialRefuser(specials: ReadonlyMap<string, number>) {
  const patterns = new Map<string, RegExp>()

  function patternOf(allowed: readonly string[]): RegExp {
    const key = JSON.stringify(allowed)
    const known = patterns.get(key)
    if (known !== undefined) return known
    const names = [...specials.keys()].filter((name) => !allowed.includes(name))
    // Without names it matches nothing.
    const pattern = new RegExp(names.length === 0 ? '(?!)' : names.map((name) => RegExp.escape(name)).join('|'))
    if (patterns.size > 15) patterns.clear()
    patterns.set(key, pattern)
    return pattern
  }

  return (text: string, allowed: AllowedSpecials): void => {
    const found = allowed === true ? null : patternOf(allowed ?? []).exec(text)
    if (found === null) return
    throw new DataError(
      `encode: the special token ${found[0]} stands in the text at ${found.index}; allow it by allowSpecials, or take it as text by specialText: 'data'`,
    )
  }
}
