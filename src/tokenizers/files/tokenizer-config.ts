import type { AddedTokenOptions } from '../added-tokens.ts'
import { type JsonPlace, jsonRoot } from './json-fields.ts'

/** What a tokenizer_config.json says of a tokenizer beside its tokenizer.json. */
export interface TokenizerConfig {
  /** Named tokens: `specialTokens.eos`. Names of other files keep their own spelling without `_token`. */
  readonly specialTokens: Readonly<Record<string, AddedTokenOptions>>
  /** Special tokens that have no name. */
  readonly extraSpecialTokens: readonly AddedTokenOptions[]
  /** Tokens with their ids and flags, where the file lists them. */
  readonly addedTokens: readonly AddedTokenOptions[]
  /** Jinja; or several by name, of which one is `default`. */
  readonly chatTemplate?: string | readonly NamedTemplate[]
  /** Tokens of the longest input; absent where there is no limit. */
  readonly modelMaxLength?: number
  readonly addBosToken?: boolean
  readonly addEosToken?: boolean
  readonly cleanUpTokenizationSpaces?: boolean
  readonly paddingSide?: 'left' | 'right'
  readonly truncationSide?: 'left' | 'right'
  readonly tokenizerClass?: string
}

export interface NamedTemplate {
  readonly name: string
  readonly template: string
}

/**
 * Reads a tokenizer_config.json, of any age: tokens as text or as objects, `additional_special_tokens`, named templates.
 *
 * @param options.specialTokensMap the text of a special_tokens_map.json; counts where the first file lists no added tokens
 * @throws FormatError that says which field is wrong, and why
 *
 * @example
 * const config = readTokenizerConfig('{ "eos_token": "</s>", "model_max_length": 512 }')
 * config.specialTokens.eos.content // '</s>'
 * config.modelMaxLength            // 512
 */
export function readTokenizerConfig(
  text: string,
  options: { file?: string; specialTokensMap?: string } = {},
): TokenizerConfig {
  const { file = 'tokenizer_config.json', specialTokensMap } = options
  const root = jsonRoot(text, file)
  const listed = root.at('added_tokens_decoder')
  const map = specialTokensMap === undefined || listed.isGiven ? undefined : specialTokensMap
  const sources = map === undefined ? [root] : [root, jsonRoot(map, 'special_tokens_map.json')]
  const given = <T>(name: string, read: (place: JsonPlace) => T): T | undefined => {
    const place = root.at(name)
    return place.isGiven ? read(place) : undefined
  }
  const flag = (name: string) => given(name, (place) => place.flag())
  const side = (name: string) =>
    given(name, (place) => place.choice<'left' | 'right'>({ left: 'left', right: 'right' }))
  return {
    specialTokens: inOrder(Object.fromEntries(sources.flatMap(namedTokens))),
    extraSpecialTokens: sources.flatMap(extraTokens),
    addedTokens: listed.isGiven ? [...listed.record()].map(([id, place]) => readListedToken(id, place)) : [],
    chatTemplate: given('chat_template', readTemplates),
    // Python writes 10³⁰ for no limit.
    modelMaxLength: given('model_max_length', (place) => (place.number() > 1e18 ? undefined : place.count())),
    addBosToken: flag('add_bos_token'),
    addEosToken: flag('add_eos_token'),
    cleanUpTokenizationSpaces: flag('clean_up_tokenization_spaces'),
    paddingSide: side('padding_side'),
    truncationSide: side('truncation_side'),
    tokenizerClass: given('tokenizer_class', (place) => place.text()),
  }
}

/**
 * The text of a tokenizer_config.json.
 *
 * @example
 * readTokenizerConfig(writeTokenizerConfig(readTokenizerConfig('{ "eos_token": "</s>" }'))).specialTokens.eos.content // '</s>'
 */
export function writeTokenizerConfig(config: TokenizerConfig): string {
  const { chatTemplate, modelMaxLength = 1e30, addedTokens } = config
  const extra = config.extraSpecialTokens.map(tokenJson)
  return lines({
    ...Object.fromEntries(Object.entries(config.specialTokens).map(([name, t]) => [`${name}_token`, tokenJson(t)])),
    ...(extra.length > 0 && { additional_special_tokens: extra }),
    ...(addedTokens.length > 0 && {
      added_tokens_decoder: Object.fromEntries(
        addedTokens.map((t) => [t.id, { ...flagsJson(t), special: !!t.special }]),
      ),
    }),
    chat_template: chatTemplate,
    model_max_length: modelMaxLength,
    add_bos_token: config.addBosToken,
    add_eos_token: config.addEosToken,
    clean_up_tokenization_spaces: config.cleanUpTokenizationSpaces,
    padding_side: config.paddingSide,
    truncation_side: config.truncationSide,
    tokenizer_class: config.tokenizerClass,
  })
}

/**
 * The text of a special_tokens_map.json.
 *
 * @example
 * const config = readTokenizerConfig('{ "eos_token": "</s>" }')
 * JSON.parse(writeSpecialTokensMap(config)).eos_token // '</s>'
 */
export function writeSpecialTokensMap({ specialTokens, extraSpecialTokens }: TokenizerConfig): string {
  return lines({
    ...Object.fromEntries(Object.entries(specialTokens).map(([name, token]) => [`${name}_token`, tokenJson(token)])),
    ...(extraSpecialTokens.length > 0 && { additional_special_tokens: extraSpecialTokens.map(tokenJson) }),
  })
}

const lines = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

function namedTokens(root: JsonPlace): [string, AddedTokenOptions][] {
  return [...root.record()].flatMap(([name, place]) => {
    const isNamed = /_token$/.test(name) && place.isGiven && ['string', 'object'].includes(typeof place.value)
    return isNamed ? [[name.slice(0, -'_token'.length), readToken(place)]] : []
  })
}

/** Tokens that are not there yet get their ids in this order; other names come behind. */
const firstNames = ['bos', 'eos', 'unk', 'sep', 'pad', 'cls', 'mask']

function inOrder(tokens: Record<string, AddedTokenOptions>): Record<string, AddedTokenOptions> {
  const placeOf = (name: string) => (firstNames.includes(name) ? firstNames.indexOf(name) : firstNames.length)
  return Object.fromEntries(Object.entries(tokens).sort(([a], [b]) => placeOf(a) - placeOf(b)))
}

function extraTokens(root: JsonPlace): AddedTokenOptions[] {
  const now = root.at('extra_special_tokens')
  const place = now.isGiven ? now : root.at('additional_special_tokens')
  if (!place.isGiven) return []
  return (Array.isArray(place.value) ? place.list() : [...place.record().values()]).map(readToken)
}

/** A special token: its text, or an object with its flags. */
function readToken(place: JsonPlace): AddedTokenOptions {
  return typeof place.value === 'string'
    ? { content: place.value, special: true }
    : { ...readFlags(place), special: true }
}

function readListedToken(id: string, place: JsonPlace): AddedTokenOptions {
  if (!/^\d{1,7}$/.test(id)) place.fail('its name is not an id')
  return { id: Number(id), ...readFlags(place), special: place.at('special').flag(false) }
}

function readFlags(place: JsonPlace) {
  return {
    content: place.at('content').text(),
    lstrip: place.at('lstrip').flag(false),
    rstrip: place.at('rstrip').flag(false),
    singleWord: place.at('single_word').flag(false),
    normalized: place.at('normalized').flag(!place.at('special').flag(false)),
  }
}

function readTemplates(place: JsonPlace): string | NamedTemplate[] {
  if (typeof place.value === 'string') return place.value
  if (!Array.isArray(place.value)) {
    return [...place.record()].map(([name, template]) => ({ name, template: template.text() }))
  }
  return place.list().map((each) => ({ name: each.at('name').text(), template: each.at('template').text() }))
}

function tokenJson(token: AddedTokenOptions) {
  const isPlain = !token.lstrip && !token.rstrip && !token.singleWord && !token.normalized
  return isPlain ? token.content : { __type: 'AddedToken', ...flagsJson(token), special: true }
}

function flagsJson({
  content,
  lstrip = false,
  rstrip = false,
  singleWord = false,
  normalized = false,
}: AddedTokenOptions) {
  return { content, lstrip, normalized, rstrip, single_word: singleWord }
}
