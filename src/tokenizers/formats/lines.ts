/** Says what is wrong with a file, and where. */
export type FailAtLine = (line: number, reason: string) => never

/**
 * The lines of a file that has one entry on each; the last may end the file without a line feed.
 *
 * @param fail receives the number of the line, from 1
 */
export function linesOf(text: string, fail: FailAtLine): string[] {
  if (text.startsWith('\ufeff')) fail(1, 'begins with a byte order mark (U+FEFF)')
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  lines.forEach((line, i) => {
    if (line.endsWith('\r')) fail(i + 1, 'ends with a carriage return; line ends must be LF, not CRLF')
  })
  return lines
}
