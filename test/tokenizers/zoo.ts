import { type Random, random } from '../../src/base/index.ts'
import type { Json, StageJson } from '../../src/tokenizers/stages.ts'
import { byteModels, specials, zooModels } from './zoo-models.ts'

// Tokenizers as files: parts of every kind, put together at random.

/** The whole of a tokenizer.json. */
export interface Animal {
  readonly name: string
  readonly json: { readonly [name: string]: Json }
}

const regex = (Regex: string) => ({ Regex })
const literal = (text: string) => ({ String: text })
const gpt2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"
const cl100k =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
const behaviors = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous']

const normalizers: readonly StageJson[] = [
  ...['NFC', 'NFD', 'NFKC', 'NFKD', 'Lowercase', 'StripAccents', 'Nmt'].map((type) => ({ type })),
  { type: 'Strip', strip_left: true, strip_right: true },
  { type: 'Strip', strip_left: false, strip_right: true },
  { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
  { type: 'BertNormalizer', clean_text: false, handle_chinese_chars: true, strip_accents: true, lowercase: false },
  { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: false, strip_accents: false, lowercase: true },
  { type: 'Replace', pattern: literal(' '), content: '▁' },
  { type: 'Replace', pattern: literal('a'), content: '' },
  { type: 'Replace', pattern: regex('\\s+'), content: ' ' },
  { type: 'Replace', pattern: regex("(?:``|'')"), content: '"' },
  { type: 'Prepend', prepend: '▁' },
]

const cutters: readonly StageJson[] = [
  ...['Whitespace', 'WhitespaceSplit', 'BertPreTokenizer', 'UnicodeScripts'].map((type) => ({ type })),
  ...behaviors.map((behavior) => ({ type: 'Punctuation', behavior })),
  ...behaviors.map((behavior) => ({ type: 'Split', pattern: regex('\\d+|[aә]'), behavior, invert: false })),
  ...behaviors.map((behavior) => ({ type: 'Split', pattern: literal(' '), behavior, invert: false })),
  { type: 'Split', pattern: regex('\\p{L}+'), behavior: 'Removed', invert: true },
  { type: 'Split', pattern: regex(gpt2), behavior: 'Isolated', invert: false },
  { type: 'Split', pattern: regex(cl100k), behavior: 'Isolated', invert: false },
  { type: 'Split', pattern: regex('(?=[A-ZА-Я])|\\b'), behavior: 'Isolated', invert: false },
  { type: 'Digits', individual_digits: true },
  { type: 'Digits', individual_digits: false },
  { type: 'CharDelimiterSplit', delimiter: '-' },
  ...['always', 'never', 'first'].flatMap((prepend_scheme) =>
    [true, false].map((split) => ({ type: 'Metaspace', replacement: '▁', prepend_scheme, split })),
  ),
]

const byteLevels: readonly StageJson[] = [true, false].flatMap((add_prefix_space) =>
  [true, false].map((use_regex) => ({ type: 'ByteLevel', add_prefix_space, trim_offsets: true, use_regex })),
)

const special = (id: string, type_id: number) => ({ SpecialToken: { id, type_id } })
const sequence = (id: string, type_id: number) => ({ Sequence: { id, type_id } })
const named = Object.fromEntries(specials.map((name, id) => [name, { id: name, ids: [id], tokens: [name] }]))
const [, start, end] = specials

const postProcessors: readonly Json[] = [
  null,
  {
    type: 'TemplateProcessing',
    single: [special(start, 0), sequence('A', 0), special(end, 0)],
    pair: [special(start, 0), sequence('A', 0), special(end, 0), sequence('B', 1), special(end, 1)],
    special_tokens: named,
  },
  {
    type: 'TemplateProcessing',
    single: [sequence('A', 3), special(end, 2)],
    pair: [special(start, 0), sequence('B', 1), sequence('A', 0)],
    special_tokens: named,
  },
  { type: 'BertProcessing', sep: [end, 2], cls: [start, 1] },
  { type: 'RobertaProcessing', sep: [end, 2], cls: [start, 1], trim_offsets: true, add_prefix_space: true },
  { type: 'RobertaProcessing', sep: [end, 2], cls: [start, 1], trim_offsets: false, add_prefix_space: false },
  { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true },
  {
    type: 'Sequence',
    processors: [
      { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
      {
        type: 'TemplateProcessing',
        single: [special(start, 0), sequence('A', 0)],
        pair: [special(start, 0), sequence('A', 0), special(start, 1), sequence('B', 1)],
        special_tokens: named,
      },
    ],
  },
]

const decoders: readonly Json[] = [
  null,
  { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  { type: 'WordPiece', prefix: '##', cleanup: true },
  { type: 'WordPiece', prefix: '##', cleanup: false },
  { type: 'BPEDecoder', suffix: '</w>' },
  { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
  { type: 'Metaspace', replacement: '▁', prepend_scheme: 'never', split: true },
  { type: 'CTC', pad_token: '<pad>', word_delimiter_token: '▁', cleanup: true },
  {
    type: 'Sequence',
    decoders: [
      { type: 'Replace', pattern: literal('▁'), content: ' ' },
      { type: 'ByteFallback' },
      { type: 'Fuse' },
      { type: 'Strip', content: ' ', start: 1, stop: 0 },
    ],
  },
]

/**
 * Hugging Face's panics where a text keeps no more tokens than the stride, and loses windows of overflow for OnlyFirst on
 * the right.
 */
const truncations: readonly Json[] = [
  { direction: 'Left', max_length: 14, strategy: 'LongestFirst', stride: 2 },
  { direction: 'Right', max_length: 14, strategy: 'LongestFirst', stride: 2 },
  { direction: 'Left', max_length: 14, strategy: 'OnlyFirst', stride: 0 },
]

const paddings: readonly Json[] = ['Left', 'Right'].map((direction) => ({
  strategy: { Fixed: 12 },
  direction,
  pad_to_multiple_of: 8,
  pad_id: 3,
  pad_type_id: 1,
  pad_token: '<pad>',
}))

/** Contents of added tokens, which texts should hold. */
export const addedContents = ['<s>', '</s>', '<mask>', '<|end|>', '<tool>', 'xx', 'Ünï', 'алма']

/**
 * Either tokens that take the space before them or such that take the space behind: where one meets the other, Hugging
 * Face's panics.
 */
function addedTokens(rng: Random, vocab: number): Json {
  const strips = rng.next() < 0.5
  const flag = (likely: number) => rng.next() < likely
  const more = addedContents.slice(3).map((content, i) => ({ id: vocab + i, content }))
  const all = [...specials.map((content, id) => ({ id, content })), ...more]
  return all.map((token, i) => ({
    ...token,
    single_word: flag(0.2),
    lstrip: flag(strips ? 0.3 : 0),
    rstrip: flag(strips ? 0 : 0.3),
    normalized: flag(0.3),
    special: i < specials.length || flag(0.4),
  }))
}

/** Tokenizers that are put together at random; the same for the same seed. */
export function* zoo(seed: number, count: number): Generator<Animal> {
  const rng = random(seed)
  const pick = <T>(list: readonly T[]): T => list[rng.integer(list.length)]
  const some = <T>(list: readonly T[], most: number): T[] =>
    Array.from({ length: rng.integer(most + 1) }, () => pick(list))
  const models = zooModels()
  for (let i = 0; i < count; i++) {
    const name = pick(Object.keys(models))
    const model = models[name]
    const isBytes = (byteModels as readonly string[]).includes(name)
    const cuts = [...some(cutters, 2), ...(isBytes || rng.next() < 0.1 ? [pick(byteLevels)] : [])]
    const rewrites = some(normalizers, 2)
    const vocab = Array.isArray(model.vocab) ? model.vocab.length : Object.keys(model.vocab as object).length
    yield {
      name: `${i}, ${name}`,
      json: {
        version: '1.0',
        truncation: rng.next() < 0.2 ? pick(truncations) : null,
        padding: rng.next() < 0.2 ? pick(paddings) : null,
        added_tokens: rng.next() < 0.7 ? addedTokens(rng, vocab) : [],
        normalizer: together('normalizers', rewrites),
        pre_tokenizer: together('pretokenizers', cuts),
        post_processor: pick(postProcessors),
        decoder: pick(decoders),
        model,
      },
    }
  }
}

function together(list: string, stages: readonly StageJson[]): StageJson | null {
  return stages.length < 2 ? (stages[0] ?? null) : { type: 'Sequence', [list]: stages }
}
