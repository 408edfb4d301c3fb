import { unigram } from '../../models/unigram.ts'
import { highestId } from '../../models/vocabulary.ts'
import { wordLevelModel } from '../../models/word-level.ts'
import { wordPieceModel } from '../../models/word-piece.ts'
import type { Model } from '../../stages.ts'
import type { JsonPlace } from '../json-fields.ts'

/** The entry `model` of a tokenizer.json. Old files do not say its type. */
export function readModel(entry: JsonPlace): Model {
  return entry.at('type').choice(readers, typeByFields(entry))(entry)
}

function typeByFields(entry: JsonPlace): string {
  if (entry.at('merges').isGiven) return 'BPE'
  if (Array.isArray(entry.at('vocab').value)) return 'Unigram'
  return entry.at('continuing_subword_prefix').isGiven ? 'WordPiece' : 'WordLevel'
}

const readers: Readonly<Record<string, (entry: JsonPlace) => Model>> = {
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
  for (const [token, id] of Object.entries(value as object)) {
    if (!Number.isInteger(id) || id < 0 || id > highestId) {
      place.entry(token).fail(`expected an id from 0 to ${highestId}, got ${JSON.stringify(id)?.slice(0, 80)}`)
    }
    vocab.set(token, id)
  }
  return vocab
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
