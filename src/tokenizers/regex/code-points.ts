/**
 * Sets of code points, as the sorted places where membership changes: `[0x61, 0x7b]` is a to z. An even number of
 * places; the last is at most {@link pastLast}.
 */
export type CodePoints = readonly number[]

/** One more than the highest code point. */
export const pastLast = 0x110000

export const everything: CodePoints = [0, pastLast]

/** From `first` to `last`, both included. */
export const range = (first: number, last = first): CodePoints => [first, last + 1]

export function union(...sets: readonly CodePoints[]): CodePoints {
  const ranges: [number, number][] = []
  for (const set of sets) for (let i = 0; i < set.length; i += 2) ranges.push([set[i], set[i + 1]])
  ranges.sort((a, b) => a[0] - b[0])
  const places: number[] = []
  for (const [start, end] of ranges) {
    const last = places.length - 1
    if (last < 0 || start > places[last]) places.push(start, end)
    else if (end > places[last]) places[last] = end
  }
  return places
}

export function complement(set: CodePoints): CodePoints {
  const places = [...set]
  if (places[0] === 0) places.shift()
  else places.unshift(0)
  if (places.at(-1) === pastLast) places.pop()
  else places.push(pastLast)
  return places
}

export const intersection = (a: CodePoints, b: CodePoints): CodePoints =>
  complement(union(complement(a), complement(b)))

export function contains(set: CodePoints, code: number): boolean {
  let low = 0
  let high = set.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (set[middle] <= code) low = middle + 1
    else high = middle
  }
  // An odd number of changes lie at or before it.
  return (low & 1) === 1
}
