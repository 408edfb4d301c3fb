import { DataError } from '../base/index.ts'

/** Token ids with random access: an array, shards on a disk, a range of either. */
export interface TokenSource {
  readonly length: number
  /** The id that stands between documents, where there is one. */
  readonly separator?: number
  /** Tokens of a row, where they come in rows; the last of each is only a target. */
  readonly rowTokens?: number
  /** Whether their order is a curriculum, so that they are read as they lie. */
  readonly ordered?: boolean
  /** The ids at [start, start + count). */
  read(start: number, count: number): Promise<Uint32Array> | Uint32Array
}

/** Ids in memory, or a source as it is. @example await tokenSource([5, 6, 7]).read(1, 2) // [6, 7] */
export function tokenSource(ids: ArrayLike<number> | TokenSource): TokenSource {
  if ('read' in ids) return ids
  return {
    length: ids.length,
    read: (start, count) =>
      ids instanceof Uint32Array || ids instanceof Uint16Array
        ? Uint32Array.from(ids.subarray(start, start + count))
        : Uint32Array.from({ length: count }, (_, i) => ids[start + i]),
  }
}

/**
 * The ids at [start, end) of a source, as a source.
 *
 * @example
 * await tokenRange(tokenSource([5, 6, 7, 8]), 1, 3).read(0, 2) // [6, 7]
 */
export function tokenRange(source: TokenSource, start: number, end: number): TokenSource {
  const { separator, rowTokens, ordered } = source
  if (rowTokens !== undefined && (start % rowTokens !== 0 || end % rowTokens !== 0)) {
    throw new DataError(`tokenRange: ${start} to ${end} are no whole rows of ${rowTokens} tokens`)
  }
  return { length: end - start, separator, rowTokens, ordered, read: (at, count) => source.read(start + at, count) }
}

/**
 * Sets the end of a text aside for validation: what comes after all that is trained on. At least `atLeast` tokens (one
 * row of a batch and its last target: tokens + 1) go to each side, whatever the fraction says.
 *
 * @param fraction of the tokens that go to validation
 * @throws DataError when the text is too short for both sides
 *
 * @example
 * splitTail([5, 6, 7, 8, 9], { fraction: 0.2, atLeast: 2 }).validation.length // 2
 */
export function splitTail(
  ids: ArrayLike<number> | TokenSource,
  options: { fraction?: number; atLeast: number },
): { train: TokenSource; validation: TokenSource } {
  const source = tokenSource(ids)
  const { fraction = 0.1, atLeast } = options
  if (source.length < 2 * atLeast) {
    throw new DataError(
      `splitTail: the text has ${source.length} tokens, at least ${2 * atLeast} are needed ` +
        `(${atLeast} to train, ${atLeast} to validate): shorten --tokens or give more text`,
    )
  }
  const wanted = Math.round(source.length * fraction)
  const validation = Math.min(Math.max(wanted, atLeast), source.length - atLeast)
  const { rowTokens = 1 } = source
  const border = Math.floor((source.length - validation) / rowTokens) * rowTokens
  return { train: tokenRange(source, 0, border), validation: tokenRange(source, border, source.length) }
}
