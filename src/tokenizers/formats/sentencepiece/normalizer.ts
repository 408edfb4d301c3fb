import type { SentencePieceNormalization } from '../../../formats/index.ts'
import { longestAt } from '../../longest-at.ts'
import { readCharsmap } from '../../normalizers/charsmap.ts'
import { precompiled } from '../../normalizers/precompiled.ts'
import type { Normalizer, StageJson } from '../../stages.ts'

/** U+2581, which stands for a space inside pieces. */
export const spaceSymbol = '▁'

/**
 * Normalization exactly as SentencePiece's own: the longest rule at each place, spaces at the ends and repeated ones
 * removed, a space put before everything, and spaces written as U+2581.
 *
 * @param settings as in a `.model`
 * @param options.whitespaceAsSuffix the space is put after everything
 * @param options.kept symbols that rules never touch; the longest wins
 * @param options.place how errors name where the settings come from
 * @throws FormatError when the rules are malformed
 *
 * @example
 * sentencePieceNormalizer({}).normalize(' two  words ') // '▁two▁words'
 */
export function sentencePieceNormalizer(
  settings: SentencePieceNormalization,
  options: { whitespaceAsSuffix?: boolean; kept?: readonly string[]; place?: string } = {},
): Normalizer {
  const charsmap = settings.charsmap?.length ? readCharsmap(settings.charsmap, options.place) : undefined
  const { addDummyPrefix = true, removeExtraWhitespaces = true, escapeWhitespaces = true } = settings
  const suffix = options.whitespaceAsSuffix ?? false
  const space = escapeWhitespaces ? spaceSymbol : ' '
  const keptAt = longestAt(options.kept ?? [])

  return {
    get json() {
      return { type: 'Sequence', normalizers: nearest() }
    },
    normalize(text, sources, sourceEnds) {
      let out = ''
      /** Text up to here is in `out`, or removed. */
      let at = 0
      let end = 0
      /** Where the characters end that stand for themselves, from `at` on. */
      const plainEnd = (): number => {
        let i = at
        while (i < text.length && text.charCodeAt(i) !== 0x20 && keptAt(text, i) === i) {
          if (charsmap !== undefined && charsmap.longest(text, i) >= 0) break
          i += (text.charCodeAt(i) & 0xfc00) === 0xd800 ? 2 : 1
        }
        return i
      }
      /** What stands for `text.slice(at, end)`. */
      const next = (): string => {
        end = keptAt(text, at)
        if (end > at) return text.slice(at, end)
        end = charsmap === undefined ? -1 : charsmap.longest(text, at)
        if (end > at) return charsmap!.replacement
        end = at + ((text.charCodeAt(at) & 0xfc00) === 0xd800 ? 2 : 1)
        return text.slice(at, end)
      }
      const put = (part: string): void => {
        out += part
        if (sources !== undefined) for (let i = 0; i < part.length; i++) sources.push(at)
      }
      if (removeExtraWhitespaces) while (at < text.length && next() === ' ') at = end
      if (at === text.length) return ''
      if (addDummyPrefix && !suffix) put(space)

      let afterSpace = removeExtraWhitespaces
      while (at < text.length) {
        if (sources === undefined) {
          end = plainEnd()
          if (end > at) {
            out += text.slice(at, end)
            afterSpace = false
            at = end
            continue
          }
        }
        let part = next()
        if (afterSpace && part.charCodeAt(0) === 0x20) part = part.replace(/^ +/, '')
        if (part !== '') {
          put(escapeWhitespaces && part.includes(' ') ? part.replaceAll(' ', spaceSymbol) : part)
          afterSpace = removeExtraWhitespaces && part.endsWith(' ')
        }
        at = end
      }
      if (removeExtraWhitespaces) {
        let length = out.length
        while (length > 0 && out[length - 1] === space) length--
        if (sources !== undefined && length < out.length) {
          at = sources[length]
          sources.length = length
        }
        out = out.slice(0, length)
      }
      if (addDummyPrefix && suffix) put(space)
      // A character reaches to where the next one begins.
      if (sources !== undefined) for (let i = 0; i < sources.length; i++) sourceEnds?.push(sources[i + 1] ?? at)
      return out
    },
  }

  /** What comes nearest in tokenizer.json. */
  function nearest(): StageJson[] {
    const list: StageJson[] = []
    if (settings.charsmap?.length) list.push(precompiled(settings.charsmap).json)
    if (removeExtraWhitespaces) {
      list.push({ type: 'Strip', strip_left: true, strip_right: true })
      list.push({ type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' })
    }
    if (addDummyPrefix && !suffix) list.push({ type: 'Prepend', prepend: space })
    if (escapeWhitespaces) list.push({ type: 'Replace', pattern: { String: ' ' }, content: spaceSymbol })
    return list
  }
}
