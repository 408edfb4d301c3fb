import type { ReplacePattern } from '../decoders/replace.ts'
import type { Normalizer } from '../stages.ts'
import { textPattern } from './text-pattern.ts'

/**
 * Puts other text in the place of all matches of a pattern.
 *
 * @param pattern a text, or a regular expression in the reading of tokenizer.json
 * @param content text as it stands; nothing in it refers to the match
 * @throws ConfigError for a regular expression that is not supported
 *
 * @example
 * replace({ regex: ' {2,}' }, ' ').normalize('екі   сөз') // 'екі сөз'
 */
export function replace(pattern: ReplacePattern, content: string): Normalizer {
  const { json, text: fixed, matches } = textPattern(pattern)
  return {
    json: { type: 'Replace', pattern: json, content },
    normalize(text, sources) {
      if (fixed !== undefined && sources === undefined) return text.split(fixed).join(content)
      let out = ''
      let done = 0
      for (const { start, end } of matches(text)) {
        out += text.slice(done, start) + content
        if (sources !== undefined) {
          for (let i = done; i < start; i++) sources.push(i)
          // The new text comes from the last character of the old, or, where that is empty, from the one before.
          for (let i = 0; i < content.length; i++) sources.push(end - 1)
        }
        done = end
      }
      if (sources !== undefined) for (let i = done; i < text.length; i++) sources.push(i)
      return out + text.slice(done)
    },
  }
}
