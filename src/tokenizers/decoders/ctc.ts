import type { Decoder } from '../stages.ts'
import { eachToken } from './decoded-text.ts'
import { cleanedUp } from './word-piece.ts'

/**
 * Decodes what a model of connectionist temporal classification says at each moment of a sound: repetitions are one
 * token, and the pad token parts real ones.
 *
 * @param options.cleanup whether to take out spaces before punctuation, and put spaces for the word delimiter
 *
 * @example
 * decodedText(ctcDecoder(), ['<pad>', 'a', 'a', '<pad>', 'a', '|', 'b']) // 'aa b'
 */
export function ctcDecoder(
  options: { padToken?: string; wordDelimiterToken?: string; cleanup?: boolean } = {},
): Decoder {
  const { padToken = '<pad>', wordDelimiterToken = '|', cleanup = true } = options
  return {
    json: { type: 'CTC', pad_token: padToken, word_delimiter_token: wordDelimiterToken, cleanup },
    begin(emit) {
      let before: string | undefined
      return eachToken(emit, (token) => {
        if (token === before) return undefined
        before = token
        const spoken = token.replaceAll(padToken, '')
        const text = cleanup ? cleanedUp(spoken).replaceAll(wordDelimiterToken, ' ') : spoken
        return text === '' ? undefined : text
      })
    },
  }
}
