import { type CodePoints, pastLast, range } from './code-points.ts'

/**
 * Code points that a pattern never tells apart are one letter of its alphabet. A handful of letters (a vowel, a digit,
 * a space, the rest) stands for all of Unicode, so sets become short rows of bytes and choices become tables.
 */
export interface Alphabet {
  /** How many letters there are; this number itself stands for the end of the text. */
  readonly size: number
  /** Letters from here on are code points above U+FFFF, of two code units. */
  readonly firstWide: number
  /** For each 256 code points, where in `letters` theirs are; those below U+0100 are first. */
  readonly pages: Int32Array
  readonly letters: Uint16Array
  /** For each set, in the order given, whether it has the letter: `[size + 1]`, the end of the text last. */
  readonly rows: readonly Uint8Array[]
}

const pageSize = 256
const firstAstral = 0x10000

/** The alphabet in which all of these sets can be spelled. */
export function alphabet(sets: readonly CodePoints[]): Alphabet {
  const spans = spansOf(sets)
  const pages = new Int32Array(pastLast / pageSize)
  const blocks: number[][] = []
  /** Where a page is that has one letter only. */
  const uniform = new Map<number, number>()
  let span = 0
  for (let page = 0; page < pages.length; page++) {
    const start = page * pageSize
    while (spans.starts[span + 1] <= start) span++
    const letter = spans.letters[span]
    const isUniform = page > 0 && (spans.starts[span + 1] ?? pastLast) >= start + pageSize
    const place = isUniform ? uniform.get(letter) : undefined
    pages[page] = place ?? blocks.length * pageSize
    if (place !== undefined) continue
    if (isUniform) uniform.set(letter, pages[page])
    const block: number[] = []
    for (let code = start; code < start + pageSize; code++) {
      if (spans.starts[span + 1] <= code) span++
      block.push(spans.letters[span])
    }
    blocks.push(block)
  }
  return { ...spans, pages, letters: Uint16Array.from(blocks.flat()) }
}

/** Where the letter changes, which it is from there on, and which letters each set has. */
function spansOf(sets: readonly CodePoints[]) {
  const all = [...sets, range(firstAstral, pastLast - 1)]
  const changes = Float64Array.from(all.flatMap((set, s) => set.map((place) => place * all.length + s))).sort()
  const inside = new Uint8Array(all.length)
  const known = new Map<string, number>()
  const columns: Uint8Array[] = []
  const starts: number[] = []
  const letters: number[] = []
  let firstWide = 0
  for (let at = 0, next = 0; at < pastLast; ) {
    for (; next < changes.length && Math.floor(changes[next] / all.length) <= at; next++)
      inside[changes[next] % all.length] ^= 1
    if (at === firstAstral) firstWide = columns.length
    const key = inside.join('')
    let letter = known.get(key)
    if (letter === undefined) {
      letter = columns.push(inside.slice()) - 1
      known.set(key, letter)
    }
    starts.push(at)
    letters.push(letter)
    at = next < changes.length ? Math.floor(changes[next] / all.length) : pastLast
  }
  const rows = sets.map((_, s) => Uint8Array.from([...columns.map((column) => column[s]), 0]))
  return { size: columns.length, firstWide, starts, letters, rows }
}
