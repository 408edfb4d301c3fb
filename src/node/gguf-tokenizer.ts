import { ConfigError } from '../base/index.ts'
import { type GgufField, ggufField, pieceTypes } from '../formats/index.ts'
import { ggufTokenizerKeys } from '../tokenizers/formats/index.ts'
import type { Tokenizer } from '../tokenizers/index.ts'
import type { ModelSource } from './model-source.ts'
import { roleTokens } from './role-tokens.ts'

/**
 * The metadata that says in a GGUF file what a source's tokenizer is, with as many tokens as the model has.
 *
 * @throws ConfigError for a tokenizer that llama.cpp cannot have
 */
export function ggufTokenizer(source: ModelSource): Map<string, GgufField> {
  const { model, chatTemplate } = source
  const fields = new Map<string, GgufField>()
  const roles = roleTokens(source)
  if (roles === undefined) {
    fields.set('tokenizer.ggml.model', { type: 'string', value: 'no_vocab' })
    return fields
  }
  const { tokenizer, begin, end } = roles
  if (tokenizer.vocabSize > model.vocabSize) {
    throw new ConfigError(`the tokenizer has ${tokenizer.vocabSize} tokens, the model only ${model.vocabSize}`)
  }
  const keys = ggufTokenizerKeys(tokenizer, { begin, end, chatTemplate, ...adds(tokenizer) })
  if (!keys.has('tokenizer.ggml.eos_token_id')) {
    // llama.cpp would take token 11 for it.
    throw new ConfigError(`the tokenizer has no token that ends a text, which GGUF needs: <|endoftext|> or </s>`)
  }
  for (const [key, value] of padded(keys, model.vocabSize)) fields.set(key, ggufField(value))
  return fields
}

/** Whether a text gets tokens at its beginning and its end. */
function adds(tokenizer: Tokenizer): { addBegin: boolean; addEnd: boolean } {
  const bare = tokenizer.encode('a')
  const dressed = tokenizer.encode('a', { addSpecials: true })
  const isMore = dressed.length > bare.length
  return { addBegin: isMore && dressed[0] !== bare[0], addEnd: isMore && dressed.at(-1) !== bare.at(-1) }
}

/** Rows of the embedding that no token has need names, too. */
function padded(keys: ReadonlyMap<string, unknown>, size: number): Map<string, unknown> {
  const more = new Map(keys)
  const tokens = keys.get('tokenizer.ggml.tokens') as string[]
  const missing = size - tokens.length
  if (missing === 0) return more
  const types = keys.get('tokenizer.ggml.token_type') as Int32Array
  const scores = keys.get('tokenizer.ggml.scores') as Float32Array | undefined
  more.set('tokenizer.ggml.tokens', [
    ...tokens,
    ...Array.from({ length: missing }, (_, i) => `[PAD${tokens.length + i}]`),
  ])
  more.set(
    'tokenizer.ggml.token_type',
    Int32Array.from({ length: size }, (_, i) => types[i] ?? pieceTypes.unused),
  )
  if (scores)
    more.set(
      'tokenizer.ggml.scores',
      Float32Array.from({ length: size }, (_, i) => scores[i] ?? 0),
    )
  return more
}
