/** The little English grammar that the world needs: articles and plurals. */

const irregularPlurals: Record<string, string> = { sheep: 'sheep', goose: 'geese', child: 'children' }

/** @example withArticle('apple') === 'an apple' */
export function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`
}

/** @example pluralOf('notebook') === 'notebooks' */
export function pluralOf(noun: string): string {
  if (noun in irregularPlurals) return irregularPlurals[noun]
  if (/(s|x|ch|sh)$/.test(noun)) return `${noun}es`
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`
  return `${noun}s`
}
