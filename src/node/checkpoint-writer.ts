import type { State } from '../compiler/index.ts'
import {
  type CheckpointContents,
  type CheckpointPosition,
  checkpointSteps,
  markBest,
  pruneCheckpoints,
  saveCheckpoint,
} from './checkpoint.ts'
import { snapshotOf } from './snapshot.ts'
import type { Tensors } from './tensors-file.ts'

export interface CheckpointWriterOptions extends Omit<CheckpointContents, 'tensors' | 'position'> {
  /** Where `000200/…` and `best.json` lie. */
  readonly folder: string
  readonly state: State
  /** How many of the newest stay; the best by validation loss stays beside them. */
  readonly keep: number
  /** The newest checkpoint with so many steps behind it stays as well. */
  readonly goodAfter: number
}

/** A checkpoint that is whole and on the disk. */
export interface WrittenCheckpoint {
  readonly step: number
  readonly path: string
}

/** Writes the checkpoints of one run, at most one at a time, and removes what is not to be kept. */
export interface CheckpointWriter {
  /** Bytes of memory that writing beside training takes, from the first {@link begin} on. */
  readonly bytes: number
  /** Copies the state and writes the copy while training goes on; first waits for the writing before. */
  begin(position: CheckpointPosition): Promise<void>
  /** Writes the state itself, and waits until it is on the disk. Nothing may change it meanwhile. */
  save(position: CheckpointPosition): Promise<void>
  /** What was written since the last call. */
  written(): WrittenCheckpoint[]
  /** Waits until nothing is being written. */
  settle(): Promise<void>
}

/**
 * A writer of checkpoints. When the system refuses, the next call of any of its functions throws the error, once; earlier
 * checkpoints are as they were.
 */
export function checkpointWriter(options: CheckpointWriterOptions): CheckpointWriter {
  const { folder, state, keep, goodAfter, ...contents } = options
  const snapshot = snapshotOf(state, [...contents.weights, ...contents.optimizerStates])
  let writing: Promise<void> | undefined
  let failure: unknown
  let done: WrittenCheckpoint[] = []

  async function write(tensors: Tensors, position: CheckpointPosition): Promise<void> {
    const { step } = position
    const path = await saveCheckpoint(folder, { ...contents, tensors, position })
    const best = await markBest(folder)
    const good = (await checkpointSteps(folder)).findLast((each) => each + goodAfter <= step)
    await pruneCheckpoints(folder, keep, [best, good])
    done.push({ step, path })
  }

  function throwFailure(): void {
    const thrown = failure
    failure = undefined
    if (thrown !== undefined) throw thrown
  }

  async function settle(): Promise<void> {
    await writing
    throwFailure()
  }

  return {
    bytes: snapshot.bytes,
    async begin(position) {
      await settle()
      await snapshot.take()
      writing = write(snapshot, position).catch((error) => {
        failure = error
      })
    },
    async save(position) {
      await settle()
      await write(state, position)
    },
    written() {
      throwFailure()
      const result = done
      done = []
      return result
    },
    settle,
  }
}
