import { z } from 'zod'
import { ConfigError } from '../base/index.ts'
import {
  type Grammar,
  type GrammarConstraint,
  grammarConstraint,
  type JsonSchema,
  jsonGrammar,
  jsonSchemaGrammar,
  parseGbnf,
  regexGrammar,
} from '../grammar/index.ts'
import { ApiError } from './api-error.ts'
import { optional } from './sampling-fields.ts'
import type { ServedModel } from './served-model.ts'

const schema = z.union([z.boolean(), z.record(z.string(), z.unknown())])

/** What a text must be, in the words of OpenAI (`response_format`), vLLM (`structured_outputs`) and llama.cpp (`grammar`). */
export const formatFields = {
  response_format: optional(
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('text') }),
      z.object({ type: z.literal('json_object') }),
      z.object({
        type: z.literal('json_schema'),
        json_schema: z.object({ name: optional(z.string()), schema: optional(schema), strict: optional(z.boolean()) }),
      }),
    ]),
  ),
  structured_outputs: optional(
    z.object({
      json: optional(schema),
      regex: optional(z.string()),
      choice: optional(z.array(z.string().min(1)).min(1)),
      grammar: optional(z.string()),
    }),
  ),
  grammar: optional(z.string()),
}

type FormatRequest = z.output<z.ZodObject<typeof formatFields>>

/** Grammars that a server keeps ready for a model; preparing one takes milliseconds, sometimes more. */
const MOST_KEPT = 32
const kept = new WeakMap<ServedModel, Map<string, () => GrammarConstraint>>()

/** A constraint for one text. @param name tells equal grammars from others */
export function constrained(model: ServedModel, name: string, grammar: () => Grammar): GrammarConstraint {
  const known = kept.get(model) ?? new Map<string, () => GrammarConstraint>()
  kept.set(model, known)
  const found = known.get(name) ?? grammarConstraint(grammar(), model.tokenizer, { ends: model.stopIds })
  known.delete(name) // the newest last
  known.set(name, found)
  if (known.size > MOST_KEPT) known.delete(known.keys().next().value!)
  return found()
}

/** What a request wants its text to be; undefined when it may be anything. @throws ApiError for a grammar that cannot be used */
export function formatConstraint(request: FormatRequest, model: ServedModel): GrammarConstraint | undefined {
  const found = wanted(request)
  if (found === undefined) return undefined
  const [field, value, grammar] = found
  try {
    return constrained(model, JSON.stringify([field, value]), grammar)
  } catch (error) {
    if (error instanceof ConfigError) throw new ApiError(400, `${field}: ${error.message}`, { param: field })
    throw error
  }
}

function wanted(request: FormatRequest): [field: string, value: unknown, grammar: () => Grammar] | undefined {
  const { response_format: format, structured_outputs: asked, grammar } = request
  // Models write JSON with a space behind commas and colons.
  const ofSchema = (schema: unknown) => () => jsonSchemaGrammar(schema as JsonSchema, { layout: 'spaced' })
  if (grammar !== undefined) return ['grammar', grammar, () => parseGbnf(grammar)]
  if (asked?.json !== undefined) return ['structured_outputs', asked, ofSchema(asked.json)]
  if (asked?.grammar !== undefined) return ['structured_outputs', asked, () => parseGbnf(asked.grammar!)]
  if (asked?.regex !== undefined) return ['structured_outputs', asked, () => regexGrammar(asked.regex!)]
  if (asked?.choice !== undefined) return ['structured_outputs', asked, ofTexts(asked.choice)]
  if (format?.type === 'json_object') {
    return ['response_format', 'json_object', () => jsonSchemaGrammar({ type: 'object' }, { layout: 'spaced' })]
  }
  if (format?.type === 'json_schema') {
    const { schema = {} } = format.json_schema
    return [
      'response_format',
      schema,
      Object.keys(schema).length === 0 ? () => jsonGrammar({ layout: 'spaced' }) : ofSchema(schema),
    ]
  }
  return undefined
}

const ofTexts = (texts: readonly string[]) => () =>
  regexGrammar(texts.map((each) => each.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'))
