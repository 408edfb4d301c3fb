import { type Paint, plain, widthOf } from './terminal.ts'

export interface TableOptions {
  /** Titles of the columns. */
  readonly header?: readonly string[]
  /** Cells between columns. */
  readonly gap?: number
  readonly paint?: Paint
}

/** A number with or without a unit: `12`, `-1.5`, `4.5 GB`, `41 %`, `1m52s`, `–` for none. */
const isNumeric = (text: string) => /^([-+−]?[\d.,]+(e[-+]?\d+)?\s?[a-zµ%/]{0,8}(\d+[a-z]+)?|[–-]?)$/i.test(text)

/**
 * Rows as aligned text, numbers to the right, without spaces at the ends of lines.
 *
 * @example
 * table([['weights', '124 M'], ['arena', '3 M']])
 * // weights  124 M
 * // arena      3 M
 */
export function table(
  rows: readonly (readonly (string | number)[])[],
  { header, gap = 2, paint = plain }: TableOptions = {},
): string {
  const body = rows.map((row) => row.map(String))
  const all = header === undefined ? body : [header, ...body]
  const columns = Math.max(0, ...all.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, c) => Math.max(0, ...all.map((row) => widthOf(row[c] ?? ''))))
  const isRight = widths.map(
    (_, c) => body.some((row) => row[c] !== undefined) && body.every((row) => isNumeric(row[c] ?? '')),
  )
  const line = (row: readonly string[]) =>
    widths
      .map((width, c) => {
        const cell = row[c] ?? ''
        const space = ' '.repeat(width - widthOf(cell))
        return isRight[c] ? space + cell : cell + space
      })
      .join(' '.repeat(gap))
      .trimEnd()
  return [...(header === undefined ? [] : [paint('dim', line(header))]), ...body.map(line)].join('\n')
}
