import { DataError } from '../../../base/index.ts'
import type { LanguageIdentifier } from '../identifier.ts'
import { sampleOf } from '../sample.ts'
import type { FastText } from './read-fasttext.ts'

/**
 * Tells languages by a fastText model whose labels are languages, such as lid.176.
 *
 * @param options.characters code units of a text that are looked at; 300 by default
 * @throws DataError when a label looks like no language
 *
 * @example
 * const identify = (bytes) => fastTextIdentifier(readFastText(bytes, 'lid.176.ftz')).identify
 */
export function fastTextIdentifier(
  model: FastText,
  options: { readonly characters?: number } = {},
): LanguageIdentifier {
  const { characters = 300 } = options
  const strange = model.labels.find((label) => !/^[a-z]{2,3}([-_][A-Za-z]+)*$/.test(label))
  if (strange !== undefined) {
    throw new DataError(
      `fastTextIdentifier: ${model.name} has the label ${strange}, expected languages: en, kk, kaz_Cyrl`,
    )
  }
  return {
    name: 'fasttext',
    settings: { model: model.fingerprint, characters },
    identify(text) {
      const [first] = model.predict(sampleOf(text, characters))
      if (first === undefined) return undefined
      const [language, script] = first.label.split(/[-_]/)
      return { language, confidence: first.probability, ...(script?.length === 4 && { script }) }
    },
  }
}
