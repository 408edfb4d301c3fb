import type { Decoder } from '../stages.ts'
import { eachToken } from './decoded-text.ts'

/** English as tokenizers of the BERT family take it apart; the order is part of the rule. */
const repairs = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [' do not', " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
]

/** Takes out the spaces before punctuation that decoding puts in. */
export function cleanedUp(text: string): string {
  return repairs.reduce((cleaned, [from, to]) => cleaned.replaceAll(from, to), text)
}

/**
 * Decodes tokens of which those that continue a word carry a prefix.
 *
 * @param options.cleanup whether to take out spaces before punctuation, token by token
 *
 * @example
 * decodedText(wordPieceDecoder(), ['al', '##ippe', '!']) // 'alippe!'
 */
export function wordPieceDecoder(options: { prefix?: string; cleanup?: boolean } = {}): Decoder {
  const { prefix = '##', cleanup = true } = options
  return {
    json: { type: 'WordPiece', prefix, cleanup },
    begin: (emit) =>
      eachToken(emit, (token, index) => {
        const text = index === 0 ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`
        return cleanup ? cleanedUp(text) : text
      }),
  }
}
