/** A set of code points: inclusive ranges `[first, last]`, in order, that neither touch nor overlap. */
export type Ranges = readonly (readonly [first: number, last: number])[]

const LAST = 0x10ffff

/** Every character: all code points but the surrogates, which have no bytes in UTF-8. */
export const anyCharacter: Ranges = [
  [0, 0xd7ff],
  [0xe000, LAST],
]

/** The set of all code points of some ranges, in any order. */
export function unionOf(ranges: Iterable<readonly [number, number]>): Ranges {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0])
  const out: [number, number][] = []
  for (const [first, last] of sorted) {
    const before = out.at(-1)
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else out.push([first, last])
  }
  return out
}

/** What both sets hold. */
export function intersection(a: Ranges, b: Ranges): Ranges {
  const out: [number, number][] = []
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const first = Math.max(a[i][0], b[j][0])
    const last = Math.min(a[i][1], b[j][1])
    if (first <= last) out.push([first, last])
    if (a[i][1] < b[j][1]) i++
    else j++
  }
  return out
}

/** The characters that a set does not hold. */
export function complement(set: Ranges): Ranges {
  const out: [number, number][] = []
  let next = 0
  for (const [first, last] of set) {
    if (first > next) out.push([next, first - 1])
    next = last + 1
  }
  if (next <= LAST) out.push([next, LAST])
  return intersection(out, anyCharacter)
}

/** The set of the characters of a text. */
export function charactersOf(text: string): Ranges {
  return unionOf(Array.from(text, (each) => [each.codePointAt(0)!, each.codePointAt(0)!]))
}
