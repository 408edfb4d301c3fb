import { readTokenizerJson } from '../tokenizers/index.ts'
import type { ModelSource } from './model-source.ts'

/** The tokens that begin and end texts: as the source says, or by the names that ours have. */
export function roleTokens({ tokenizerText, specials = {} }: ModelSource) {
  if (tokenizerText === undefined) return undefined
  const tokenizer = readTokenizerJson(tokenizerText)
  const known = (...names: (string | undefined)[]) =>
    names.find((name) => name !== undefined && tokenizer.idOf(name) !== undefined)
  const end = known(specials.end, '<|endoftext|>', '</s>', '<|end_of_text|>', '<eos>')
  return { tokenizer, end, begin: known(specials.begin, '<s>', '<|begin_of_text|>', '<bos>', end) }
}
