import { characterOfByte } from '../../byte-alphabet.ts'
import { bpeModel } from '../../models/bpe/bpe-model.ts'
import { namedScanner, scannerOfPattern } from '../../pieces/scanners/patterns.ts'
import { scannedPieces } from '../../pieces/scanners/pieces.ts'
import type { Model, PreTokenizer, StageJson } from '../../stages.ts'
import type { JsonPlace } from '../json-fields.ts'
import { modelType, readBpeOptions, readModel } from './models.ts'
import { readPreTokenizer } from './pre-tokenizers.ts'

/**
 * The entries `pre_tokenizer` and `model` of a tokenizer.json. A ByteLevel behind everything else, which spells the bytes
 * of pieces as characters, becomes a model over bytes.
 */
export function readPiecesAndModel(
  pieces: JsonPlace,
  model: JsonPlace,
): { readonly preTokenizer?: PreTokenizer; readonly model: Model } {
  const cuts = modelType(model) === 'BPE' ? cutsBeforeByteLevel(pieces) : undefined
  if (cuts !== undefined) {
    const options = readBpeOptions(model)
    // Without them bytes can be unknown, which only a model over characters knows.
    const isOverBytes = characterOfByte.every((character) => options.vocab.has(character))
    if (isOverBytes && !options.continuingSubwordPrefix && !options.endOfWordSuffix) {
      return { preTokenizer: cuts(), model: model.made(() => bpeModel({ ...options, byteLevel: true })) }
    }
  }
  return { preTokenizer: pieces.isGiven ? readPreTokenizer(pieces) : undefined, model: readModel(model) }
}

/** What cuts the pieces that a last ByteLevel spells, if one is last and does not change the text. */
function cutsBeforeByteLevel(pieces: JsonPlace): (() => PreTokenizer | undefined) | undefined {
  if (!pieces.isGiven) return undefined
  const isSequence = pieces.at('type').value === 'Sequence'
  const stages = isSequence ? pieces.at('pretokenizers').list() : [pieces]
  const last = stages.at(-1)
  if (last?.at('type').value !== 'ByteLevel' || last.at('add_prefix_space').flag()) return undefined
  const before = stages.slice(0, -1)
  const own = last.at('use_regex').flag(true) ? [namedScanner('gpt2')] : []
  return () => {
    if (before.length === 0) return own.length === 0 ? undefined : scannedPieces(own[0].json, own[0].scanner)
    const entry = asSequence(before.map(({ value }) => value as StageJson).concat(own.map(({ json }) => json)))
    const scanner = scannerOfPattern(entry)
    return scanner ? scannedPieces(entry, scanner) : readPreTokenizer(pieces.with(entry))
  }
}

const asSequence = (stages: readonly StageJson[]): StageJson =>
  stages.length === 1 ? stages[0] : { type: 'Sequence', pretokenizers: stages }
