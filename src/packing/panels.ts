import {
  byteLength,
  PANEL_ROWS,
  type PackedDType,
  packedRowBytes,
  packings,
  rowsByteLength,
  ShapeError,
  shapeText,
} from '../base/index.ts'
import { type Field, panelLayouts } from './panel-fields.ts'

type MatrixShape = readonly [rows: number, columns: number]

/**
 * Lays the rows of a packed matrix out as backends hold them: sixteen rows interleaved, the last ones filled up with zeros.
 * This is the definition, a bit at a time; the kernel `interleave` does the same at the speed of memory.
 *
 * @param rows N packed rows, one after another, as files hold them
 * @param shape [N, K]
 * @throws ShapeError when there are more or fewer bytes than the shape has
 *
 * @example
 * toPanels('q8_0', new Uint8Array(34), [1, 32]).length // 544; a panel of 16 rows
 */
export function toPanels(dtype: PackedDType, rows: Uint8Array, shape: MatrixShape): Uint8Array {
  checkLength('toPanels', dtype, shape, rows, rowsByteLength(dtype, shape))
  const panels = new Uint8Array(byteLength(dtype, shape))
  eachField(dtype, shape, ({ width, flip }, file, panel) => {
    const bits = (rows[file >> 3] >> (file & 7)) & (2 ** width - 1)
    panels[panel >> 3] |= (bits ^ flip) << (panel & 7)
  })
  return panels
}

/**
 * The rows of a packed matrix, as files hold them, from panels: undoes {@link toPanels}.
 *
 * @param shape [N, K]
 * @returns N packed rows, one after another
 * @throws ShapeError when there are more or fewer bytes than the shape has
 *
 * @example
 * fromPanels('q8_0', new Uint8Array(544), [1, 32]).length // 34
 */
export function fromPanels(dtype: PackedDType, panels: Uint8Array, shape: MatrixShape): Uint8Array {
  checkLength('fromPanels', dtype, shape, panels, byteLength(dtype, shape))
  const rows = new Uint8Array(rowsByteLength(dtype, shape))
  eachField(dtype, shape, ({ width, flip }, file, panel) => {
    const bits = (panels[panel >> 3] >> (panel & 7)) & (2 ** width - 1)
    rows[file >> 3] |= (bits ^ flip) << (file & 7)
  })
  return rows
}

/** Every field of every row: its bit in the file's rows and in the panels. */
function eachField(
  dtype: PackedDType,
  [N, K]: MatrixShape,
  visit: (field: Field, file: number, panel: number) => void,
): void {
  const { elements, bytes, header } = packings[dtype]
  const layout = panelLayouts[dtype]
  const rowBits = 8 * packedRowBytes(dtype, K)
  for (let n = 0; n < N; n++) {
    const row = n % PANEL_ROWS
    const file = n * rowBits
    const panel = (n - row) * rowBits
    for (const field of layout.header) visit(field, file + field.from, panel + field.to + row * field.stride)
    for (let block = 0; block < K / elements; block++) {
      const at = 8 * (header + block * bytes)
      const panelAt = 8 * PANEL_ROWS * (header + block * bytes)
      for (const field of layout.block)
        visit(field, file + at + field.from, panel + panelAt + field.to + row * field.stride)
    }
  }
}

function checkLength(
  operation: string,
  dtype: PackedDType,
  shape: MatrixShape,
  bytes: Uint8Array,
  length: number,
): void {
  if (shape[1] % packings[dtype].elements !== 0) {
    const { elements } = packings[dtype]
    throw new ShapeError(operation, `rows of ${dtype} are whole blocks of ${elements}, got ${shapeText(shape)}`)
  }
  if (bytes.length !== length)
    throw new ShapeError(operation, `${dtype} ${shapeText(shape)} takes ${length} bytes, got ${bytes.length}`)
}
