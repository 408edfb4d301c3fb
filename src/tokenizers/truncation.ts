import { ConfigError, DataError } from '../base/index.ts'
import { type Encoding, slicedEncoding } from './encoding.ts'

/** How encodings are cut to a length. Names and meaning as in Hugging Face. */
export interface Truncation {
  /** Tokens that are left, those that the post-processor adds included. */
  readonly maxLength: number
  /** How many tokens each window of the overflow shares with the one before; 0 unless said. */
  readonly stride?: number
  /** Which text of a pair is cut: both, the longer one first, unless said. */
  readonly strategy?: 'longestFirst' | 'onlyFirst' | 'onlySecond'
  /** The side on which tokens go; right unless said. */
  readonly direction?: 'left' | 'right'
}

/**
 * Encodings of one text or a pair, cut to a length in all. What is cut off becomes the overflow of each.
 *
 * @param room tokens that will be added, for which room is left
 * @throws ConfigError when the stride leaves no step from window to window
 * @throws DataError when the text that may be cut is too short, or not there
 */
export function truncatedEncodings(encodings: readonly Encoding[], truncation: Truncation, room: number): Encoding[] {
  const { maxLength, strategy = 'longestFirst' } = truncation
  const most = maxLength - room
  if (!Number.isInteger(maxLength) || most < 0) {
    throw new ConfigError(`truncation: maxLength ${maxLength} leaves no room for ${room} added tokens`)
  }
  const lengths = encodings.map(({ ids }) => ids.length)
  const [first, second = 0] = lengths
  const excess = first + second - most
  if (excess <= 0) return [...encodings]
  if (strategy === 'longestFirst' || most === 0)
    return encodings.map((e, i) => truncated(e, targets(lengths, most)[i], truncation))
  const place = strategy === 'onlyFirst' ? 0 : 1
  if (place >= encodings.length) throw new DataError('truncation: onlySecond needs a pair of texts')
  if (lengths[place] <= excess) {
    throw new DataError(
      `truncation: ${excess} tokens too many, but the ${place === 0 ? 'first' : 'second'} text has only ${lengths[place]}`,
    )
  }
  return encodings.map((e, i) => (i === place ? truncated(e, e.ids.length - excess, truncation) : e))
}

/** How many tokens of each text are left: the shorter is whole where it has room, otherwise both have half. */
function targets(lengths: readonly number[], most: number): number[] {
  if (lengths.length === 1) return [most]
  const isTurned = lengths[0] > lengths[1]
  const shorter = Math.min(...lengths)
  const half = Math.floor(most / 2)
  const both = shorter <= most - shorter ? [shorter, most - shorter] : [half, most - half]
  return isTurned ? both.reverse() : both
}

function truncated(encoding: Encoding, length: number, { stride = 0, direction = 'right' }: Truncation): Encoding {
  const n = encoding.ids.length
  if (length >= n) return encoding
  if (length === 0) return { ...slicedEncoding(encoding, 0, 0), overflow: [encoding] }
  if (stride >= length || stride < 0) {
    throw new ConfigError(`truncation: a stride of ${stride} leaves no step in windows of ${length} tokens`)
  }
  const windows: Encoding[] = []
  for (let at = 0; ; at += length - stride) {
    const isLast = at + length >= n
    windows.push(
      direction === 'right'
        ? slicedEncoding(encoding, at, Math.min(at + length, n))
        : slicedEncoding(encoding, Math.max(0, n - at - length), n - at),
    )
    if (isLast) break
  }
  return { ...windows[0], overflow: windows.slice(1) }
}
