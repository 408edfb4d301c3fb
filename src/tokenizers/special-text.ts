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
    const pattern = new RegExp(names.length === 0 ? '(?!)' : names.map((name) => RegExp.escape(name)).join('|'), 'g')
    if (patterns.size > 15) patterns.clear()
    patterns.set(key, pattern)
    return pattern
  }

  return (text: string, allowed: AllowedSpecials): void => {
    if (allowed === true) return
    const isAllowed = typeof allowed === 'function' ? allowed : () => false
    const pattern = patternOf(typeof allowed === 'object' ? allowed : [])
    const found = text.matchAll(pattern).find((match) => !isAllowed(match[0], match.index))
    if (found === undefined) return
    throw new DataError(
      `encode: the special token ${found[0]} stands in the text at ${found.index}; allow it by allowSpecials, or take it as text by specialText: 'data'`,
    )
  }
}
