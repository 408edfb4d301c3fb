import type { Normalizer } from '../stages.ts'
import { categories, categoryMask } from '../unicode/categories.ts'
import { lowerCaseOf } from '../unicode/letter-case.ts'
import { isAscii, rewritten, sameSources } from './rewrite.ts'

/**
 * Small letters for capital ones, character by character: Σ becomes σ at the end of words too. As of Unicode 17.
 *
 * @example
 * lowercase().normalize('ӘЛІППЕ') // 'әліппе'
 */
export function lowercase(): Normalizer {
  return {
    json: { type: 'Lowercase' },
    normalize(text, sources) {
      if (isAscii(text)) {
        sameSources(text, sources)
        return text.toLowerCase()
      }
      return sources === undefined ? lowered(text) : rewritten(text, lowerCaseOf, sources)
    },
  }
}

/** Capital letters, and what is unassigned here but may be a capital letter to the engine. */
const changeable = categoryMask('Lu')! | categoryMask('Lt')! | categoryMask('Cn')!

/** Every engine knows the case of what comes before. */
const firstDoubtful = 0x1c80

function lowered(text: string): string {
  const table = categories(17)
  let out = ''
  let done = 0
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at)!
    const end = at + (code > 0xffff ? 2 : 1)
    if (code >= firstDoubtful && (changeable >>> table[code]) & 1) {
      out += loweredByEngine(text.slice(done, at)) + lowerCaseOf(code)
      done = end
    }
    at = end
  }
  return out + loweredByEngine(text.slice(done))
}

/** The engine looks at the neighbours of Σ, and of no other character. */
const loweredByEngine = (text: string): string => text.replaceAll('Σ', 'σ').toLowerCase()
