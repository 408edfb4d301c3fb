import { ConfigError, DataError, philox } from '../base/index.ts'
import { type TokenSource, tokenSource } from './tokens.ts'

/** What one step of training sees. Row-major: row r holds places r·tokens to (r + 1)·tokens. */
export interface Batch {
  /** `[batch · tokens]` ids that the model reads. */
  readonly inputs: Int32Array
  /** `[batch · tokens]` the id that follows each input; below 0 where nothing is to be learned. */
  readonly targets: Int32Array
  /** Rows. */
  readonly batch: number
  /** Tokens in a row. */
  readonly tokens: number
}

/** Where an endless sequence of batches stands: `step` is the batch that comes next. */
export interface BatchesState {
  readonly seed: number
  readonly step: number
}

/**
 * Endless batches. There is one cursor: iterating goes on where it stands, after a `break` too.
 */
export interface Batches extends AsyncIterable<Batch> {
  readonly batch: number
  readonly tokens: number
  /** Tokens that batches are drawn from. */
  readonly length: number
  next(): Promise<IteratorResult<Batch, never>>
  /** Batch number `step`, computed alone; the cursor stays. */
  at(step: number): Promise<Batch>
  /** Save it, and give it to {@link batches} to go on with the very next batch. */
  state(): BatchesState
}

export interface BatchesOptions {
  /** Rows of a batch. */
  readonly batch: number
  /** Tokens of a row. */
  readonly tokens: number
  /** Which random rows are drawn. Default 0. */
  readonly seed?: number
  /** Where to go on; its seed counts. */
  readonly state?: BatchesState
}

/** Keeps these random words apart from those of other uses of the same seed. */
const purpose = 0xba7c4

/**
 * Endless training batches: every row is `tokens` neighbouring ids from a random place, and the targets are the ids one
 * further. The places depend on seed, step and row alone, so any batch can be computed alone, on any worker, and a
 * resumed run sees exactly the next batch.
 *
 * @param ids token ids, or a source of them such as {@link openShards}
 * @throws DataError when there are fewer than tokens + 1 ids
 * @throws ConfigError when batch or tokens is not a whole number above 0
 *
 * @example
 * const data = batches(tokenizer.encode(text), { batch: 16, tokens: 256, seed: 1 })
 * for await (const { inputs, targets } of data) break // rows of ids, and the ids that follow each
 */
export function batches(ids: ArrayLike<number> | TokenSource, options: BatchesOptions): Batches {
  const source = tokenSource(ids)
  const { batch, tokens } = options
  requireWhole('batch', batch, 1)
  requireWhole('tokens', tokens, 1)
  const seed = options.state?.seed ?? options.seed ?? 0
  requireWhole('seed', seed, 0)
  let step = options.state?.step ?? 0
  requireWhole('step', step, 0)
  if (source.length < tokens + 1) {
    throw new DataError(
      `batches: the text has ${source.length} tokens, at least ${tokens + 1} are needed: ` +
        'shorten --tokens or give more text',
    )
  }

  async function at(number: number): Promise<Batch> {
    const inputs = new Int32Array(batch * tokens)
    const targets = new Int32Array(batch * tokens)
    const rows = Array.from({ length: batch }, async (_, row) => {
      const start = rowStart(seed, number, row, source.length - tokens)
      const read = await source.read(start, tokens + 1)
      inputs.set(read.subarray(0, tokens), row * tokens)
      targets.set(read.subarray(1), row * tokens)
    })
    await Promise.all(rows)
    return { inputs, targets, batch, tokens }
  }

  const result: Batches = {
    batch,
    tokens,
    length: source.length,
    next: async () => ({ done: false, value: await at(step++) }),
    at,
    state: () => ({ seed, step }),
    [Symbol.asyncIterator]: () => ({ next: result.next }),
  }
  return result
}

/** The random place where a row begins: below `places`, keyed by seed and step. */
function rowStart(seed: number, step: number, row: number, places: number): number {
  const words = new Uint32Array(4)
  philox(seed >>> 0, Math.floor(seed / 2 ** 32), step >>> 0, Math.floor(step / 2 ** 32), row, purpose, words)
  const uniform = ((words[0] >>> 5) * 2 ** 26 + (words[1] >>> 6)) / 2 ** 53
  return Math.floor(uniform * places)
}

function requireWhole(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new ConfigError(`batches: ${name} is ${value}; expected a whole number from ${least}`)
  }
}
