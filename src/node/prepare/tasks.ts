import type { Folder } from '../../data/index.ts'
import type { CleanSummary, PackOptions, Parcel, ReadSettings, Recipe } from '../../data/prepare/index.ts'
import type { Input } from '../inputs/input.ts'
import type { JudgeFiles } from './judges.ts'
import type { Pool } from './pool.ts'
import type { Unit } from './units.ts'

export type PrepareStage = 'inputs' | 'clean' | 'select' | 'tokenizer' | 'encode' | 'arrange'

/** What every stage works with. */
export interface Workplace {
  readonly recipe: Recipe
  /** Of work in progress. */
  readonly folder: Folder
  readonly pool: Pool<Task, TaskResult>
  /** What filters learned to judge by. */
  readonly judges: JudgeFiles
  progress(stage: PrepareStage, share: number): void
}

/** What every worker thread is given when it starts. */
export interface WorkerData {
  readonly recipe: Recipe
  /** Folder of work in progress. */
  readonly folder: string
  readonly read?: ReadSettings
  readonly cacheFolder?: string
  /** Whether files of records without text are errors: when it is the only file that was named. */
  readonly wrongSchema: 'error' | 'drop'
}

export type Task = LearnTask | DescribeTask | CleanTask | EncodeTask | PackTask

/** Names everything that a cleaned block depends on beside its documents: filters with what they learned, signatures. */
export interface DescribeTask {
  readonly kind: 'describe'
  readonly judges: JudgeFiles
}

/** Learns what filters judge by. A worker does it, so that the memory that it takes is given back. */
export interface LearnTask {
  readonly kind: 'learn'
  readonly inputs: readonly Input[]
}

/** Reads a unit and writes its cleaned block. */
export interface CleanTask {
  readonly kind: 'clean'
  readonly number: number
  readonly judges: JudgeFiles
  readonly unit: Unit
  /** Where the block goes, in the folder of work. */
  readonly block: string
}

/** Turns a cleaned block into token ids. */
export interface EncodeTask {
  readonly kind: 'encode'
  readonly number: number
  readonly cleaned: string
  /** The number of its first document. */
  readonly first: number
  /** File of the selection. */
  readonly selection: string
  readonly tokenizer: string
  readonly sources: readonly string[]
  readonly block: string
}

/** Sorts a parcel of documents, and writes it as one shard. */
export interface PackTask {
  readonly kind: 'pack'
  readonly number: number
  readonly parcel: Parcel
  readonly pack: PackOptions
  /** Token blocks of the whole corpus. */
  readonly blocks: readonly string[]
  readonly tokenBytes: 2 | 4
  /** Folder and file of the shard. */
  readonly output: string
  readonly file: string
}

export interface TaskResult {
  /** Of the block; 0 where there is none. */
  readonly number: number
  /** Of learning. */
  readonly judges?: JudgeFiles
  /** Of describing. */
  readonly description?: string
  /** Of cleaning. */
  readonly summary?: CleanSummary
  /** Of packing: ids of the shard, and those that only fill rows up. */
  readonly tokens?: number
  readonly filler?: number
}
