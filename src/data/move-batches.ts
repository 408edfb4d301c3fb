import { type BatchesState, type Order, usualOrder } from './batches.ts'
import { rowsOf } from './rows.ts'
import { type TokenSource, tokenSource } from './tokens.ts'

/** How large batches are. */
export interface BatchSize {
  /** Rows of a batch. */
  readonly batch: number
  /** Tokens of a row. */
  readonly tokens: number
}

/** Where batches of another size go on. */
export interface BatchesMove {
  readonly state: BatchesState
  /** Tokens of this epoch that no batch will hold. */
  readonly skippedTokens: number
  /** What becomes of the order, in words. */
  readonly note: string
}

/**
 * Where batches of another size go on, so that nothing of an epoch is read twice:
 *
 * - rows of the same length: at the very next row; nothing is left out
 * - rows of another length, as they lie (`stored`): at the first new row behind what was read; less than a row is left out
 * - rows of another length, shuffled: at the next epoch, because rows that were read lie all over the text
 * - random places: at the next batch number, whose places were never drawn
 *
 * @param ids what the batches are drawn from
 * @param state where batches of the size `from` stand
 * @param order as it is given to {@link batches}
 *
 * @example
 * const ids = new Uint32Array(1000)
 * const half = moveBatches(ids, { seed: 1, step: 10 }, { batch: 8, tokens: 16 }, { batch: 4, tokens: 16 }, 'shuffled')
 * half.state // { seed: 1, step: 10, extraRows: 40 }
 */
export function moveBatches(
  ids: ArrayLike<number> | TokenSource,
  state: BatchesState,
  from: BatchSize,
  to: BatchSize,
  order?: Order,
): BatchesMove {
  const source = tokenSource(ids)
  const { seed, step, extraRows = 0 } = state
  const used = order ?? usualOrder(source)
  if (used === 'random') {
    return { state: { seed, step }, skippedTokens: 0, note: 'rows are drawn at random places, and go on at new ones' }
  }
  const read = extraRows + step * from.batch
  const [before, after] = [rowsOf(source, from.tokens), rowsOf(source, to.tokens)]
  const epoch = Math.floor(read / before.whole)
  const inEpoch = read % before.whole
  const tokensInEpoch = inEpoch * from.tokens
  let next: number
  let skippedTokens = 0
  let note = 'the order stays, and goes on at the very next row'
  if (from.tokens === to.tokens) next = read
  else if (used === 'stored') {
    const row = Math.min(Math.ceil(tokensInEpoch / to.tokens), after.whole)
    const begin = row < after.whole ? row * to.tokens : before.whole * from.tokens
    skippedTokens = begin - tokensInEpoch
    next = epoch * after.whole + row
    note = `the order stays; ${skippedTokens.toLocaleString('en')} tokens are left out to begin at a whole row`
  } else {
    const isBegun = inEpoch > 0
    skippedTokens = isBegun ? (before.whole - inEpoch) * from.tokens : 0
    next = (isBegun ? epoch + 1 : epoch) * after.whole
    note = `rows of another length come in another order; the rest of this epoch, ${skippedTokens.toLocaleString('en')} tokens, is left out`
  }
  return { state: { seed, step, extraRows: next - step * to.batch }, skippedTokens, note }
}
