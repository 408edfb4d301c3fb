import type { Outline } from '../index.ts'
import type { Contamination, ContaminationOptions } from './contamination.ts'

/** Of so many items the names are told. */
const namedItems = 3

/**
 * {@link Contamination} as a filter of documents: leaves out those that fall into too many pieces, or of which nothing is
 * left, and puts a blank line where something was taken out of others, whose `meta` then names the items.
 *
 * @example
 * const filter = contaminationFilter(new Contamination([{ id: 'quiz 1', text: 'one two three four' }], { words: 4 }))
 * filter.judge({ outline: outlineOf('One, two, three, four.') }).drop // 'nothing but evaluation items'
 */
export function contaminationFilter(contamination: Contamination) {
  const { options } = contamination
  return {
    name: 'contamination',
    settings: { ...options, grams: contamination.fingerprint } satisfies Record<
      keyof ContaminationOptions | 'grams',
      unknown
    >,
    judge({ outline }: { readonly outline: Outline }) {
      const { pieces, fellInto, collisions, items } = contamination.clean(outline)
      if (collisions === 0) return undefined
      const named = items.slice(0, namedItems).join(', ')
      const why = `in common with ${named}${items.length > namedItems ? ` and ${items.length - namedItems} more` : ''}`
      if (fellInto > options.mostPieces)
        return { drop: 'evaluation items throughout', why: `${fellInto} pieces; ${why}` }
      if (pieces.length === 0) return { drop: 'nothing but evaluation items', why }
      const meta = { evaluationItems: items }
      return { text: pieces.join('\n\n'), meta, did: { 'passages of evaluation items': collisions } }
    },
  }
}
