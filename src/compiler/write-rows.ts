import type { Backend, BufferRef, Segment } from '../backend/index.ts'
import {
  ConfigError,
  isPacked,
  PANEL_ROWS,
  packedRowBytes,
  rowsByteLength,
  ShapeError,
  shapeText,
} from '../base/index.ts'
import type { State, StatePlace } from './state.ts'

/** Bytes that are on their way at a time: small enough for a cache, many enough for a call not to show. */
const PIECE_BYTES = 2 ** 22

/**
 * Writes a weight into a state as a file holds it: row after row. A packed one goes through the kernel `interleave`, four
 * megabytes at a time, so that no second copy of it is ever held; a plain one is written as it is.
 *
 * @param rows all the bytes of the weight, in the dtype of the state; a view of a mapped file will do
 * @throws ConfigError when there is no such state, ShapeError when it takes more or fewer bytes
 * Cost: about two passes over the bytes.
 *
 * @example
 * const state = createState(referenceBackend())
 * state.ensure([{ name: 'w', shape: [1, 32], dtype: 'q8_0' }])
 * await writeRows(state, 'w', new Uint8Array(34))
 */
export async function writeRows(state: State, name: string, rows: Uint8Array): Promise<void> {
  const place = state.places.get(name)
  if (place === undefined)
    throw new ConfigError(`writeRows: there is no state named ${name}; make it with state.ensure`)
  const { dtype, shape } = place
  if (!isPacked(dtype)) return state.write(name, rows)
  const columns = shape[shape.length - 1]
  const rowBytes = packedRowBytes(dtype, columns)
  const bytes = rowsByteLength(dtype, shape)
  if (rows.length !== bytes) {
    throw new ShapeError(
      'writeRows',
      `${name} is ${dtype} ${shapeText(shape)}, ${bytes} bytes in a file, got ${rows.length} bytes`,
    )
  }
  const pieceRows = Math.max(1, Math.floor(PIECE_BYTES / rowBytes / PANEL_ROWS)) * PANEL_ROWS
  const pieceBytes = Math.min(pieceRows * rowBytes, bytes)
  const staging = state.backend.allocate(pieceBytes)
  try {
    for (let first = 0; first * rowBytes < bytes; first += pieceRows) {
      const piece = rows.subarray(first * rowBytes, first * rowBytes + pieceBytes)
      staging.write(0, piece)
      await interleave(state.backend, staging, piece.length, place, first)
    }
  } finally {
    staging.release()
  }
}

async function interleave(backend: Backend, staging: Segment, bytes: number, place: StatePlace, first: number) {
  const rows: BufferRef = { segment: 0, offset: 0, shape: [bytes], dtype: 'u8' }
  const w: BufferRef = { segment: 1, offset: place.offset, shape: place.shape, dtype: place.dtype }
  const call = { kernel: 'interleave', inputs: [rows], outputs: [w], attributes: [first] }
  const program = backend.load([call], [staging, place.segment])
  try {
    await program.run()
  } finally {
    program.release()
  }
}
