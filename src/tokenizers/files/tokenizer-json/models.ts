import { bpeModel } from '../../models/bpe/bpe-model.ts'
import type { BpeModelOptions } from '../../models/bpe/bpe-options.ts'
import { unigram } from '../../models/unigram.ts'
import { highestId } from '../../models/vocabulary.ts'
import { wordLevelModel } from '../../models/word-level.ts'
import { wordPieceModel } from '../../models/word-piece.ts'
import type { Model } from '../../stages.ts'
import type { JsonPlace } from '../json-fields.ts'

/** The entry `model` of a tokenizer.json. */
export function readModel(entry: JsonPlace): Model {
  return readers[modelType(entry)](entry)
}

/** Old files do not say it. */
export function modelType(entry: JsonPlace): ModelType {
  return entry.at('type').choice(types, typeByFields(entry))
}

const types = { BPE: 'BPE', Unigram: 'Unigram', WordLevel: 'WordLevel', WordPiece: 'WordPiece' } as const
type ModelType = keyof typeof types

function typeByFields(entry: JsonPlace): ModelType {
  if (entry.at('merges').isGiven) return 'BPE'
  if (Array.isArray(entry.at('vocab').value)) return 'Unigram'
  return entry.at('continuing_subword_prefix').isGiven ? 'WordPiece' : 'WordLevel'
}

const readers: Readonly<Record<ModelType, (entry: JsonPlace) => Model>> = {
  BPE: (entry) => entry.made(() => bpeModel(readBpeOptions(entry))),
  Unigram: readUnigram,
  WordLevel: (entry) =>
    entry.made(() =>
      wordLevelModel({ vocab: readVocab(entry.at('vocab')), unknown: entry.at('unk_token').text('<unk>') }),
    ),
  WordPiece: (entry) =>
    entry.made(() =>
      wordPieceModel({
        vocab: readVocab(entry.at('vocab')),
        unknown: entry.at('unk_token').text('[UNK]'),
        continuingPrefix: entry.at('continuing_subword_prefix').text('##'),
        maxCharacters: entry.at('max_input_chars_per_word').count(100),
      }),
    ),
}

/** Ids by token; without an object for each of what can be hundreds of thousands. */
export function readVocab(place: JsonPlace): Map<string, number> {
  const vocab = new Map<string, number>()
  const { value } = place
  if (typeof value !== 'object' || value === null || Array.isArray(value)) place.fail('expected ids by token')
  const ids = value as Record<string, number>
  for (const token of Object.keys(ids)) {
    const id = ids[token]
    if (!Number.isInteger(id) || id < 0 || id > highestId) {
      place.entry(token).fail(`expected an id from 0 to ${highestId}, got ${JSON.stringify(id)?.slice(0, 80)}`)
    }
    vocab.set(token, id)
  }
  return vocab
}

/** The fields of a BPE model. */
export function readBpeOptions(entry: JsonPlace): BpeModelOptions {
  const textOf = (name: string) => entry.at(name).text('') || undefined
  const dropout = entry.at('dropout')
  return {
    vocab: readVocab(entry.at('vocab')),
    merges: readMerges(entry.at('merges')),
    unkToken: textOf('unk_token'),
    fuseUnk: entry.at('fuse_unk').flag(false),
    byteFallback: entry.at('byte_fallback').flag(false),
    continuingSubwordPrefix: textOf('continuing_subword_prefix'),
    endOfWordSuffix: textOf('end_of_word_suffix'),
    ignoreMerges: entry.at('ignore_merges').flag(false),
    dropout: dropout.isGiven ? dropout.number() : undefined,
  }
}

/** `"a b"` or `["a", "b"]`; some lists begin with the first line of a merges.txt. */
function readMerges(place: JsonPlace): (readonly [left: string, right: string])[] {
  const { value } = place
  if (!Array.isArray(value)) return place.fail('expected a list of merges')
  const first = typeof value[0] === 'string' && value[0].startsWith('#version') ? 1 : 0
  return value.slice(first).map((merge: unknown, i) => {
    const parts: unknown = typeof merge === 'string' ? merge.split(' ') : merge
    const fits = Array.isArray(parts) && parts.length === 2 && parts.every((part) => typeof part === 'string')
    return fits
      ? (parts as [string, string])
      : place.item(first + i).fail(`expected "a b" or ["a", "b"], got ${JSON.stringify(merge)?.slice(0, 80)}`)
  })
}

function readUnigram(entry: JsonPlace): Model {
  const { value } = entry.at('vocab')
  if (!Array.isArray(value)) return entry.at('vocab').fail('expected a list of tokens with scores')
  value.forEach((pair: unknown, i) => {
    const fits = Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string' && Number.isFinite(pair[1])
    if (!fits)
      entry
        .at('vocab')
        .item(i)
        .fail(`expected a token and its score, got ${JSON.stringify(pair)?.slice(0, 80)}`)
  })
  const unknownId = entry.at('unk_id')
  return entry.made(() =>
    unigram({
      pieces: value,
      unknownId: unknownId.isGiven ? unknownId.count() : undefined,
      byteFallback: entry.at('byte_fallback').flag(false),
    }),
  )
}
