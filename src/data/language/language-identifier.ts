import type { LanguageGuess, LanguageIdentifier } from './identifier.ts'
import { type LanguageEvidence, languageEvidence } from './language-evidence.ts'
import { sampleOf } from './sample.ts'

/** Languages with marks that the library does not know: it would take them for others. */
const notInLibrary = new Set(['kk', 'ky', 'tt', 'uz', 'ba', 'tg', 'mn', 'sah', 'tyv', 'tk', 'ug', 'mk'])

/** Code units that the library is asked about: with more it is no more often right, and slower. */
const asked = 150

/**
 * The identifier in use: letters, little words and endings say what a text is where they leave no doubt, and the library
 * `eld` (60 languages by n-grams of bytes) is asked for the rest. Together they know some 70 languages, Kazakh, Kyrgyz,
 * Tatar, Bashkir, Uzbek in both scripts, Tajik, Mongolian, Yakut, Tuvan, Turkmen and Uyghur among them. What they do not
 * know they take for a neighbour: Occitan for French, Karakalpak for Kazakh.
 *
 * Of the libraries that run in browsers, eld tells the languages that it knows apart best, and it is quick; but it knows
 * neither Kazakh nor its relatives. cld3 knows Kazakh and takes Tatar for Kyrgyz; franc knows all of them and is at
 * 80 to 85 % for English, Russian and Spanish; tinyld knows neither Kyrgyz nor Uzbek. None of them is below 90 µs a
 * document. `npm run -s bench -- language` has the figures.
 *
 * @param options.characters code units that are looked at, of three places of the text; 300 by default
 * Cost: 5 µs a text, and some 100 µs where the library is asked: a fiftieth of long documents, a tenth of single sentences.
 * Loading the library takes some 300 ms and 50 MB, once, hence the promise.
 *
 * @example
 * const identifier = await languageIdentifier()
 * identifier.identify('Бүгін ауа райы жақсы, сондықтан біз далаға шықтық.').language // 'kk'
 * identifier.identify('Бүгүн аба ырайы жакшы, ошондуктан биз талаага чыктык.').language // 'ky'
 */
export async function languageIdentifier(options: { readonly characters?: number } = {}): Promise<LanguageIdentifier> {
  const { characters = 300 } = options
  const { eld } = await import('eld/small')
  return {
    name: 'marks-and-eld',
    settings: { marks: 1, eld: '2.1.0 small', characters },
    identify(text) {
      const sample = sampleOf(text, characters)
      const evidence = languageEvidence(sample)
      if (evidence === undefined) return undefined
      const guess = certain(evidence)
      if (guess !== undefined) return guess
      const found = eld.detect(sampleOf(sample, asked))
      const [first = 0, second = 0] = Object.values(found.getScores()).sort((a, b) => b - a)
      if (first - second < closeScores && isLikely(evidence)) {
        return { language: evidence.language!, confidence: 0.5, script: evidence.script }
      }
      if (found.language === '') return undefined
      return { language: found.language, confidence: sigmoid((first - second) * 50), script: evidence.script }
    },
  }
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

/** Two scores of the library, from 0 to 1, that say that it is in two minds. */
const closeScores = 0.05

/** What the evidence says, where that is enough. The limits were found on translations of MediaWiki and of programs. */
function certain({ language, script, margin, words, foreign }: LanguageEvidence): LanguageGuess | undefined {
  if (language === undefined || foreign > 0.03) return undefined
  const isEnough = notInLibrary.has(language)
    ? // In Cyrillic, letters alone tell them from what the library knows.
      script !== 'Latn' || (margin > 3 && words > 0.3)
    : (margin > 5 && words > 0.45) || (margin > 15 && words > 0.2)
  // Letters and words come together, so evidence is weaker than the sum says.
  return isEnough ? { language, confidence: sigmoid(margin / 2), script } : undefined
}

/** Whether a language that the library does not know explains a text that puts it in two minds. */
function isLikely({ language, margin, words }: LanguageEvidence): boolean {
  return language !== undefined && notInLibrary.has(language) && margin > 6 && words > 0.1
}
