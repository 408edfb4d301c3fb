/** When a value must have its bytes: from the step that writes it to the last that reads it, both included. */
export interface Lifetime {
  readonly bytes: number
  readonly first: number
  readonly last: number
}

export interface Layout {
  /** Where each lifetime begins, in bytes; a multiple of {@link ALIGNMENT}. */
  readonly offsets: readonly number[]
  /** Bytes of the whole arena. */
  readonly bytes: number
}

export const ALIGNMENT = 64

const aligned = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT

/**
 * Places values in one arena so that no two that live at the same time overlap: the largest first, each at the lowest free
 * place (greedy by size; Pisarchyk & Lee 2020, §5).
 *
 * @example
 * layout([{ bytes: 64, first: 0, last: 1 }, { bytes: 64, first: 2, last: 3 }]).bytes // 64
 */
export function layout(lifetimes: readonly Lifetime[]): Layout {
  const offsets = new Array<number>(lifetimes.length).fill(0)
  const order = [...lifetimes.keys()].sort((a, b) => lifetimes[b].bytes - lifetimes[a].bytes || a - b)
  // Placed values by offset, so that gaps are found in one walk.
  const placed: number[] = []
  let total = 0
  for (const i of order) {
    const { first, last } = lifetimes[i]
    const bytes = aligned(lifetimes[i].bytes)
    let offset = 0
    for (const j of placed) {
      const other = lifetimes[j]
      if (other.last < first || other.first > last) continue
      if (offsets[j] >= offset + bytes) break
      offset = Math.max(offset, offsets[j] + aligned(other.bytes))
    }
    offsets[i] = offset
    total = Math.max(total, offset + bytes)
    let low = 0
    let high = placed.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (offsets[placed[middle]] <= offset) low = middle + 1
      else high = middle
    }
    placed.splice(low, 0, i)
  }
  return { offsets, bytes: total }
}

/** The step at which the most bytes are alive, and how many they are: no layout can be smaller. */
export interface Peak {
  readonly step: number
  readonly bytes: number
}

/**
 * When the most memory is needed.
 *
 * @example
 * peakOf([{ bytes: 64, first: 0, last: 1 }, { bytes: 64, first: 1, last: 2 }]) // { step: 1, bytes: 128 }
 */
export function peakOf(lifetimes: readonly Lifetime[]): Peak {
  const change = new Map<number, number>()
  for (const { bytes, first, last } of lifetimes) {
    change.set(first, (change.get(first) ?? 0) + aligned(bytes))
    change.set(last + 1, (change.get(last + 1) ?? 0) - aligned(bytes))
  }
  let alive = 0
  let peak: Peak = { step: 0, bytes: 0 }
  for (const [step, delta] of [...change].sort(([a], [b]) => a - b)) {
    alive += delta
    if (alive > peak.bytes) peak = { step, bytes: alive }
  }
  return peak
}
