import type { PreTokenizer } from '../../stages.ts'
import type { JsonPlace } from '../json-fields.ts'

/** The entry `pre_tokenizer` of a tokenizer.json. */
export function readPreTokenizer(entry: JsonPlace): PreTokenizer {
  return entry.at('type').choice(readers)(entry)
}

const readers: Readonly<Record<string, (entry: JsonPlace) => PreTokenizer>> = {}
