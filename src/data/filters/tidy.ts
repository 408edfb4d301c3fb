/**
 * A text without spaces at the ends of lines, and with at most two empty lines in a row.
 *
 * @returns undefined when it is so already
 * Cost: a look at each line; linear in any text.
 *
 * @example
 * tidied('a \n\n\n\n\nb') // { text: 'a\n\n\nb', did: { 'trailing spaces': 1, 'empty lines': 2 } }
 */
export function tidied(text: string): { text: string; did: Readonly<Record<string, number>> } | undefined {
  if (isTidy(text)) return
  const kept: string[] = []
  let spaces = 0
  let dropped = 0
  let empty = 0
  for (const line of text.split('\n')) {
    let end = line.length
    while (end > 0 && isSpace(line.charCodeAt(end - 1))) end--
    if (end < line.length) spaces++
    empty = end === 0 ? empty + 1 : 0
    if (empty > 2) dropped++
    else kept.push(line.slice(0, end))
  }
  const did = { ...(spaces > 0 && { 'trailing spaces': spaces }), ...(dropped > 0 && { 'empty lines': dropped }) }
  return { text: kept.join('\n'), did }
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x09
}

function isTidy(text: string): boolean {
  let ends = 0
  let last = -2
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    if (at > 0 && isSpace(text.charCodeAt(at - 1))) return false
    ends = at === last + 1 ? ends + 1 : 1
    if (ends > 3) return false
    last = at
  }
  return text === '' || !isSpace(text.charCodeAt(text.length - 1))
}
