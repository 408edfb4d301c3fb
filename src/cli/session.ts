import type { Backend } from '../backend/index.ts'
import type { TokenSource } from '../data/index.ts'
import type { LanguageModel } from '../models/index.ts'
import type { Run, Spike, StepReport } from '../train/index.ts'
import type { SessionSettings } from './run-settings.ts'

// What a training run in a folder is; open-session.ts makes one.

export interface SessionOptions {
  readonly folder: string
  readonly backend: Backend
  readonly model: LanguageModel
  readonly settings: SessionSettings
  /** `name` tells texts apart. */
  readonly tokens: { readonly train: TokenSource; readonly validation: TokenSource; readonly name: string }
  /** The text of tokenizer.json, kept beside the weights. */
  readonly tokenizerJson: string
  /** Goes on from the newest checkpoint in the folder, where there is one. */
  readonly resume: boolean
}

/** A loss that jumped, and what the step had read. */
export interface SpikeReport extends Spike {
  readonly step: number
  /** The step's batches by number, and the tokens at which their rows begin. */
  readonly batches: readonly { readonly number: number; readonly starts: readonly number[] }[]
  /** Of the order of the batches. */
  readonly seed: number
}

/** What a session tells while it trains. */
export type SessionEvent =
  | ({ readonly kind: 'step' } & StepReport)
  | { readonly kind: 'evaluation'; readonly step: number; readonly lossNats: number }
  | { readonly kind: 'checkpoint'; readonly step: number; readonly path: string }
  | ({ readonly kind: 'spike' } & SpikeReport)
  /** The run is at an earlier step again, and goes on with the batches behind the spike. */
  | { readonly kind: 'rollback'; readonly step: number; readonly path: string }

/** A training run in a folder: `run.json`, `metrics.jsonl`, `checkpoints/000200/…`, `checkpoints/best.json`. */
export interface Session {
  readonly run: Run
  /** Steps that were done before this session. */
  readonly from: number
  /** What is not as it was before this session, a line each. */
  readonly changes: readonly string[]
  /** Bytes of memory for checkpoints that are written while the run goes on. */
  readonly snapshotBytes: number
  /**
   * Trains to the end, or to the step after `stop` was called; there is a checkpoint when it returns.
   *
   * @throws FileError when the disk refuses, AlippeError (ALIPPE_DIVERGED) when a spike ends the run; the last whole
   * checkpoint is as it was
   */
  events(): AsyncGenerator<SessionEvent>
  /** Asks for an end after the current step. */
  stop(): void
}
