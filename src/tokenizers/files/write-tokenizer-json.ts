import type { AddedToken } from '../added-tokens.ts'
import { byteLevelJson } from '../decoders/byte-level.ts'
import type { Padding } from '../padding.ts'
import { namedScanner } from '../pieces/scanners/patterns.ts'
import type { Json, PreTokenizer, StageJson } from '../stages.ts'
import type { Tokenizer } from '../tokenizer.ts'
import type { Truncation } from '../truncation.ts'

/**
 * The text of a Hugging Face tokenizer.json (version 1.0).
 *
 * @example
 * JSON.parse(writeTokenizerJson(bpe({ merges: [[71, 72]] }))).model.vocab.hi // 256
 */
export function writeTokenizerJson({ parts }: Pick<Tokenizer, 'parts'>): string {
  const addedTokens = [...(parts.addedTokens as readonly AddedToken[])].sort((a, b) => a.id - b.id)
  return JSON.stringify({
    version: '1.0',
    truncation: parts.truncation ? truncationJson(parts.truncation) : null,
    padding: parts.padding ? paddingJson(parts.padding) : null,
    added_tokens: addedTokens.map(addedTokenJson),
    normalizer: parts.normalizer?.json ?? null,
    pre_tokenizer: parts.model.byteLevel ? byteLevelPiecesJson(parts.preTokenizer) : (parts.preTokenizer?.json ?? null),
    post_processor: parts.postProcessor?.json ?? null,
    decoder: parts.decoder?.json ?? null,
    model: withIdsOf(addedTokens, parts.model.toJson()),
  })
}

/**
 * Hugging Face gives added tokens that are not in the vocabulary the next free ids, whatever the file says. Where that would
 * not be the ids they have, the vocabulary has to name them.
 */
function withIdsOf(added: readonly AddedToken[], model: StageJson): StageJson {
  const { vocab } = model
  if (typeof vocab !== 'object' || vocab === null || Array.isArray(vocab)) return model
  const size = Object.keys(vocab).length
  const others = added.filter(({ content }) => !Object.hasOwn(vocab, content))
  if (others.every(({ id }, i) => id === size + i)) return model
  const named = [
    ...Object.entries(vocab as Readonly<Record<string, number>>),
    ...others.map((t) => [t.content, t.id] as const),
  ]
  return { ...model, vocab: Object.fromEntries(named.sort(([, a], [, b]) => a - b)) }
}

const upperCamel = {
  longestFirst: 'LongestFirst',
  onlyFirst: 'OnlyFirst',
  onlySecond: 'OnlySecond',
  left: 'Left',
  right: 'Right',
}

function truncationJson({ direction = 'right', maxLength, strategy = 'longestFirst', stride = 0 }: Truncation): Json {
  return { direction: upperCamel[direction], max_length: maxLength, strategy: upperCamel[strategy], stride }
}

function paddingJson({ length, direction = 'right', toMultipleOf, id, typeId = 0, token }: Padding): Json {
  return {
    strategy: length === undefined ? 'BatchLongest' : { Fixed: length },
    direction: upperCamel[direction],
    pad_to_multiple_of: toMultipleOf ?? null,
    pad_id: id,
    pad_type_id: typeId,
    pad_token: token,
  }
}

function addedTokenJson({ id, content, singleWord, lstrip, rstrip, normalized, special }: AddedToken): Json {
  return { id, content, single_word: singleWord, lstrip, rstrip, normalized, special }
}

/**
 * The entry pre_tokenizer for a model over bytes: ByteLevel behind the pieces, or alone where the pieces are those that it
 * cuts itself.
 */
function byteLevelPiecesJson(pieces: PreTokenizer | undefined): Json {
  const last = (useRegex: boolean) => byteLevelJson({ addPrefixSpace: false, useRegex })
  if (pieces === undefined) return last(false)
  if (JSON.stringify(pieces.json) === JSON.stringify(namedScanner('gpt2').json)) return last(true)
  const before = pieces.json.type === 'Sequence' ? (pieces.json.pretokenizers as readonly Json[]) : [pieces.json]
  return { type: 'Sequence', pretokenizers: [...before, last(false)] }
}
