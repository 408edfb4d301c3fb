/**
 * The phrases of a text that sets them apart by commas.
 *
 * @example
 * list('read more, share') // ['read more', 'share']
 */
export function list(text: string): string[] {
  return text.split(',').map((phrase) => phrase.trim())
}
