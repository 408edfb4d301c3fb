import { ConfigError } from '../base/index.ts'
import { decodedText, type Tokenizer } from '../tokenizers/index.ts'
import { TokenTrie } from './token-trie.ts'

/** What constraints ask of a tokenizer: what its tokens add to a text, in bytes. */
export interface Vocabulary {
  /** One more than the highest id. */
  readonly size: number
  /** Ids that end a text. */
  readonly ends: readonly number[]
  /** Tokens that stand at the beginning of a text; the same object as `later` where that makes no difference. */
  readonly first: TokenTrie
  /** Tokens that stand behind others. */
  readonly later: TokenTrie
  /** Whether decoding takes a space off the end of a text. */
  readonly dropsLastSpace: boolean
}

/** Names of special tokens that end a text, in the tokenizers of the known families. */
const endNames = [
  '<|endoftext|>',
  '<|end_of_text|>',
  '<|eot_id|>',
  '<|eom_id|>',
  '<|im_end|>',
  '<|end|>',
  '<|return|>',
  '<end_of_turn>',
  '<|eos|>',
  '<eos>',
  '</s>',
  '[EOS]',
  '[SEP]',
  '[end]',
]

const known = new WeakMap<Tokenizer, Map<string, Vocabulary>>()

/**
 * Takes a tokenizer's tokens for constraints. Special tokens, tokens for what is unknown, and tokens that add nothing to a
 * text are none of them.
 *
 * @param ends ids or names of the tokens that end a text; when not given, those that are called so in known tokenizers
 * @throws ConfigError for an end that is no token, and for a decoder that drops repeated tokens
 * Cost: some tenths of a second for 50,000 tokens, once per tokenizer.
 */
export function vocabularyOf(tokenizer: Tokenizer, ends?: readonly (number | string)[]): Vocabulary {
  const endIds = endsOf(tokenizer, ends)
  const byEnds = known.get(tokenizer) ?? new Map<string, Vocabulary>()
  known.set(tokenizer, byEnds)
  const key = endIds.join()
  let vocabulary = byEnds.get(key)
  if (vocabulary === undefined) byEnds.set(key, (vocabulary = readVocabulary(tokenizer, endIds)))
  return vocabulary
}

function endsOf(tokenizer: Tokenizer, ends?: readonly (number | string)[]): number[] {
  if (ends === undefined) {
    return endNames.flatMap((name) => tokenizer.specials.get(name) ?? []).sort((a, b) => a - b)
  }
  const ids = ends.map((end) => {
    const id = typeof end === 'string' ? (tokenizer.specials.get(end) ?? tokenizer.idOf(end)) : end
    if (id === undefined || !Number.isInteger(id) || tokenizer.tokenOf(id) === undefined) {
      throw new ConfigError(`grammar: the end ${JSON.stringify(end)} is no token of this tokenizer`)
    }
    return id
  })
  return [...new Set(ids)].sort((a, b) => a - b)
}

function readVocabulary(tokenizer: Tokenizer, ends: readonly number[]): Vocabulary {
  const { decoder, model } = tokenizer.parts
  const stages = JSON.stringify(decoder?.json ?? {})
  if (stages.includes('"type":"CTC"')) {
    throw new ConfigError(
      'grammar: this tokenizer decodes repeated tokens as one (CTC), so that no text can be constrained token by token',
    )
  }
  const left = new Set([...tokenizer.specials.values(), ...ends])
  if (model.unspelledId !== undefined) left.add(model.unspelledId)
  for (const name of ['<unk>', '[UNK]']) if (model.idOf(name) !== undefined) left.add(model.idOf(name)!)

  const later: (Uint8Array | undefined)[] = []
  const first: (Uint8Array | undefined)[] = []
  let isSame = true
  for (let id = 0; id < tokenizer.vocabSize; id++) {
    if (left.has(id) || tokenizer.tokenOf(id) === undefined) {
      later.push(undefined)
      first.push(undefined)
      continue
    }
    const bytes = tokenizer.bytesOf(id)
    const firstBytes = decoder?.bytesOf ? bytes : bytesAtStart(tokenizer, id, bytes)
    later.push(bytes)
    first.push(firstBytes)
    isSame &&= equal(bytes, firstBytes)
  }
  const trie = new TokenTrie(later)
  return {
    size: tokenizer.vocabSize,
    ends,
    first: isSame ? trie : new TokenTrie(first),
    later: trie,
    dropsLastSpace: stages.includes('"type":"BPEDecoder"'),
  }
}

/** What a token adds to a text that it begins: decoders take a space off it, or put none before it. */
function bytesAtStart(tokenizer: Tokenizer, id: number, later: Uint8Array): Uint8Array {
  const { decoder } = tokenizer.parts
  if (later.length === 1 && later[0] >= 0x80) return later
  if (decoder === undefined) return new TextEncoder().encode(tokenizer.decode([id]))
  // A character that decoders leave as it is stands behind, for what happens at the end is another matter.
  const other = '\u2060'
  const own = decodedText(decoder, [other, other]).length - 1
  return new TextEncoder().encode(decodedText(decoder, [tokenizer.tokenOf(id)!, other]).slice(0, -own))
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
