import { addedEncoding, type Encoding, joinedEncodings } from './encoding.ts'

/** How encodings are filled up to a length. Names and meaning as in Hugging Face. */
export interface Padding {
  /** Tokens in all; the longest of the batch unless said. */
  readonly length?: number
  /** The length is rounded up to a multiple of this. */
  readonly toMultipleOf?: number
  /** The side on which tokens are added; right unless said. */
  readonly direction?: 'left' | 'right'
  readonly id: number
  readonly typeId?: number
  readonly token: string
}

/** Encodings of one batch, and all their windows of overflow, filled up. Those that are longer stay as they are. */
export function paddedEncodings(encodings: readonly Encoding[], padding: Padding): Encoding[] {
  const { toMultipleOf: multiple = 1 } = padding
  const longest = padding.length ?? encodings.reduce((most, { ids }) => Math.max(most, ids.length), 0)
  const length = multiple > 1 ? Math.ceil(longest / multiple) * multiple : longest
  return encodings.map((encoding) => padded(encoding, length, padding))
}

function padded(encoding: Encoding, length: number, padding: Padding): Encoding {
  const overflow = encoding.overflow.map((window) => padded(window, length, padding))
  const missing = length - encoding.ids.length
  if (missing <= 0) return { ...encoding, overflow }
  const { id, token, typeId = 0, direction = 'right' } = padding
  const added = addedEncoding(Array(missing).fill(id), Array(missing).fill(token), { typeId, attention: 0 })
  const own = { ...encoding, overflow: [] }
  return { ...joinedEncodings(direction === 'left' ? [added, own] : [own, added]), overflow }
}
