import type { Normalizer } from '../stages.ts'
import { type NormalForm, normalForm } from '../unicode/normal-forms.ts'
import { normalFormBySteps } from './composition.ts'
import { isAscii, sameSources } from './rewrite.ts'

/**
 * Unicode's normal form C: canonical, composed. Characters newer than Unicode 9 stay as they are.
 *
 * @example
 * nfc().normalize('й') // 'й'
 */
export const nfc = (): Normalizer => inForm('NFC')

/**
 * Unicode's normal form D: canonical, decomposed.
 *
 * @example
 * nfd().normalize('й').length // 2
 */
export const nfd = (): Normalizer => inForm('NFD')

/**
 * Unicode's normal form KC: compatible, composed.
 *
 * @example
 * nfkc().normalize('№ ½') // 'No 1⁄2'
 */
export const nfkc = (): Normalizer => inForm('NFKC')

/**
 * Unicode's normal form KD: compatible, decomposed.
 *
 * @example
 * nfkd().normalize('ﬁ') // 'fi'
 */
export const nfkd = (): Normalizer => inForm('NFKD')

/** The halfwidth sound marks of Kana become combining marks. */
const manyMarks = /[\p{M}\uff9e\uff9f]{40}/u

function inForm(form: NormalForm): Normalizer {
  return {
    json: { type: form },
    normalize(text, sources) {
      if (isAscii(text)) {
        sameSources(text, sources)
        return text
      }
      return sources !== undefined || manyMarks.test(text)
        ? normalFormBySteps(text, form, sources)
        : normalForm(text, form)
    },
  }
}
