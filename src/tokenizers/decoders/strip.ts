import type { Decoder } from '../stages.ts'

/**
 * Takes a character off both sides of each token.
 *
 * @param options.content one character
 * @param options.start how often at most, at the beginning
 * @param options.stop how often at most, at the end
 *
 * @example
 * decodedText(stripDecoder({ content: '_', start: 1, stop: 0 }), ['__a', '_b']) // '_ab'
 */
export function stripDecoder(options: { content?: string; start?: number; stop?: number }): Decoder {
  const { content = ' ', start = 0, stop = 0 } = options
  return {
    json: { type: 'Strip', content, start, stop },
    begin(emit) {
      let toSkip = start
      /** What may be stripped if the token ends here. */
      let ending = ''
      return {
        push(part, closes) {
          let text = part
          while (toSkip > 0 && text !== '') {
            if (!text.startsWith(content)) toSkip = 0
            else {
              text = text.slice(content.length)
              toSkip--
            }
          }
          const all = ending + text
          let end = all.length
          for (let n = 0; n < stop && end > 0 && all.endsWith(content, end); n++) end -= content.length
          ending = closes ? '' : all.slice(end)
          if (closes) toSkip = start
          emit(all.slice(0, end), closes)
        },
        end() {},
      }
    },
  }
}
