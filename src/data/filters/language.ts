import type { LanguageIdentifier } from '../language/index.ts'
import type { Filter } from './filter.ts'
import { requireRange } from './options.ts'

export interface LanguageOptions {
  /** `await languageIdentifier()`, or `fastTextIdentifier(model)`. */
  readonly identifier: LanguageIdentifier
  /** Languages that stay; all by default. */
  readonly keep?: readonly string[]
  /** How sure of it the identifier must be, 0 to 1; 0.5 by default. Only where `keep` is given. */
  readonly leastConfidence?: number
}

/**
 * Says which language a document has: `language`, `languageConfidence` and `script` in what is known of it. With `keep`,
 * leaves out documents in other languages, those in none, and those of which it cannot be said.
 *
 * @throws ConfigError for a confidence outside of 0 to 1
 *
 * @example
 * const filter = language({ identifier: await languageIdentifier(), keep: ['kk'] })
 * filter.judge(new Draft({ id: 'a', text: 'It was a dark and stormy night.', source: 's', meta: {} })).drop // 'other language'
 */
export function language({ identifier, keep, leastConfidence = 0.5 }: LanguageOptions): Filter {
  requireRange('language', { leastConfidence }, 0, 1)
  const kept = keep && new Set(keep)
  return {
    name: 'language',
    settings: {
      identifier: identifier.name,
      of: identifier.settings,
      keep: keep ? [...keep].sort() : null,
      leastConfidence: keep ? leastConfidence : null,
    },
    judge({ text }) {
      const guess = identifier.identify(text)
      if (guess === undefined) return kept && { drop: 'no language', why: 'no letters of any language' }
      const { language, script } = guess
      const confidence = Math.round(guess.confidence * 1000) / 1000
      if (kept !== undefined) {
        const figures = `${language}, confidence ${confidence}`
        if (!kept.has(language)) return { drop: 'other language', why: `${figures}; kept are ${keep!.join(', ')}` }
        if (guess.confidence < leastConfidence) {
          return { drop: 'unsure of the language', why: `${figures}; at least ${leastConfidence} is asked for` }
        }
      }
      return { meta: { language, languageConfidence: confidence, ...(script !== undefined && { script }) } }
    },
  }
}
