import { categories, categoryMask } from './categories.ts'

const patterns = new Map<string, RegExp | undefined>()

/** Whether text is in a script, as the engine knows it; undefined when there is no such script. */
function patternOf(name: string): RegExp | undefined {
  if (!patterns.has(name)) {
    let pattern: RegExp | undefined
    try {
      if (/^\w+$/.test(name)) pattern = new RegExp(`^\\p{sc=${name}}`, 'u')
    } catch {
      // No script has this name.
    }
    patterns.set(name, pattern)
  }
  return patterns.get(name)
}

/** Characters of Unicode 15.1 and 16, which not every engine knows. */
const newCharacters: readonly (readonly [script: string, first: number, last: number])[] = [
  ['Cyrillic', 0x1c89, 0x1c8a],
  ['Latin', 0xa7cb, 0xa7cd],
  ['Latin', 0xa7da, 0xa7dc],
  ['Myanmar', 0x116d0, 0x116e3],
  ['Han', 0x2ebf0, 0x2ee5d],
]

/** Whether a character is in a script; what later versions of Unicode have is not to be asked for. */
export function isInScript(codePoint: number, script: string): boolean {
  return (
    (patternOf(script)?.test(String.fromCodePoint(codePoint)) ?? false) ||
    newCharacters.some(([name, first, last]) => name === script && codePoint >= first && codePoint <= last)
  )
}

const withoutProperties = ['Cn', 'Cs', 'Co'].reduce((mask, name) => mask | categoryMask(name)!, 0)

/**
 * The characters of Unicode 16 for which something holds, none of them private, as first and last code point of each range,
 * in order. So what an engine knows of later versions is left out.
 */
export function rangesWhere(test: (codePoint: number) => boolean): readonly (readonly [number, number])[] {
  const ranges: [number, number][] = []
  categories(16).forEach((category, code) => {
    if ((withoutProperties >>> category) & 1 || !test(code)) return
    const last = ranges.at(-1)
    if (last?.[1] === code - 1) last[1] = code
    else ranges.push([code, code])
  })
  return ranges
}

/**
 * The characters of a script, as of Unicode 16.
 *
 * @param name as in `\p{Old_Italic}` or `\p{Ital}`; case does not matter, spaces are low lines
 * @returns first and last code point of each range, in order; undefined when there is no such script
 */
export function scriptRanges(name: string): readonly (readonly [number, number])[] | undefined {
  const words = name
    .trim()
    .toLowerCase()
    .split(/[\s_-]+/)
  const script = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('_')
  return patternOf(script) && rangesWhere((code) => isInScript(code, script))
}
