import type { Decoder } from '../stages.ts'

/**
 * Decodes tokens of which those that end a word carry a suffix. It becomes a space, except in the last token.
 *
 * @example
 * decodedText(bpeDecoder(), ['two</w>', 'wor', 'ds</w>']) // 'two words'
 */
export function bpeDecoder(options: { suffix?: string } = {}): Decoder {
  const { suffix = '</w>' } = options
  return {
    json: { type: 'BPEDecoder', suffix },
    begin(emit) {
      let begun = ''
      let waiting: string | undefined
      return {
        push(part, closes) {
          begun += part
          if (!closes) return
          if (waiting !== undefined) emit(replaced(waiting, suffix, ' '), true)
          waiting = begun
          begun = ''
        },
        end() {
          if (waiting !== undefined) emit(replaced(waiting, suffix, ''), true)
        },
      }
    },
  }
}

/** An empty suffix is found between all characters, as in Rust's `replace`. */
const replaced = (text: string, suffix: string, replacement: string) =>
  suffix === '' ? ['', ...text, ''].join(replacement) : text.replaceAll(suffix, replacement)
