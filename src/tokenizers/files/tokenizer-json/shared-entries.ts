import type { ByteLevelFlags } from '../../decoders/byte-level.ts'
import type { PrependScheme } from '../../decoders/metaspace.ts'
import type { ReplacePattern } from '../../decoders/replace.ts'
import type { JsonPlace } from '../json-fields.ts'

/** ByteLevel, which can be pre-tokenizer, post-processor and decoder. */
export function readByteLevel(entry: JsonPlace): Required<ByteLevelFlags> {
  return {
    addPrefixSpace: entry.at('add_prefix_space').flag(),
    trimOffsets: entry.at('trim_offsets').flag(),
    useRegex: entry.at('use_regex').flag(true),
  }
}

const schemes: Readonly<Record<string, PrependScheme>> = { always: 'always', first: 'first', never: 'never' }

/** Metaspace, which can be pre-tokenizer and decoder; older files say `add_prefix_space`. */
export function readMetaspace(entry: JsonPlace) {
  const prependScheme = entry.at('prepend_scheme').choice(schemes, 'always')
  const noPrefix = entry.at('add_prefix_space').flag(true) === false
  if (noPrefix && entry.at('prepend_scheme').isGiven && prependScheme !== 'never') {
    entry.at('add_prefix_space').fail(`is false, but prepend_scheme is ${prependScheme}`)
  }
  return {
    replacement: entry.at('replacement').character(),
    prependScheme: noPrefix ? 'never' : prependScheme,
    split: entry.at('split').flag(true),
  } as const
}

/** What Replace and Split look for. */
export function readPattern(entry: JsonPlace): ReplacePattern {
  const text = entry.at('String')
  return text.isGiven ? { text: text.text() } : { regex: entry.at('Regex').text() }
}
