import type { Normalizer } from '../stages.ts'
import { sameSources } from './rewrite.ts'

/**
 * Puts something before every text that is not empty. It comes from the first character.
 *
 * @example
 * prepend('▁').normalize('сөз') // '▁сөз'
 */
export function prepend(content: string): Normalizer {
  return {
    json: { type: 'Prepend', prepend: content },
    normalize(text, sources) {
      if (text === '') return text
      if (sources !== undefined) {
        for (let i = 0; i < content.length; i++) sources.push(0)
        sameSources(text, sources)
        // Reference: with nothing before it, the first character itself counts as inserted.
        if (content === '') sources.fill(-1, 0, text.codePointAt(0)! > 0xffff ? 2 : 1)
      }
      return content + text
    },
  }
}
