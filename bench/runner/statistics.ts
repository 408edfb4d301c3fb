import { ConfigError } from '../../src/base/index.ts'
import type { Case, Figure, PeerFigure } from './contract.ts'

/** The middle of sorted values; of an even number of them, the mean of the middle two. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new ConfigError('median: expected at least one value, got none')
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Four significant digits: more than any timing here is good for. */
export const rounded = (value: number): number => Number(value.toPrecision(4))

/** Sums up samples; `peak` is what 100 % would be, in the same unit. */
export function figure(samples: readonly number[], unit: string, peak?: number): Figure {
  const value = median(samples)
  const share = peak ? { percentOfPeak: rounded((100 * value) / peak) } : {}
  const [min, max] = [Math.min(...samples), Math.max(...samples)].map(rounded)
  return { value: rounded(value), unit, min, max, runs: samples.length, ...share }
}

export interface Comparison {
  readonly case: string
  readonly ours: Figure
  /** Samples of each peer, in the unit of ours. */
  readonly peers?: Readonly<Record<string, readonly number[]>>
  readonly target?: string
  /** Times and bytes; rates are better when they are higher. */
  readonly lessIsBetter?: boolean
  readonly note?: string
  readonly detail?: true
}

/** Sets ours beside the peers and judges the target. */
export function compare({ case: name, ours, peers = {}, target, lessIsBetter = false, ...more }: Comparison): Case {
  const theirs = Object.entries(peers).map(([peer, samples]): PeerFigure => {
    const value = median(samples)
    const ratio = lessIsBetter ? value / ours.value : ours.value / value
    return { name: peer, value: rounded(value), unit: ours.unit, ratio: rounded(ratio) }
  })
  const met = target === undefined ? null : isMet(target, ours, theirs)
  return { case: name, ours, peers: theirs, target: target ?? null, met, ...more }
}

const relations: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
}

/**
 * Whether a target holds; null when what it speaks of was not measured. `ratio` is that to the best of the peers.
 *
 * @throws ConfigError for a target that cannot be read
 * @example
 * isMet('percentOfPeak >= 65', ours, []) // false when ours.percentOfPeak is 58.3
 */
export function isMet(target: string, ours: Figure, peers: readonly PeerFigure[]): boolean | null {
  const [, quantity, relation, limit] = /^(value|percentOfPeak|ratio) (>=|<=|>|<) (\d+(?:\.\d+)?)$/.exec(target) ?? []
  if (quantity === undefined) {
    throw new ConfigError(
      `target "${target}": expected value, percentOfPeak or ratio, then >=, <=, > or <, then a number`,
    )
  }
  const ratio = peers.length === 0 ? undefined : Math.min(...peers.map((peer) => peer.ratio))
  const found = { value: ours.value, percentOfPeak: ours.percentOfPeak, ratio }[quantity]
  return found === undefined ? null : relations[relation](found, Number(limit))
}
