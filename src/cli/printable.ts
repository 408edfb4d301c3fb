/**
 * Text of others as a terminal may have it: control characters, with which a text could take the terminal over, and those
 * that turn the direction of writing become signs that can be seen. Line ends and tabs stay.
 *
 * @example
 * printable('\u001b[2J\u0007ә') // '␛[2J␇ә'
 */
export function printable(text: string): string {
  return text.toWellFormed().replace(/(?![\n\t])\p{Cc}|\p{Bidi_Control}/gu, (character) => {
    const code = character.codePointAt(0)!
    return code < 0x20 ? String.fromCodePoint(0x2400 + code) : code === 0x7f ? '␡' : '·'
  })
}

/** The beginning of a text on one line. */
export function excerpt(text: string, characters: number): string {
  // Only what can be shown is looked at: texts may be long.
  const line = printable(text.slice(0, 8 * characters))
    .replace(/\s+/g, ' ')
    .trim()
  const letters = [...line]
  return letters.length > characters ? `${letters.slice(0, characters - 1).join('')}…` : line
}
