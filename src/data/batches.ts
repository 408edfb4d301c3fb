import { ConfigError, DataError, philox } from '../base/index.ts'
import { permutation } from './permutation.ts'
import { type Rows, rowsOf } from './rows.ts'
import { type TokenSource, tokenSource } from './tokens.ts'

/** What one step of training sees. Row-major: row r holds places r·tokens to (r + 1)·tokens. */
export interface Batch {
  /** `[batch · tokens]` ids that the model reads. */
  readonly inputs: Int32Array
  /** `[batch · tokens]` the id that follows each input; below 0 where nothing is to be learned. */
  readonly targets: Int32Array
  /** `[batch · tokens]` which document of its row each token belongs to, counted from 0; absent when rows are one text. */
  readonly documents?: Int32Array
  /** Rows. */
  readonly batch: number
  /** Tokens in a row. */
  readonly tokens: number
}

/** Where an endless sequence of batches stands: `step` is the batch that comes next. */
export interface BatchesState {
  readonly seed: number
  readonly step: number
  /**
   * Rows that were drawn beside `step` batches of today's size, where earlier ones had another; below 0 where they were
   * fewer. {@link moveBatches} works it out. Default 0.
   */
  readonly extraRows?: number
}

/**
 * Endless batches. There is one cursor: iterating goes on where it stands, after a `break` too.
 */
export interface Batches extends AsyncIterable<Batch> {
  readonly batch: number
  readonly tokens: number
  /** Tokens that batches are drawn from. */
  readonly length: number
  /** Whether batches say which document each token belongs to. */
  readonly packed: boolean
  next(): Promise<IteratorResult<Batch, never>>
  /** Batch number `step`, computed alone; the cursor stays. */
  at(step: number): Promise<Batch>
  /** The token at which each row of batch number `step` begins. */
  startsOf(step: number): number[]
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
  /**
   * `random`: each row begins at any place. `shuffled`: every row without overlap once an epoch, in another order each
   * time. `stored`: every row once an epoch, as they lie. Default `stored` where the order is a curriculum, `shuffled` where
   * documents were packed into rows, else `random`.
   */
  readonly order?: 'random' | 'shuffled' | 'stored'
  /**
   * Whether batches say which document each token belongs to, so that attention stays within it. Default: where
   * documents were packed into rows.
   */
  readonly packed?: boolean
  /** Only rows `index`, `index + of`, … of every batch: what one of several workers reads. */
  readonly share?: { readonly index: number; readonly of: number }
}

/** Keeps these random words apart from those of other uses of the same seed. */
const purpose = 0xba7c4

/**
 * Endless training batches: every row is `tokens` neighbouring ids, and the targets are the ids one further. Which rows
 * a batch has depends on seed and step alone, so any batch can be computed alone, on any worker, and a resumed run sees
 * exactly the next batch.
 *
 * @param ids token ids, or a source of them such as {@link openShards}
 * @throws DataError when there are fewer than tokens + 1 ids
 * @throws ConfigError when batch or tokens is not a whole number above 0, or the source was packed for other rows
 *
 * @example
 * const data = batches(tokenizer.encode(text), { batch: 16, tokens: 256, seed: 1 })
 * for await (const { inputs, targets } of data) break // rows of ids, and the ids that follow each
 */
export function batches(ids: ArrayLike<number> | TokenSource, options: BatchesOptions): Batches {
  const source = tokenSource(ids)
  const { batch, tokens, share = { index: 0, of: 1 } } = options
  requireWhole('batch', batch, 1)
  requireWhole('share.of', share.of, 1)
  requireWhole('share.index', share.index, 0)
  if (share.index >= share.of || batch % share.of !== 0) {
    throw new ConfigError(
      `batches: ${share.of} workers share ${batch} rows, and this is number ${share.index}: give a batch that they divide, and a number below theirs`,
    )
  }
  const rows = rowsOf(source, tokens, options.packed)
  const { order = usualOrder(source) } = options
  const seed = options.state?.seed ?? options.seed ?? 0
  requireWhole('seed', seed, 0)
  let step = options.state?.step ?? 0
  requireWhole('step', step, 0)
  const extraRows = options.state?.extraRows ?? 0
  requireWhole('extraRows', extraRows, -step * batch)
  if (source.length < tokens + 1) {
    throw new DataError(
      `batches: the text has ${source.length} tokens, at least ${tokens + 1} are needed: ` +
        'shorten --tokens or give more text',
    )
  }
  const startOf = placement(rows, { order, seed, batch, extraRows })
  const own = batch / share.of
  const startsOf = (number: number) =>
    Array.from({ length: own }, (_, row) => startOf(number, share.index + row * share.of))

  async function at(number: number): Promise<Batch> {
    const arrays = {
      inputs: new Int32Array(own * tokens),
      targets: new Int32Array(own * tokens),
      ...(rows.packed && { documents: new Int32Array(own * tokens) }),
    }
    await Promise.all(startsOf(number).map((start, row) => rows.readInto(start, row, arrays)))
    return { ...arrays, batch: own, tokens }
  }

  const result: Batches = {
    batch: own,
    tokens,
    length: source.length,
    packed: rows.packed,
    next: async () => ({ done: false, value: await at(step++) }),
    at,
    startsOf,
    state: () => ({ seed, step, ...(extraRows !== 0 && { extraRows }) }),
    [Symbol.asyncIterator]: () => ({ next: result.next }),
  }
  return result
}

export type Order = NonNullable<BatchesOptions['order']>

/** The order in which rows are drawn unless the caller says otherwise. */
export function usualOrder({ ordered, rowTokens }: TokenSource): Order {
  if (ordered) return 'stored'
  return rowTokens === undefined ? 'random' : 'shuffled'
}

interface Placement {
  readonly order: Order
  readonly seed: number
  readonly batch: number
  readonly extraRows: number
}

/** Where row `row` of batch `step` begins. */
function placement(rows: Rows, { order, seed, batch, extraRows }: Placement): (step: number, row: number) => number {
  if (order === 'random') return (step, row) => rows.placeOf(randomPlace(seed, step, row, rows.places))
  let shuffled = { epoch: -1, order: (place: number) => place }
  return (step, row) => {
    const number = extraRows + step * batch + row
    const place = number % rows.whole
    if (order === 'stored') return rows.startOf(place)
    const epoch = Math.floor(number / rows.whole)
    if (shuffled.epoch !== epoch) shuffled = { epoch, order: permutation(rows.whole, seed, epoch) }
    return rows.startOf(shuffled.order(place))
  }
}

/** A random number below `choices`, keyed by seed, step and row. */
function randomPlace(seed: number, step: number, row: number, choices: number): number {
  const words = new Uint32Array(4)
  philox(seed >>> 0, Math.floor(seed / 2 ** 32), step >>> 0, Math.floor(step / 2 ** 32), row, purpose, words)
  const uniform = ((words[0] >>> 5) * 2 ** 26 + (words[1] >>> 6)) / 2 ** 53
  return Math.floor(uniform * choices)
}

function requireWhole(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new ConfigError(`batches: ${name} is ${value}; expected a whole number from ${least}`)
  }
}
