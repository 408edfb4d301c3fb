export interface Removal {
  /** What is left. */
  readonly text: string
  /** How many pieces were taken out. */
  readonly spans: number
  /** Code units that were taken out. */
  readonly removed: number
}

/**
 * A text without some of its parts.
 *
 * @param spans code units [from, to) in order, which do not overlap
 *
 * @example
 * withoutSpans('one two three', [[3, 7]]).text // 'one three'
 */
export function withoutSpans(text: string, spans: Iterable<readonly [number, number]>): Removal {
  const parts: string[] = []
  let at = 0
  let count = 0
  let removed = 0
  for (const [from, to] of spans) {
    parts.push(text.slice(at, from))
    at = to
    count++
    removed += to - from
  }
  return { text: count === 0 ? text : parts.join('') + text.slice(at), spans: count, removed }
}
