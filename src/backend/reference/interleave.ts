import { BackendError, PANEL_ROWS, type PackedDType, packedRowBytes, shapeText } from '../../base/index.ts'
import { toPanels } from '../../packing/index.ts'
import { type Kernel, rowsAndColumns } from './view.ts'

/** rows u8 → w `[N, K]` packed: rows as files hold them, from row `first` (a multiple of 16) of w on, as panels. */
export const interleave: Kernel = ([rows], [w], [first]) => {
  const [N, K] = rowsAndColumns(w.shape)
  const dtype = w.dtype as PackedDType
  const rowBytes = packedRowBytes(dtype, K)
  const count = rows.elements.length / rowBytes
  const start = first as number
  if (start % PANEL_ROWS !== 0 || !Number.isInteger(count) || start + count > N) {
    throw new BackendError(
      `interleave: ${rows.elements.length} bytes from row ${start} on are no rows of ${dtype} ${shapeText(w.shape)}`,
    )
  }
  ;(w.elements as Uint8Array).set(toPanels(dtype, rows.elements as Uint8Array, [count, K]), start * rowBytes)
}
