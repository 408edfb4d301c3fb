import type { AddedToken, AddedTokenOptions } from '../added-tokens.ts'
import { tokenizer } from '../assemble.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { jsonRoot } from './json-fields.ts'
import { readTokenizerJson } from './read-tokenizer-json.ts'
import {
  readTokenizerConfig,
  type TokenizerConfig,
  writeSpecialTokensMap,
  writeTokenizerConfig,
} from './tokenizer-config.ts'
import { writeTokenizerJson } from './write-tokenizer-json.ts'

/** The texts of a folder's files, as far as they are there. */
export interface TokenizerFolder {
  readonly 'tokenizer.json': string
  readonly 'tokenizer_config.json'?: string
  readonly 'special_tokens_map.json'?: string
  readonly 'chat_template.jinja'?: string
}

/**
 * A tokenizer and what is said of it in the files of a Hugging Face folder. Tokens of tokenizer_config.json change or join
 * those of tokenizer.json, as in transformers; a chat_template.jinja takes the place of the default template.
 *
 * @param file how messages name the tokenizer.json
 * @throws FormatError that says which file is wrong, where, and why
 *
 * @example
 * const files = writeTokenizerFolder(bpe({ merges: [], specials: ['<|end|>'] }))
 * const { tokenizer, config } = readTokenizerFolder({ ...files, 'tokenizer_config.json': '{ "eos_token": "<|end|>" }' })
 * tokenizer.specials.get(config.specialTokens.eos.content) // 256
 */
export function readTokenizerFolder(
  files: TokenizerFolder,
  file = 'tokenizer.json',
): { readonly tokenizer: Tokenizer; readonly config: TokenizerConfig } {
  const plain = readTokenizerJson(files['tokenizer.json'], file)
  const name = 'tokenizer_config.json'
  const text = files[name] ?? '{}'
  const read = readTokenizerConfig(text, { specialTokensMap: files['special_tokens_map.json'] })
  const jinja = files['chat_template.jinja']
  const config = jinja === undefined ? read : { ...read, chatTemplate: jinja }
  const tokens = plain.parts.addedTokens as readonly AddedToken[]
  const addedTokens = withTokensOf(config, tokens)
  if (addedTokens === undefined) return { tokenizer: plain, config }
  return {
    tokenizer: jsonRoot(text, name).made(() => tokenizer({ ...plain.parts, addedTokens })),
    config,
  }
}

/**
 * The texts of a Hugging Face folder.
 *
 * @example
 * Object.keys(writeTokenizerFolder(bpe({ merges: [] }))) // ['tokenizer.json']
 */
export function writeTokenizerFolder(tokenizer: Tokenizer, config?: TokenizerConfig): TokenizerFolder {
  const json = { 'tokenizer.json': writeTokenizerJson(tokenizer) }
  if (config === undefined) return json
  const { chatTemplate } = config
  const hasOne = typeof chatTemplate === 'string'
  return {
    ...json,
    'tokenizer_config.json': writeTokenizerConfig(hasOne ? { ...config, chatTemplate: undefined } : config),
    'special_tokens_map.json': writeSpecialTokensMap(config),
    ...(hasOne && { 'chat_template.jinja': chatTemplate }),
  }
}

/**
 * Added tokens after what the config says of them: tokens that it lists otherwise than they are, then special tokens that
 * are not yet added. Undefined when nothing changes.
 */
function withTokensOf(
  { addedTokens, specialTokens, extraSpecialTokens }: TokenizerConfig,
  before: readonly AddedToken[],
): AddedTokenOptions[] | undefined {
  const tokens = new Map<string, AddedTokenOptions>(before.map((token) => [token.content, token]))
  let isChanged = false
  const special = [...Object.values(specialTokens), ...extraSpecialTokens]
  const named = new Set(Object.values(specialTokens).map(({ content }) => content))
  for (const token of addedTokens.toSorted((a, b) => a.id! - b.id!)) {
    const own = tokens.get(token.content)
    // The id is the tokenizer's own, where it has one.
    if (own !== undefined && sameFlags(own, token)) continue
    const changed = { ...token, id: own?.id, special: token.special || named.has(token.content) }
    tokens.set(token.content, changed)
    isChanged = true
  }
  const known = new Set(tokens.keys())
  for (const token of special) {
    // Of several that say the same text otherwise, the last counts.
    if (known.has(token.content)) continue
    tokens.set(token.content, token)
    isChanged = true
  }
  return isChanged ? [...tokens.values()] : undefined
}

function sameFlags(a: AddedTokenOptions, b: AddedTokenOptions): boolean {
  return (['special', 'normalized', 'lstrip', 'rstrip', 'singleWord'] as const).every((flag) => a[flag] === b[flag])
}
