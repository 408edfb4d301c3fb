import type { Gpt2Config, LlamaConfig } from '../../src/models/index.ts'
import type { TrainOptions } from '../../src/train/index.ts'
import { runChild } from './child.ts'

/** What bench/children/train-memory.ts trains. */
export type TrainingCase = {
  readonly batch: number
  readonly tokens: number
  readonly threads: number
  /** Whether it evaluates, too. */
  readonly evaluates?: boolean
  /** More of what `train` takes, such as precision or accumulate. */
  readonly options?: Partial<TrainOptions>
} & (
  | { readonly family: 'gpt2'; readonly config: Gpt2Config }
  | { readonly family: 'llama'; readonly config: LlamaConfig }
)

export interface TrainingMemory {
  /** The most that was ever resident. */
  readonly peakBytes: number
  /** Resident before the run took its first memory: Node, the code, the plans. */
  readonly runtimeBytes: number
  /** What the run said that it needs. */
  readonly plannedBytes: number
}

/** Trains in a process of its own and says what memory that took. */
export const trainingMemory = (of: TrainingCase): Promise<TrainingMemory> =>
  runChild('train-memory', JSON.stringify(of))
