import type { LanguageGuess, LanguageIdentifier } from './identifier.ts'
import { type LanguageEvidence, languageEvidence } from './language-evidence.ts'
import { sampleOf } from './sample.ts'

/** Languages that the library does not know, so that it cannot be asked about them. */
const notInLibrary = new Set(['kk', 'ky', 'tt', 'uz', 'ba', 'tg', 'mn', 'sah', 'tyv', 'tk', 'ug', 'mk'])

/**
 * The identifier in use: letters and little words say what a text is where they leave no doubt ({@link languageEvidence}),
 * and `eld` (60 languages by n-grams of bytes) is asked for the rest. It looks at a {@link sampleOf} the text. Alone, eld is
 * the most accurate library for the languages it knows, but knows neither Kazakh nor its relatives, and takes some hundred
 * microseconds; `npm run -s bench -- language` has the figures.
 *
 * @param options.characters code units that are looked at; 300 by default
 * Cost: some microseconds a text where letters and words suffice, a hundred where eld is asked. Loading eld takes half a
 * second and 50 MB, once, hence the promise.
 *
 * @example
 * const identifier = await languageIdentifier()
 * identifier.identify('Бүгін ауа райы жақсы, сондықтан біз далаға шықтық.')?.language // 'kk'
 * identifier.identify('Бүгүн аба ырайы жакшы, ошондуктан биз талаага чыктык.')?.language // 'ky'
 */
export async function languageIdentifier(options: { readonly characters?: number } = {}): Promise<LanguageIdentifier> {
  const { characters = 300 } = options
  const { eld } = await import('eld/small')
  return {
    name: 'eld',
    settings: { version: '2.1.0', database: 'small', characters, marks: 1 },
    identify(text) {
      const sample = sampleOf(text, characters)
      const evidence = languageEvidence(sample)
      if (evidence === undefined) return undefined
      const guess = certain(evidence)
      if (guess !== undefined) return guess
      const found = eld.detect(sample)
      const [first = 0, second = 0] = Object.values(found.getScores()).sort((a, b) => b - a)
      const { language, script, margin, words } = evidence
      // Where the library is in two minds, what it does not know may be the better explanation.
      if (language !== undefined && notInLibrary.has(language) && margin > 6 && words > 0.1 && first - second < 0.05) {
        return { language, confidence: 0.5, script }
      }
      if (found.language === '') return undefined
      return { language: found.language, confidence: 1 / (1 + Math.exp(-50 * (first - second))), script }
    },
  }
}

/** What letters and little words say, where that is enough. */
function certain({ language, script, margin, words, foreign }: LanguageEvidence): LanguageGuess | undefined {
  if (language === undefined || foreign > 0.03) return undefined
  const enough = notInLibrary.has(language)
    ? script !== 'Latn' || (margin > 3 && words > 0.3)
    : margin > 5 && words > 0.45
  return enough ? { language, confidence: 1 / (1 + Math.exp(-margin / 2)), script } : undefined
}
