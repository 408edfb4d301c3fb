import { ConfigError, FormatError } from '../base/index.ts'
import { bpeFromVocabulary } from './bpe.ts'
import type { BpeTokenizer } from './bpe-tokenizer.ts'
import { charactersToBytes } from './byte-alphabet.ts'

/**
 * A tokenizer from the text of a Hugging Face tokenizer.json (version 1.0) for byte-level BPE with GPT-2's pieces; both
 * spellings of merges (`"a b"` and `["a", "b"]`) are read. Other kinds of tokenizers that such files can hold are refused
 * with the name of the part that is not understood.
 *
 * @param file how messages name the file
 * @throws FormatError that says which part is wrong, or not supported, and why
 *
 * @example
 * readTokenizerJson(writeTokenizerJson(bpe({ merges: [[71, 72]] }))).encode('hi') // [256]
 */
export function readTokenizerJson(text: string, file = 'tokenizer.json'): BpeTokenizer {
  const fail = (place: string, reason: string): never => {
    throw new FormatError(`${file}: ${place}: ${reason}`)
  }
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    throw new FormatError(`${file}: not JSON: ${(error as Error).message}`, { cause: error })
  }
  const root = record(parsed) ?? fail('the whole', 'expected an object')
  const model = record(root.model) ?? fail('model', 'expected an object')
  requireSupported(root, model, fail)

  const specials = readSpecials(root.added_tokens, fail)
  const vocabulary = record(model.vocab) ?? fail('model.vocab', 'expected an object from token to id')
  const entries = Object.entries(vocabulary)
  const tokens: (Uint8Array | undefined)[] = []
  const ids = new Map<string, number>()
  for (const [name, id] of entries) {
    const place = `model.vocab[${JSON.stringify(name)}]`
    if (!isId(id)) fail(place, `expected an id from 0 to ${mostIds}, got ${JSON.stringify(id)}`)
    ids.set(name, id as number)
    const known = specials.get(name)
    if (known !== undefined) {
      if (known !== id) fail(place, `id ${id} here, but ${known} in added_tokens`)
      continue
    }
    const bytes = charactersToBytes(name) ?? fail(place, 'has a character that stands for no byte')
    if (tokens[id as number] !== undefined) fail(place, `id ${id} is taken by another token`)
    tokens[id as number] = bytes
  }
  const merges = Array.isArray(model.merges) ? model.merges : fail('model.merges', 'expected a list')
  const triples = merges.map((merge: unknown, i) => readMerge(merge, i, ids, fail))
  try {
    return bpeFromVocabulary({ tokens, merges: triples, specials })
  } catch (error) {
    if (error instanceof ConfigError) throw new FormatError(`${file}: model.vocab: ${error.message}`, { cause: error })
    throw error
  }
}

type Fail = (place: string, reason: string) => never

/** Holes in the ids cost memory, so a hostile file must not make many. */
const mostIds = (1 << 22) - 1

function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= mostIds
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}

function requireSupported(root: Record<string, unknown>, model: Record<string, unknown>, fail: Fail): void {
  if (model.type !== undefined && model.type !== 'BPE') fail('model.type', `${JSON.stringify(model.type)} is not BPE`)
  for (const name of ['dropout', 'continuing_subword_prefix', 'end_of_word_suffix', 'byte_fallback', 'ignore_merges']) {
    if (model[name]) fail(`model.${name}`, `${JSON.stringify(model[name])} is not supported`)
  }
  if (root.normalizer) fail('normalizer', 'is not supported; expected null')
  const pieces = record(root.pre_tokenizer)
  if (pieces?.type !== 'ByteLevel' || pieces.add_prefix_space || pieces.use_regex === false) {
    fail('pre_tokenizer', 'only ByteLevel with use_regex and without add_prefix_space is supported')
  }
  const after = record(root.post_processor)
  if (after && after.type !== 'ByteLevel') fail('post_processor', `${JSON.stringify(after.type)} is not supported`)
}

function readSpecials(list: unknown, fail: Fail): Map<string, number> {
  const specials = new Map<string, number>()
  if (list === undefined || list === null) return specials
  if (!Array.isArray(list)) return fail('added_tokens', 'expected a list')
  list.forEach((entry: unknown, i) => {
    const token = record(entry)
    const id = token?.id
    if (token === undefined || typeof token.content !== 'string' || !isId(id)) {
      fail(`added_tokens[${i}]`, 'expected an object with content and id')
    }
    if (specials.has(token.content)) fail(`added_tokens[${i}]`, `${JSON.stringify(token.content)} is there already`)
    specials.set(token.content, id)
  })
  return specials
}

function readMerge(merge: unknown, i: number, ids: Map<string, number>, fail: Fail): [number, number, number] {
  const place = `model.merges[${i}]`
  const parts = typeof merge === 'string' ? merge.split(' ') : merge
  if (!Array.isArray(parts) || parts.length !== 2 || parts.some((part) => typeof part !== 'string')) {
    return fail(place, `expected "a b" or ["a", "b"], got ${JSON.stringify(merge)?.slice(0, 80)}`)
  }
  const [left, right] = parts as [string, string]
  const idOf = (name: string): number => ids.get(name) ?? fail(place, `${JSON.stringify(name)} is not in model.vocab`)
  return [idOf(left), idOf(right), idOf(left + right)]
}
