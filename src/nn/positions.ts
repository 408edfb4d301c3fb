import { ShapeError, shapeText } from '../base/index.ts'
import {
  add,
  concat,
  constant,
  convert,
  equal,
  gather,
  reshape,
  scatterAdd,
  slice,
  subtract,
  type Tensor,
  where,
  zeros,
} from '../tensor/index.ts'

/**
 * Positions that begin anew with each document of a packed row: how far each token is from the first of its document.
 *
 * @param documents `[B, T]` i32; in each row 0 first, and from token to token the same or one more; B·T below 2²⁴
 * @returns `[B, T]` i32
 * @throws ShapeError when documents are not `[B, T]`
 * Cost: a few passes over B·T numbers.
 *
 * @example
 * documentPositions(constant([0, 0, 1, 1, 1, 2], [1, 6], 'i32')) // [[0, 1, 0, 1, 2, 0]]
 */
export function documentPositions(documents: Tensor): Tensor {
  if (documents.rank !== 2)
    throw new ShapeError('documentPositions', `documents must be [B, T], got ${shapeText(documents.shape)}`)
  const [batch, tokens] = documents.shape
  const places = constant(
    Float32Array.from({ length: tokens }, (_, t) => t),
    [tokens],
  )
  // The place of each token that begins a document; 0 for all others, and for the first of a row.
  const same = equal(slice(documents, 1, 1, tokens), slice(documents, 1, 0, tokens - 1)) // [B, T − 1]
  const begins = concat([zeros([batch, 1]), where(same, 0, slice(places, 0, 1, tokens))], 1) // [B, T]
  // Each document has a slot of its own in a table of B·T: one token of it writes its beginning, all of them read it.
  const rows = constant(
    Float32Array.from({ length: batch }, (_, b) => b * tokens),
    [batch, 1],
  )
  const slots = convert(add(documents, rows), 'i32') // [B, T]
  const table = scatterAdd(zeros([batch * tokens, 1]), slots, reshape(begins, [batch, tokens, 1]))
  return convert(subtract(places, reshape(gather(table, slots), [batch, tokens])), 'i32')
}
