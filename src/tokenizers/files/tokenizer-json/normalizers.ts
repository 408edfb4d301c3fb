import { bertNormalizer } from '../../normalizers/bert.ts'
import { byteLevelNormalizer } from '../../normalizers/byte-level.ts'
import { lowercase } from '../../normalizers/lowercase.ts'
import { nmt } from '../../normalizers/nmt.ts'
import { nfc, nfd, nfkc, nfkd } from '../../normalizers/normal-forms.ts'
import { precompiled } from '../../normalizers/precompiled.ts'
import { prepend } from '../../normalizers/prepend.ts'
import { replace } from '../../normalizers/replace.ts'
import { normalizerSequence } from '../../normalizers/sequence.ts'
import { strip } from '../../normalizers/strip.ts'
import { stripAccents } from '../../normalizers/strip-accents.ts'
import type { Normalizer } from '../../stages.ts'
import type { JsonPlace } from '../json-fields.ts'
import { readPattern } from './shared-entries.ts'

/** The entry `normalizer` of a tokenizer.json. */
export function readNormalizer(entry: JsonPlace): Normalizer {
  return entry.at('type').choice(readers)(entry)
}

const readers: Readonly<Record<string, (entry: JsonPlace) => Normalizer>> = {
  BertNormalizer: (entry) => {
    const accents = entry.at('strip_accents')
    return bertNormalizer({
      cleanText: entry.at('clean_text').flag(),
      handleChineseChars: entry.at('handle_chinese_chars').flag(),
      stripAccents: accents.isGiven ? accents.flag() : null,
      lowercase: entry.at('lowercase').flag(),
    })
  },
  ByteLevel: () => byteLevelNormalizer(),
  Lowercase: () => lowercase(),
  NFC: () => nfc(),
  NFD: () => nfd(),
  NFKC: () => nfkc(),
  NFKD: () => nfkd(),
  Nmt: () => nmt(),
  Precompiled: (entry) => {
    const charsmap = entry.at('precompiled_charsmap')
    return charsmap.made(() => precompiled(charsmap.bytes()))
  },
  Prepend: (entry) => prepend(entry.at('prepend').text()),
  Replace: (entry) => entry.made(() => replace(readPattern(entry.at('pattern')), entry.at('content').text())),
  Sequence: (entry) => normalizerSequence(entry.at('normalizers').list().map(readNormalizer)),
  Strip: (entry) => strip({ left: entry.at('strip_left').flag(), right: entry.at('strip_right').flag() }),
  StripAccents: () => stripAccents(),
}
