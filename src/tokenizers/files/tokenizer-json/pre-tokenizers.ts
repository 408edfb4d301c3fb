import { bertPreTokenizer } from '../../pieces/bert.ts'
import { byteLevelPreTokenizer } from '../../pieces/byte-level.ts'
import { charDelimiterSplit } from '../../pieces/char-delimiter-split.ts'
import type { SplitBehavior } from '../../pieces/delimiters.ts'
import { digits } from '../../pieces/digits.ts'
import { fixedLength } from '../../pieces/fixed-length.ts'
import { metaspace } from '../../pieces/metaspace.ts'
import { punctuation } from '../../pieces/punctuation.ts'
import { preTokenizerSequence } from '../../pieces/sequence.ts'
import { split } from '../../pieces/split.ts'
import { unicodeScripts } from '../../pieces/unicode-scripts.ts'
import { whitespace } from '../../pieces/whitespace.ts'
import { whitespaceSplit } from '../../pieces/whitespace-split.ts'
import type { PreTokenizer } from '../../stages.ts'
import type { JsonPlace } from '../json-fields.ts'
import { readByteLevel, readMetaspace, readPattern } from './shared-entries.ts'

/** The entry `pre_tokenizer` of a tokenizer.json. */
export function readPreTokenizer(entry: JsonPlace): PreTokenizer {
  return entry.at('type').choice(readers)(entry)
}

const behaviors: Readonly<Record<string, SplitBehavior>> = {
  Removed: 'removed',
  Isolated: 'isolated',
  MergedWithPrevious: 'mergedWithPrevious',
  MergedWithNext: 'mergedWithNext',
  Contiguous: 'contiguous',
}

const readers: Readonly<Record<string, (entry: JsonPlace) => PreTokenizer>> = {
  BertPreTokenizer: () => bertPreTokenizer(),
  ByteLevel: (entry) => byteLevelPreTokenizer(readByteLevel(entry)),
  CharDelimiterSplit: (entry) => charDelimiterSplit(entry.at('delimiter').character()),
  Digits: (entry) => digits({ individual: entry.at('individual_digits').flag() }),
  FixedLength: (entry) => entry.made(() => fixedLength(entry.at('length').count(5))),
  Metaspace: (entry) => metaspace(readMetaspace(entry)),
  Punctuation: (entry) => punctuation(entry.at('behavior').choice(behaviors, 'Isolated')),
  Sequence: (entry) => preTokenizerSequence(entry.at('pretokenizers').list().map(readPreTokenizer)),
  Split: (entry) =>
    entry.made(() =>
      split(readPattern(entry.at('pattern')), entry.at('behavior').choice(behaviors), {
        invert: entry.at('invert').flag(),
      }),
    ),
  UnicodeScripts: () => unicodeScripts(),
  Whitespace: () => whitespace(),
  WhitespaceSplit: () => whitespaceSplit(),
}
