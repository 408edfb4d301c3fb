import { join } from 'node:path'
import { FormatError } from '../base/index.ts'
import { type BatchesState, type BatchSize, moveBatches, type TokenSource } from '../data/index.ts'
import { type CheckpointPosition, readJson } from '../node/index.ts'
import { changesSince, type RunRecord } from './run-file.ts'
import type { SessionSettings } from './run-settings.ts'

/** Where a run stands: `state.json` of a checkpoint. */
export interface Position extends CheckpointPosition {
  /** Where its batches stand, and how large they are. */
  readonly batches: BatchesState
  readonly size: BatchSize
  /** Losses of the last steps, nats: what a spike is judged by. */
  readonly losses: readonly number[]
  /** How often the run went back to here. */
  readonly rollbacks: number
}

/** Where a new run stands. */
export function startOf({ seed, batch, tokens }: SessionSettings): Position {
  return { step: 0, batches: { seed, step: 0 }, size: { batch, tokens }, losses: [], rollbacks: 0 }
}

/**
 * Where the run of a checkpoint stands.
 *
 * @throws FormatError when state.json is not there, or does not say
 */
export async function readPosition(checkpoint: string): Promise<Position> {
  const path = join(checkpoint, 'state.json')
  const json = (await readJson(path)) as unknown as Partial<Position>
  const { step, batches, size, losses, rollbacks } = json
  if (![step, batches?.step, batches?.seed, size?.batch, size?.tokens, rollbacks].every(Number.isSafeInteger)) {
    throw new FormatError(
      `${path}: step, batches.step, batches.seed, size.batch, size.tokens and rollbacks must be whole numbers`,
    )
  }
  if (!Array.isArray(losses) || !losses.every(Number.isFinite)) throw new FormatError(`${path}: losses must be numbers`)
  return json as Position
}

interface Resumed {
  /** Of the checkpoint. */
  readonly position: Position
  readonly before: RunRecord
  readonly now: RunRecord
  readonly source: TokenSource
  /** The learning rate of the step behind `step`. */
  rateOf(settings: SessionSettings, step: number): number
}

/**
 * Where a resumed run goes on, also with other settings than before, and what has changed, a line each.
 *
 * @throws ConfigError when something changed that a run keeps
 */
export function goOn({ position, before, now, source, rateOf }: Resumed): { position: Position; changes: string[] } {
  const { step, size } = position
  const { batch, tokens, accumulate } = now.settings
  const isOtherText = before.data.name !== now.data.name
  const isOtherSize = size.batch !== batch || size.tokens !== tokens
  const move = moveBatches(source, position.batches, size, { batch, tokens })
  const { seed, step: next } = position.batches
  const rates = [rateOf(before.settings, step), rateOf(now.settings, step)] as const
  const changes = changesSince(before, now, { step, order: move.note, rates })
  let batches = position.batches
  if (isOtherText) batches = { seed, step: next, extraRows: -next * batch }
  else if (isOtherSize) batches = move.state
  // Losses of other batches vary otherwise: what is a spike is learned anew.
  const isComparable = !isOtherText && !isOtherSize && before.settings.accumulate === accumulate
  return { position: { ...position, batches, losses: isComparable ? position.losses : [] }, changes }
}
