import { ConfigError, DataError } from '../base/index.ts'
import type { Batch } from './batches.ts'
import { type TokenSource, tokenSource } from './tokens.ts'

/**
 * Every token once as a target, in order: the batches for measuring a loss. Rows follow one another without overlap. The
 * last batch is filled up with zeros whose targets are −1, which counts for nothing.
 *
 * @param options.most stop after this many batches
 * @throws DataError when there are fewer than 2 ids
 *
 * @example
 * const loss = await run.evaluate(onePass(validation, { batch: 2, tokens: 16 }))
 */
export function onePass(
  ids: ArrayLike<number> | TokenSource,
  options: { batch: number; tokens: number; most?: number },
): AsyncIterable<Batch> {
  const source = tokenSource(ids)
  const { batch, tokens, most = Number.POSITIVE_INFINITY } = options
  if (!(Number.isSafeInteger(batch) && batch > 0 && Number.isSafeInteger(tokens) && tokens > 0)) {
    throw new ConfigError(`onePass: batch is ${batch} and tokens ${tokens}; expected whole numbers above 0`)
  }
  if (source.length < 2) {
    throw new DataError(`onePass: the text has ${source.length} tokens, at least 2 are needed: give more text`)
  }
  return {
    async *[Symbol.asyncIterator]() {
      const size = batch * tokens
      for (let start = 0, n = 0; start + 1 < source.length && n < most; start += size, n++) {
        const count = Math.min(size, source.length - 1 - start)
        const read = await source.read(start, count + 1)
        const inputs = new Int32Array(size)
        const targets = new Int32Array(size).fill(-1)
        inputs.set(read.subarray(0, count))
        targets.set(read.subarray(1))
        yield { inputs, targets, batch, tokens }
      }
    },
  }
}
