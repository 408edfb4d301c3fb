import { type Kernel, read, rowsAndColumns, write } from './view.ts'

/** table [V, C], ids […] → y […, C]: rows of the table; an id outside it gives zeros. */
export const gather: Kernel = ([table, ids], [y]) => {
  const [V, C] = table.shape
  const rows = read(table)
  const result = new Float64Array(y.elements.length)
  read(ids).forEach((id, n) => {
    if (id < 0 || id >= V) return
    for (let c = 0; c < C; c++) result[n * C + c] = rows[id * C + c]
  })
  write(y, result)
}

/** base [V, C], ids […], updates […, C] → y [V, C]: base plus each update at its row; ids outside are skipped. */
export const scatterAdd: Kernel = ([base, ids, updates], [y]) => {
  const [V, C] = base.shape
  const result = read(base)
  const values = read(updates)
  read(ids).forEach((id, n) => {
    if (id < 0 || id >= V) return
    for (let c = 0; c < C; c++) result[id * C + c] += values[n * C + c]
  })
  write(y, result)
}

/** x […, C], ids […] → y […]: x[…, ids[…]]; an id outside gives 0. */
export const pick: Kernel = ([x, ids], [y]) => {
  const [, C] = rowsAndColumns(x.shape)
  const values = read(x)
  write(
    y,
    read(ids).map((id, n) => (id < 0 || id >= C ? 0 : values[n * C + id])),
  )
}

/** ids […], dy […] → dx […, C]: zeros, and dy at the picked places. */
export const pickBackward: Kernel = ([ids, dy], [dx]) => {
  const [, C] = rowsAndColumns(dx.shape)
  const gradient = read(dy)
  const result = new Float64Array(dx.elements.length)
  read(ids).forEach((id, n) => {
    if (id >= 0 && id < C) result[n * C + id] = gradient[n]
  })
  write(dx, result)
}
