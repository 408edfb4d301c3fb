import { plainName } from './categories.ts'
import { scriptRuns } from './tables.ts'

/**
 * The characters of a script, as of Unicode 16.
 *
 * @param name as in `\p{Han}`; the scripts of most writing today, not all of them
 * @returns first and last code point of each range, in order; undefined for a script that is not known here
 */
export function scriptRanges(name: string): readonly (readonly [number, number])[] | undefined {
  const script = Object.keys(scriptRuns).find((other) => plainName(other) === plainName(name))
  if (script === undefined) return undefined
  const numbers = scriptRuns[script].split(' ').map((text) => Number.parseInt(text, 36))
  const ranges: [number, number][] = []
  for (let i = 0, at = 0; i < numbers.length; i += 2) {
    const start = at + numbers[i]
    at = start + numbers[i + 1]
    ranges.push([start, at - 1])
  }
  return ranges
}
