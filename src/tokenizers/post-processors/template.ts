import { ConfigError } from '../../base/index.ts'
import { addedEncoding } from '../encoding.ts'
import type { Json, PostProcessor } from '../stages.ts'

/** One part of a template: a text, or an added token. */
export type TemplatePart =
  | { readonly sequence: 'A' | 'B'; readonly typeId?: number }
  | { readonly special: string; readonly typeId?: number }

/** What a name in templates stands for: often one token, sometimes several. */
export interface TemplateSpecial {
  readonly ids: readonly number[]
  readonly tokens: readonly string[]
}

/**
 * Puts added tokens where templates say.
 *
 * @param options.single the parts for one text; `pair` those for two
 * @param options.specials what the names in templates stand for
 * @throws ConfigError for a name in a template that stands for nothing
 *
 * @example
 * const begin = { special: '<s>' }
 * const template = templateProcessor({
 *   single: [begin, { sequence: 'A' }],
 *   pair: [begin, { sequence: 'A' }, begin, { sequence: 'B', typeId: 1 }],
 *   specials: new Map([['<s>', { ids: [1], tokens: ['<s>'] }]]),
 * })
 * template.addedTokens(true) // 2
 */
export function templateProcessor(options: {
  single: readonly TemplatePart[]
  pair: readonly TemplatePart[]
  specials: ReadonlyMap<string, TemplateSpecial>
}): PostProcessor {
  const { single, pair, specials } = options
  for (const part of [...single, ...pair]) {
    if ('special' in part && !specials.has(part.special)) {
      throw new ConfigError(`template: ${JSON.stringify(part.special)} has no tokens; name it in specials`)
    }
  }
  for (const [name, { ids, tokens }] of specials) {
    if (ids.length !== tokens.length)
      throw new ConfigError(`template: ${name} has ${ids.length} ids, ${tokens.length} tokens`)
  }
  const count = (template: readonly TemplatePart[]) =>
    template.reduce((sum, part) => sum + ('special' in part ? specials.get(part.special)!.ids.length : 0), 0)
  const added = [count(single), count(pair)]
  return {
    json: {
      type: 'TemplateProcessing',
      single: single.map(partJson),
      pair: pair.map(partJson),
      special_tokens: Object.fromEntries([...specials].map(([id, { ids, tokens }]) => [id, { id, ids, tokens }])),
    },
    addedTokens: (isPair) => added[isPair ? 1 : 0],
    process: (encodings, addSpecials) =>
      (encodings.length > 1 ? pair : single).flatMap((part) => {
        const { typeId = 0 } = part
        if ('special' in part) {
          const { ids, tokens } = specials.get(part.special)!
          return addSpecials ? [addedEncoding(ids, tokens, { typeId })] : []
        }
        const encoding = encodings[part.sequence === 'A' ? 0 : 1]
        if (encoding === undefined) throw new ConfigError('template: for one text it asks for the second of a pair')
        return [{ ...encoding, typeIds: new Uint32Array(encoding.ids.length).fill(typeId) }]
      }),
  }
}

function partJson(part: TemplatePart): Json {
  const { typeId: type_id = 0 } = part
  return 'special' in part
    ? { SpecialToken: { id: part.special, type_id } }
    : { Sequence: { id: part.sequence, type_id } }
}
