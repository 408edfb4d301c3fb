import { stripVTControlCharacters, styleText } from 'node:util'

/** Where text goes: process.stdout, or a list in a test. */
export interface Output {
  write(text: string): unknown
  readonly columns?: number
  readonly isTTY?: boolean
}

export type Environment = Readonly<Record<string, string | undefined>>

export type Style = Parameters<typeof styleText>[0]

/** Puts a colour or a weight on text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string

/** Whether lines may be drawn over: a terminal that people look at. */
export function isLive(output: Output, environment: Environment = process.env): boolean {
  const { CI, TERM } = environment
  return output.isTTY === true && TERM !== 'dumb' && (CI === undefined || CI === '' || CI === 'false' || CI === '0')
}

/** FORCE_COLOR (0 and false switch off) comes before NO_COLOR, which comes before what the terminal is. */
export function isColored(output: Output, environment: Environment = process.env): boolean {
  const { FORCE_COLOR, NO_COLOR, TERM } = environment
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  return !NO_COLOR && output.isTTY === true && TERM !== 'dumb'
}

/** How to paint on an output. */
export function painter(output: Output, environment: Environment = process.env): Paint {
  return isColored(output, environment) ? (style, text) => styleText(style, text, { validateStream: false }) : plain
}

export const plain: Paint = (_style, text) => text

const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uff01-\uff60]/u
const graphemes = new Intl.Segmenter()

/** Cells that text takes on a terminal: colours take none, Chinese characters and emoji two. */
export function widthOf(text: string): number {
  let width = 0
  for (const { segment } of graphemes.segment(stripVTControlCharacters(text))) width += wide.test(segment) ? 2 : 1
  return width
}
