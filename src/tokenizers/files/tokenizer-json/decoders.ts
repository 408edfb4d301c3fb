import { bpeDecoder } from '../../decoders/bpe.ts'
import { byteFallbackDecoder } from '../../decoders/byte-fallback.ts'
import { byteLevelDecoder } from '../../decoders/byte-level.ts'
import { ctcDecoder } from '../../decoders/ctc.ts'
import { fuseDecoder } from '../../decoders/fuse.ts'
import { metaspaceDecoder } from '../../decoders/metaspace.ts'
import { replaceDecoder } from '../../decoders/replace.ts'
import { decoderSequence } from '../../decoders/sequence.ts'
import { stripDecoder } from '../../decoders/strip.ts'
import { wordPieceDecoder } from '../../decoders/word-piece.ts'
import type { Decoder } from '../../stages.ts'
import type { JsonPlace } from '../json-fields.ts'
import { readByteLevel, readMetaspace, readPattern } from './shared-entries.ts'

/** The entry `decoder` of a tokenizer.json. */
export function readDecoder(entry: JsonPlace): Decoder {
  return entry.at('type').choice(readers)(entry)
}

const readers: Readonly<Record<string, (entry: JsonPlace) => Decoder>> = {
  BPEDecoder: (entry) => bpeDecoder({ suffix: entry.at('suffix').text() }),
  ByteFallback: () => byteFallbackDecoder(),
  ByteLevel: (entry) => byteLevelDecoder(readByteLevel(entry)),
  CTC: (entry) =>
    ctcDecoder({
      padToken: entry.at('pad_token').text(),
      wordDelimiterToken: entry.at('word_delimiter_token').text(),
      cleanup: entry.at('cleanup').flag(),
    }),
  Fuse: () => fuseDecoder(),
  Metaspace: (entry) => metaspaceDecoder(readMetaspace(entry)),
  Replace: (entry) => entry.made(() => replaceDecoder(readPattern(entry.at('pattern')), entry.at('content').text())),
  Sequence: (entry) => decoderSequence(entry.at('decoders').list().map(readDecoder)),
  Strip: (entry) =>
    stripDecoder({
      content: entry.at('content').character(),
      start: entry.at('start').count(),
      stop: entry.at('stop').count(),
    }),
  WordPiece: (entry) => wordPieceDecoder({ prefix: entry.at('prefix').text(), cleanup: entry.at('cleanup').flag() }),
}
