/** The mean of what was seen lately; the first values weigh fully, so it begins right. */
export interface Smoothed {
  /** Takes a value in and returns the mean. */
  add(value: number): number
}

/**
 * Exponential mean with a memory of about `span` values, corrected for its start (Kingma & Ba 2015, §3).
 *
 * @example
 * const mean = smoothed(10)
 * mean.add(4) // 4
 */
export function smoothed(span: number): Smoothed {
  const decay = 1 - 1 / span
  let sum = 0
  let weight = 0
  return {
    add(value) {
      sum = sum * decay + value * (1 - decay)
      weight = weight * decay + (1 - decay)
      return sum / weight
    },
  }
}

/** How much a value changed since `lag` values ago, or since the first; undefined for the first. */
export function changeOver(lag: number): (value: number) => number | undefined {
  const past: number[] = []
  return (value) => {
    past.push(value)
    if (past.length > lag + 1) past.shift()
    return past.length > 1 ? value - past[0] : undefined
  }
}
