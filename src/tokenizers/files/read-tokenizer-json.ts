import type { AddedTokenOptions } from '../added-tokens.ts'
import { tokenizer } from '../assemble.ts'
import { highestId } from '../models/vocabulary.ts'
import type { Padding } from '../padding.ts'
import type { Tokenizer } from '../tokenizer.ts'
import type { Truncation } from '../truncation.ts'
import { type JsonPlace, jsonRoot } from './json-fields.ts'
import { readDecoder } from './tokenizer-json/decoders.ts'
import { readNormalizer } from './tokenizer-json/normalizers.ts'
import { readPiecesAndModel } from './tokenizer-json/pieces-and-model.ts'
import { readPostProcessor } from './tokenizer-json/post-processors.ts'

/**
 * A tokenizer from the text of a Hugging Face tokenizer.json (version 1.0), of any kind. Both spellings of merges (`"a b"`
 * and `["a", "b"]`) are read.
 *
 * @param file how messages name the file
 * @throws FormatError that says which part is wrong, or not known, and why
 *
 * @example
 * readTokenizerJson(writeTokenizerJson(bpe({ merges: [[71, 72]] }))).encode('hi') // [256]
 */
export function readTokenizerJson(text: string, file = 'tokenizer.json'): Tokenizer {
  const root = jsonRoot(text, file)
  const version = root.at('version').text('1.0')
  if (version !== '1.0') root.at('version').fail(`${JSON.stringify(version)} is not "1.0"`)
  const given = <T>(name: string, read: (entry: JsonPlace) => T): T | undefined => {
    const entry = root.at(name)
    return entry.isGiven ? read(entry) : undefined
  }
  const parts = {
    normalizer: given('normalizer', readNormalizer),
    ...readPiecesAndModel(root.at('pre_tokenizer'), root.at('model')),
    postProcessor: given('post_processor', readPostProcessor),
    decoder: given('decoder', readDecoder),
    addedTokens: given('added_tokens', (entry) => entry.list().map(readAddedToken)) ?? [],
    truncation: given('truncation', readTruncation),
    padding: given('padding', readPadding),
  }
  return root.at('added_tokens').made(() => tokenizer(parts))
}

function readAddedToken(entry: JsonPlace): AddedTokenOptions {
  const id = entry.at('id').count()
  if (id > highestId) entry.at('id').fail(`expected an id from 0 to ${highestId}, got ${id}`)
  return {
    id,
    content: entry.at('content').text(),
    singleWord: entry.at('single_word').flag(),
    lstrip: entry.at('lstrip').flag(),
    rstrip: entry.at('rstrip').flag(),
    normalized: entry.at('normalized').flag(),
    special: entry.at('special').flag(),
  }
}

const directions = { Left: 'left', Right: 'right' } as const
const strategies = { LongestFirst: 'longestFirst', OnlyFirst: 'onlyFirst', OnlySecond: 'onlySecond' } as const

function readTruncation(entry: JsonPlace): Truncation {
  return {
    direction: entry.at('direction').choice<'left' | 'right'>(directions, 'Right'),
    maxLength: entry.at('max_length').count(),
    strategy: entry.at('strategy').choice<NonNullable<Truncation['strategy']>>(strategies),
    stride: entry.at('stride').count(),
  }
}

function readPadding(entry: JsonPlace): Padding {
  const strategy = entry.at('strategy')
  const multiple = entry.at('pad_to_multiple_of')
  return {
    length: strategy.value === 'BatchLongest' ? undefined : readLength(strategy.at('Fixed')),
    direction: entry.at('direction').choice<'left' | 'right'>(directions),
    toMultipleOf: multiple.isGiven ? readLength(multiple) : undefined,
    id: entry.at('pad_id').count(),
    typeId: entry.at('pad_type_id').count(),
    token: entry.at('pad_token').text(),
  }
}

/** Padding takes memory for what a file says, so it must not say much. */
function readLength(place: JsonPlace): number {
  const length = place.count()
  return length <= highestId ? length : place.fail(`expected at most ${highestId}, got ${length}`)
}
