import { ConfigError, DataError } from '../base/index.ts'
import type { Batch } from './batches.ts'
import { rowsOf } from './rows.ts'
import { type TokenSource, tokenSource } from './tokens.ts'

/**
 * Every token once as a target, in order: the batches for measuring a loss. Rows follow one another without overlap. The
 * last batch is filled up with zeros whose targets are −1, which counts for nothing. Documents that were packed into rows
 * come in those rows.
 *
 * @param options.most stop after this many batches
 * @param options.packed whether batches say which document each token belongs to; default: where they were packed
 * @throws DataError when there are fewer than 2 ids
 *
 * @example
 * const loss = await run.evaluate(onePass(validation, { batch: 2, tokens: 16 }))
 */
export function onePass(
  ids: ArrayLike<number> | TokenSource,
  options: { batch: number; tokens: number; most?: number; packed?: boolean },
): AsyncIterable<Batch> {
  const source = tokenSource(ids)
  const { batch, tokens, most = Number.POSITIVE_INFINITY } = options
  if (!(Number.isSafeInteger(batch) && batch > 0 && Number.isSafeInteger(tokens) && tokens > 0)) {
    throw new ConfigError(`onePass: batch is ${batch} and tokens ${tokens}; expected whole numbers above 0`)
  }
  if (source.length < 2) {
    throw new DataError(`onePass: the text has ${source.length} tokens, at least 2 are needed: give more text`)
  }
  const rows = rowsOf(source, tokens, options.packed)
  return {
    async *[Symbol.asyncIterator]() {
      for (let first = 0, n = 0; first < rows.count && n < most; first += batch, n++) {
        const arrays = {
          inputs: new Int32Array(batch * tokens),
          targets: new Int32Array(batch * tokens).fill(-1),
          ...(rows.packed && { documents: new Int32Array(batch * tokens) }),
        }
        const some = Math.min(batch, rows.count - first)
        await Promise.all(
          Array.from({ length: some }, (_, row) => rows.readInto(rows.startOf(first + row), row, arrays)),
        )
        yield { ...arrays, batch, tokens }
      }
    },
  }
}
