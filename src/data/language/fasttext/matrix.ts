import type { Cursor } from './cursor.ts'

/** Rows of weights, as they are or compressed. Sums are in float32, as fastText's are. */
export interface Matrix {
  readonly rows: number
  readonly width: number
  /** sum += row */
  addRow(row: number, sum: Float32Array): void
  /** row · vector */
  dotRow(row: number, vector: Float32Array): number
}

const { fround } = Math

/** Rows as they are. */
export function readDense(file: Cursor, what: string): Matrix {
  const { rows, width } = readSize(file, what)
  const values = file.floats(rows * width, what)
  return {
    rows,
    width,
    addRow(row, sum) {
      const at = row * width
      for (let i = 0; i < width; i++) sum[i] += values[at + i]
    },
    dotRow(row, vector) {
      const at = row * width
      let dot = 0
      for (let i = 0; i < width; i++) dot = fround(dot + fround(values[at + i] * vector[i]))
      return dot
    },
  }
}

/**
 * Rows cut into parts, of which each is the nearest of 256 (a product quantiser, Jégou et al. 2011); their lengths may be
 * one of 256 as well (Joulin et al. 2016, "FastText.zip", §3.1).
 */
export function readQuantized(file: Cursor, what: string): Matrix {
  const withLengths = file.flag(`whether ${what} has lengths`)
  const { rows, width } = readSize(file, what)
  const size = file.int32(`the size of the codes of ${what}`)
  const at = file.at
  const codes = file.bytes(size, `the codes of ${what}`)
  const parts = readQuantizer(file, what)
  if (parts.width !== width || codes.length !== rows * parts.count) {
    throw file.wrong(`${codes.length} codes for ${rows} rows of ${parts.count} parts, width ${parts.width}`, at)
  }
  const lengthCodes = withLengths ? file.bytes(rows, `the lengths of ${what}`) : undefined
  const lengths = withLengths ? readQuantizer(file, `lengths of ${what}`) : undefined
  if (lengths !== undefined && lengths.width !== 1) {
    throw file.wrong(`the lengths of ${what} have width ${lengths.width}, expected 1`)
  }
  const { count, partWidth, lastWidth, centroids } = parts
  const lengthOf = (row: number) => (lengths === undefined ? 1 : lengths.centroids[lengthCodes![row]])
  const lastPart = (count - 1) * 256 * partWidth
  return {
    rows,
    width,
    addRow(row, sum) {
      const length = lengthOf(row)
      let code = row * count
      let i = 0
      for (let part = 0; part < count - 1; part++) {
        let from = (part * 256 + codes[code++]) * partWidth
        for (let k = 0; k < partWidth; k++) sum[i++] += fround(length * centroids[from++])
      }
      let from = lastPart + codes[code] * lastWidth
      for (let k = 0; k < lastWidth; k++) sum[i++] += fround(length * centroids[from++])
    },
    dotRow(row, vector) {
      let dot = 0
      let i = 0
      for (let part = 0; part < count; part++) {
        const last = part === count - 1
        const wide = last ? lastWidth : partWidth
        const from = last
          ? lastPart + codes[row * count + part] * lastWidth
          : (part * 256 + codes[row * count + part]) * wide
        for (let k = 0; k < wide; k++) dot = fround(dot + fround(vector[i++] * centroids[from + k]))
      }
      return fround(dot * lengthOf(row))
    },
  }
}

function readSize(file: Cursor, what: string): { rows: number; width: number } {
  const at = file.at
  const rows = file.int64(`rows of ${what}`)
  const width = file.int64(`width of ${what}`)
  if (rows < 0 || width < 1 || width > 65536 || rows > 2 ** 40) throw file.wrong(`${what} is ${rows} × ${width}`, at)
  return { rows, width }
}

interface Quantizer {
  readonly width: number
  /** Parts of a row. */
  readonly count: number
  /** Width of each part but the last. */
  readonly partWidth: number
  readonly lastWidth: number
  /** `[count, 256, partWidth]`, the last with its own width. */
  readonly centroids: Float32Array
}

function readQuantizer(file: Cursor, what: string): Quantizer {
  const at = file.at
  const width = file.int32(`width of the quantiser of ${what}`)
  const count = file.int32('parts')
  const partWidth = file.int32('width of a part')
  const lastWidth = file.int32('width of the last part')
  if (width < 1 || width > 65536 || count < 1 || partWidth < 1 || lastWidth < 1 || lastWidth > partWidth) {
    throw file.wrong(`a quantiser of ${count} parts of ${partWidth}, the last ${lastWidth}, width ${width}`, at)
  }
  if ((count - 1) * partWidth + lastWidth !== width) {
    throw file.wrong(`${count} parts of ${partWidth}, the last ${lastWidth}, are not of width ${width}`, at)
  }
  return { width, count, partWidth, lastWidth, centroids: file.floats(256 * width, `the quantiser of ${what}`) }
}
