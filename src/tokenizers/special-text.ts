import { DataError } from '../base/index.ts'
import type { AllowedSpecials } from './segments.ts'

/**
 * Refuses a text that has the name of a special token in it, except of those that are allowed. So does tiktoken unless told
 * otherwise.
 *
 * @throws DataError that names the first, and says where it is
 */
export function refuseSpecials(text: string, specials: ReadonlyMap<string, number>, allowed: AllowedSpecials): void {
  if (allowed === true) return
  let first: readonly [name: string, at: number] | undefined
  for (const name of specials.keys()) {
    if (allowed?.includes(name)) continue
    const at = text.indexOf(name)
    if (at >= 0 && (first === undefined || at < first[1])) first = [name, at]
  }
  if (first === undefined) return
  throw new DataError(
    `encode: the special token ${first[0]} stands in the text at ${first[1]}; allow it by allowSpecials, or take it as text by specialText: 'data'`,
  )
}
