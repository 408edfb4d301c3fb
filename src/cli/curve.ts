import { quantity } from '../base/index.ts'
import { logTicks, tickLabels, ticks } from './axis.ts'
import { type Paint, plain } from './terminal.ts'

/** A step and what was measured there. */
export type Point = readonly [step: number, value: number]

export interface CurveOptions {
  /** Cells of the whole picture, axes and their labels included. */
  readonly width?: number
  readonly height?: number
  /** A dotted line that the curve cannot cross, and what it is called. */
  readonly limit?: { readonly value: number; readonly label: string }
  /** Marked points beside the curve, and what they are: losses of evaluations when not said. */
  readonly points?: readonly Point[]
  readonly pointsTitle?: string
  /** Further curves, each in a colour of its own. */
  readonly others?: readonly (readonly Point[])[]
  /** Steps on a logarithmic axis: the fast start gets room. */
  readonly logX?: boolean
  /** What the steps are, at the end of their axis. */
  readonly unit?: string
  /** What the curve and the points are, for the line above the picture; no line when not given. */
  readonly title?: string
  readonly paint?: Paint
}

/** Bits of the eight dots of a braille character, by column and row of the dot. */
const dots = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
]

const colors = ['cyan', 'green', 'blue', 'magenta'] as const

const isPoint = ([x, y]: Point) => Number.isFinite(x) && Number.isFinite(y)

/**
 * Draws a curve in braille characters, 2 × 4 dots to a cell: of the points that fall into a column of dots, the mean.
 *
 * @returns lines without a line break at the end; a sentence when there is nothing to draw
 */
export function curve(series: readonly Point[], options: CurveOptions = {}): string {
  const { width = 80, height = 12, limit, logX = false, title, unit = 'step', paint = plain } = options
  const lines = [series, ...(options.others ?? [])].map((each) => each.filter(isPoint))
  const points = (options.points ?? []).filter(isPoint)
  const all = [...lines.flat(), ...points]
  if (all.length === 0) return 'There is nothing to draw yet.'

  const rows = Math.max(height - 2 - (title === undefined ? 0 : 1), 1)
  const values = all.map(([, value]) => value)
  if (limit !== undefined) values.push(limit.value)
  const [low, high] = widened(least(values), greatest(values))
  const yTicks = ticks(low, high, Math.max(2, Math.ceil(rows * 0.6)))
  const yLabels = tickLabels(yTicks)
  const margin = Math.max(...yLabels.map((label) => label.length), 1)
  const columns = Math.max(width - margin - 2, 4)

  const steps = all.map(([step]) => step)
  const scale = (step: number) => (logX ? Math.log(Math.max(step, 1)) : step)
  const [left, right] = widened(scale(least(steps)), scale(greatest(steps)))
  // In dots: 0 is the first column, and the top row.
  const dotX = (step: number) => ((scale(step) - left) / (right - left)) * (columns * 2 - 1)
  const dotY = (value: number) => ((high - value) / (high - low)) * (rows * 4 - 1)
  const cellX = (step: number) => Math.round(dotX(step)) >> 1
  const cellY = (value: number) => Math.round(dotY(value)) >> 2

  const fields = lines.map((line) => drawLine(line, { columns, rows, dotX, dotY }))
  const field = fields.reduce((sum, each) => sum.map((row, y) => row.map((bits, x) => bits | each[y][x])))
  const cells = field.map((row, y) =>
    row.map((bits, x) => {
      if (bits === 0) return ' '
      const first = fields.findIndex((each) => each[y][x] !== 0)
      return paint(colors[first % colors.length], brailleOf(bits))
    }),
  )
  if (limit !== undefined) drawLimit(cells, field, Math.round(dotY(limit.value)), paint)
  for (const [step, value] of points) cells[cellY(value)][cellX(step)] = paint('yellow', '●')
  if (limit !== undefined) {
    const name = ` ${limit.label} ${limit.value.toFixed(3)} `
    placeText(cells, cellY(limit.value), name, (text) => paint('magenta', text))
  }

  const tickRows = new Map(yTicks.map((value, i) => [cellY(value), yLabels[i]]))
  const body = cells.map((row, y) => {
    const label = tickRows.get(y)
    const axis = `${(label ?? '').padStart(margin)} ${label === undefined ? '│' : '┤'}`
    return (paint('dim', axis) + row.join('')).trimEnd()
  })
  const most = Math.max(2, Math.floor(columns / 12))
  const xTicks = logX
    ? logTicks(Math.max(least(steps), 1), greatest(steps), most)
    : ticks(least(steps), greatest(steps), most)
  const foot = xAxis(
    xTicks.map((step) => ({ at: cellX(step), text: quantity(step).replace(' ', '') })),
    columns,
    unit,
  )
  const indent = ' '.repeat(margin)
  const legend = points.length > 0 ? `  ${paint('yellow', '●')} ${options.pointsTitle ?? 'validation'}` : ''
  return [
    ...(title === undefined ? [] : [`${indent}  ${paint('cyan', '⠤⠤')} ${title}${legend}`]),
    ...body,
    paint('dim', `${indent} ${foot.line}`),
    paint('dim', `${indent} ${foot.labels}`),
  ].join('\n')
}

/** Math.min of a list of any length. */
const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b))
const greatest = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b))

/** A range that is not empty. */
function widened(low: number, high: number): [number, number] {
  const margin = Math.abs(low) * 0.05 || 1
  return high > low ? [low, high] : [low - margin, high + margin]
}

const brailleOf = (bits: number) => String.fromCodePoint(0x2800 + bits)

interface Field {
  /** In cells. */
  readonly columns: number
  readonly rows: number
  readonly dotX: (step: number) => number
  readonly dotY: (value: number) => number
}

/** Bits of each cell, by row and column. */
function drawLine(line: readonly Point[], { columns, rows, dotX, dotY }: Field): number[][] {
  const field = Array.from({ length: rows }, () => new Array<number>(columns).fill(0))
  const set = (x: number, y: number) => {
    field[y >> 2][x >> 1] |= dots[x & 1][y & 3]
  }
  const sums = new Map<number, { sum: number; count: number }>()
  for (const [step, value] of line) {
    const x = Math.round(dotX(step))
    const { sum, count } = sums.get(x) ?? { sum: 0, count: 0 }
    sums.set(x, { sum: sum + value, count: count + 1 })
  }
  let last: { x: number; y: number } | undefined
  for (const [x, { sum, count }] of [...sums].sort(([a], [b]) => a - b)) {
    const y = dotY(sum / count)
    const from = last ?? { x: x - 1, y }
    // Columns without points lie on the straight line; a steep piece fills its column from where the last one ended.
    let previous = Math.round(from.y)
    for (let at = from.x + 1; at <= x; at++) {
      const here = Math.round(from.y + ((y - from.y) * (at - from.x)) / (x - from.x))
      const towards = Math.sign(previous - here)
      set(at, here)
      for (let between = here + towards; between !== previous && towards !== 0; between += towards) set(at, between)
      previous = here
    }
    last = { x, y }
  }
  return field
}

/** A dotted line, one dot to a cell; where the curve passes through a cell, both are seen. */
function drawLimit(cells: string[][], field: readonly number[][], y: number, paint: Paint) {
  const row = y >> 2
  const bit = dots[0][y & 3]
  for (let x = 0; x < cells[row].length; x++) {
    const curve = field[row][x]
    cells[row][x] = paint(curve === 0 ? 'magenta' : 'cyan', brailleOf(curve | bit))
  }
}

/** Writes text into free cells near a row, as far to the right as there is room; nowhere when there is none. */
function placeText(cells: string[][], row: number, text: string, paint: (text: string) => string) {
  const letters = [...text]
  for (const y of [row - 1, row + 1, row - 2, row + 2]) {
    const place = cells[y] ?? []
    for (let start = place.length - letters.length; start >= 0; start--) {
      if (letters.some((_, i) => place[start + i] !== ' ')) continue
      letters.forEach((letter, i) => {
        place[start + i] = letter === ' ' ? ' ' : paint(letter)
      })
      return
    }
  }
}

/** The bottom line and the numbers under it; a number that would touch its neighbour is left out. */
function xAxis(
  labels: readonly { at: number; text: string }[],
  columns: number,
  name: string,
): { line: string; labels: string } {
  const line = new Array<string>(columns).fill('─')
  let text = ''
  for (const { at, text: label } of labels) {
    line[at] = '┬'
    // The field begins one cell after the axis; labels are centred, and stay inside.
    const start = Math.max(0, Math.min(at + 1 - Math.floor(label.length / 2), columns + 1 - label.length))
    if (text !== '' && start < text.length + 1) continue
    text = text.padEnd(start) + label
  }
  const unit = ` ${name}`
  if (text.length + unit.length + 1 <= columns) text += unit
  return { line: `└${line.join('')}`, labels: text }
}
