import { ConfigError, DataError } from '../base/index.ts'
import type { TokenSource } from './tokens.ts'

/** Token ids as rows that a model reads: `tokens` neighbouring ids, and as targets the ids one further. */
export interface Rows {
  /** Tokens of a row. */
  readonly tokens: number
  /** Rows without overlap; of a text that is not in rows, the last may be short. */
  readonly count: number
  /** Rows without overlap that are whole. */
  readonly whole: number
  /** Where row `row` begins. */
  startOf(row: number): number
  /** Places where a whole row can begin. */
  readonly places: number
  /** The token at which place number `place` is. */
  placeOf(place: number): number
  /** Whether rows say which document each token belongs to. */
  readonly packed: boolean
  /**
   * Reads the row that begins at a place into row `row` of a batch. What lies behind the end of the text are zeros whose
   * targets are −1.
   */
  readInto(start: number, row: number, batch: RowArrays): Promise<void>
}

/** Arrays of a batch, `[batch · tokens]` each. */
export interface RowArrays {
  readonly inputs: Int32Array
  readonly targets: Int32Array
  readonly documents?: Int32Array
}

/**
 * The rows of a source. Where documents were packed into rows, those are the rows; otherwise any place can begin one.
 *
 * A separator begins a document: it is the token from which the first of the document is predicted, and the last target
 * of the document before. A separator that follows a separator fills a row up and is no target.
 *
 * @param packed whether rows say which document each token belongs to; where rows are packed they do unless told otherwise
 * @throws ConfigError when the rows were packed for another number of tokens, or documents are asked for without a separator
 * @throws DataError when there are too few tokens for a row
 */
export function rowsOf(source: TokenSource, tokens: number, packed = source.rowTokens !== undefined): Rows {
  const { length, separator, rowTokens } = source
  if (!Number.isSafeInteger(tokens) || tokens < 1) {
    throw new ConfigError(`batches: tokens is ${tokens}; expected a whole number from 1`)
  }
  if (rowTokens !== undefined && rowTokens !== tokens + 1) {
    throw new ConfigError(
      `batches: these documents were packed into rows of ${rowTokens - 1} tokens; give tokens: ${rowTokens - 1}, or pack them for ${tokens}`,
    )
  }
  if (packed && separator === undefined) {
    throw new ConfigError('batches: these tokens have no separator between documents, so rows cannot tell them apart')
  }
  const stride = rowTokens ?? tokens
  const startOf = (row: number) => row * stride
  const ways =
    rowTokens === undefined
      ? {
          count: Math.ceil((length - 1) / tokens),
          whole: Math.floor((length - 1) / tokens),
          places: length - tokens,
          placeOf: (place: number) => place,
        }
      : { count: length / rowTokens, whole: length / rowTokens, places: length / rowTokens, placeOf: startOf }

  return {
    tokens,
    ...ways,
    startOf,
    packed,
    async readInto(start, row, { inputs, targets, documents }) {
      const some = Math.min(tokens, length - 1 - start)
      if (some < 1) throw new DataError(`batches: no row begins at token ${start} of ${length}`)
      const read = await source.read(start, some + 1)
      const at = row * tokens
      inputs.set(read.subarray(0, some), at)
      targets.set(read.subarray(1), at)
      if (some < tokens) targets.fill(-1, at + some, at + tokens)
      if (documents === undefined) return
      let document = 0
      for (let i = 0; i < tokens; i++) {
        const begins = i < some && read[i] === separator
        if (begins && i > 0) document++
        documents[at + i] = document
        if (begins && read[i + 1] === separator) targets[at + i] = -1
      }
    },
  }
}
