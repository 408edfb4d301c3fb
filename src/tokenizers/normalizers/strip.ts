import type { Normalizer } from '../stages.ts'
import { isWhiteSpace } from '../unicode/categories.ts'

/**
 * Removes white space at the ends.
 *
 * @param options.left whether at the beginning; true unless said
 * @param options.right whether at the end; true unless said
 *
 * @example
 * strip({ right: false }).normalize(' сөз ') // 'сөз '
 */
export function strip(options: { left?: boolean; right?: boolean } = {}): Normalizer {
  const { left = true, right = true } = options
  return {
    json: { type: 'Strip', strip_left: left, strip_right: right },
    normalize(text, sources) {
      let start = 0
      let end = text.length
      if (left) while (start < end && isWhiteSpace(text.charCodeAt(start))) start++
      if (right) while (end > start && isWhiteSpace(text.charCodeAt(end - 1))) end--
      if (sources !== undefined) for (let i = start; i < end; i++) sources.push(i)
      return text.slice(start, end)
    },
  }
}
