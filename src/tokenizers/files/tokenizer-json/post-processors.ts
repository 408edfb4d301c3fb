import { bertProcessor, robertaProcessor, type TokenAndId } from '../../post-processors/bert.ts'
import { byteLevelProcessor } from '../../post-processors/byte-level.ts'
import { postProcessorSequence } from '../../post-processors/sequence.ts'
import { type TemplatePart, templateProcessor } from '../../post-processors/template.ts'
import type { PostProcessor } from '../../stages.ts'
import type { JsonPlace } from '../json-fields.ts'
import { readByteLevel } from './shared-entries.ts'

/** The entry `post_processor` of a tokenizer.json. */
export function readPostProcessor(entry: JsonPlace): PostProcessor {
  return entry.at('type').choice(readers)(entry)
}

const readers: Readonly<Record<string, (entry: JsonPlace) => PostProcessor>> = {
  BertProcessing: (entry) => bertProcessor({ sep: readToken(entry.at('sep')), cls: readToken(entry.at('cls')) }),
  ByteLevel: (entry) => byteLevelProcessor(readByteLevel(entry)),
  RobertaProcessing: (entry) =>
    robertaProcessor({
      sep: readToken(entry.at('sep')),
      cls: readToken(entry.at('cls')),
      trimOffsets: entry.at('trim_offsets').flag(),
      addPrefixSpace: entry.at('add_prefix_space').flag(),
    }),
  Sequence: (entry) => postProcessorSequence(entry.at('processors').list().map(readPostProcessor)),
  TemplateProcessing: (entry) =>
    entry.made(() =>
      templateProcessor({
        single: entry.at('single').list().map(readPart),
        pair: entry.at('pair').list().map(readPart),
        specials: new Map(
          [...entry.at('special_tokens').record()].map(([name, special]) => [
            name,
            {
              ids: special.at('ids').list().map(readId),
              tokens: special
                .at('tokens')
                .list()
                .map((token) => token.text()),
            },
          ]),
        ),
      }),
    ),
}

/** Ids and types are 32 bits wide. */
function readId(place: JsonPlace): number {
  const id = place.count()
  return id <= 0xffffffff ? id : place.fail(`${id} has more than 32 bits`)
}

function readToken(place: JsonPlace): TokenAndId {
  const [token, id, ...more] = place.list()
  if (id === undefined || more.length > 0) place.fail('expected a token and its id')
  return [token.text(), readId(id)]
}

const sequences: Readonly<Record<string, 'A' | 'B'>> = { A: 'A', B: 'B' }

function readPart(place: JsonPlace): TemplatePart {
  const text = place.at('Sequence')
  const part = text.isGiven ? text : place.at('SpecialToken')
  const typeId = readId(part.at('type_id'))
  return text.isGiven
    ? { sequence: part.at('id').choice(sequences), typeId }
    : { special: part.at('id').text(), typeId }
}
