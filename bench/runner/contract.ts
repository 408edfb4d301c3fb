import type { CpuBackend, Peaks } from '../../src/backend/cpu/index.ts'

// The document that every bench prints, and what a bench is given to make it.

/** What was measured of one competitor: the median of `runs` samples, the least and the greatest. */
export interface Figure {
  readonly value: number
  readonly unit: string
  readonly min: number
  readonly max: number
  readonly runs: number
  /** Of the peak or the bandwidth that was measured in the same invocation. */
  readonly percentOfPeak?: number
}

export interface PeerFigure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** How many times better ours is: above 1 we are ahead, also where less is better. */
  readonly ratio: number
}

export interface Case {
  readonly case: string
  readonly ours: Figure
  readonly peers: readonly PeerFigure[]
  /** A condition on `value`, `percentOfPeak` or `ratio` (the least of the peers'), such as `percentOfPeak >= 65`. */
  readonly target: string | null
  /** null where there is no target, or no peer to compare with. */
  readonly met: boolean | null
  /** What else a reader should know. */
  readonly note?: string
  /** One of many parts of another case: left out of README's table. */
  readonly detail?: true
}

export interface Skipped {
  readonly peer: string
  readonly why: string
}

export interface Machine {
  readonly cpu: string
  readonly engine: string
  readonly threads: number
  /** GFLOP/s and GOP/s of all threads together, measured before the first case. */
  readonly peak: Omit<Peaks, 'readGBs'>
  readonly readGBs: number
}

export interface Report {
  readonly bench: string
  /** ISO date, without time. */
  readonly date: string
  readonly commit: string
  /** Whether it was a short look: fewer cases, shorter samples. */
  readonly quick: boolean
  readonly machine: Machine
  readonly cases: readonly Case[]
  readonly skipped: readonly Skipped[]
}

/** What a bench works with. */
export interface Context {
  readonly quick: boolean
  /** Whether a case with this name was asked for (`--only`). */
  wants(name: string): boolean
  readonly backend: CpuBackend
  readonly machine: Machine
  /** Says that something was left out. */
  skip(peer: string, why: string): void
  /** Tells a waiting person what is happening. */
  progress(line: string): void
}

/** A bench: the default export of `bench/NAME.ts`. */
export interface Bench {
  /** What it measures, in one sentence. */
  readonly title: string
  cases(context: Context): AsyncGenerator<Case>
}
