import type { Decoder, DecoderRun, EmitText } from '../stages.ts'

/**
 * The text of tokens, given their spellings.
 *
 * @example
 * decodedText(metaspaceDecoder(), ['▁two', '▁words']) // 'two words'
 */
export function decodedText(decoder: Decoder, tokens: Iterable<string>): string {
  let text = ''
  const run = decoder.begin((part) => {
    text += part
  })
  for (const token of tokens) run.push(token, true)
  run.end()
  return text
}

/**
 * A decoder's run from a rule for whole tokens.
 *
 * @param rule gives what a token becomes, or undefined where it vanishes
 */
export function eachToken(emit: EmitText, rule: (token: string, index: number) => string | undefined): DecoderRun {
  let begun = ''
  let index = 0
  return {
    push(part, closes) {
      begun += part
      if (!closes) return
      const token = begun
      begun = ''
      const text = rule(token, index++)
      if (text !== undefined) emit(text, true)
    },
    end() {},
  }
}
