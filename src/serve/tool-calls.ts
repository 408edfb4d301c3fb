import { z } from 'zod'
import type { Message } from '../chat/index.ts'
import { type Expression, type Grammar, type JsonSchema, jsonSchemaGrammar } from '../grammar/index.ts'
import { ApiError } from './api-error.ts'
import { optional } from './sampling-fields.ts'

const name = z.string().regex(/^[a-zA-Z0-9_.-]{1,64}$/, 'expected letters, digits, _, . and -, 64 at most')
const tool = z.looseObject({
  type: z.literal('function'),
  function: z.looseObject({
    name,
    description: optional(z.string()),
    parameters: optional(z.record(z.string(), z.unknown())),
  }),
})

/** Functions that a model may call. */
export const toolFields = {
  tools: optional(z.array(tool).max(128)),
  tool_choice: optional(
    z.union([
      z.enum(['none', 'auto', 'required']),
      z.object({ type: z.literal('function'), function: z.object({ name }) }),
    ]),
  ),
  parallel_tool_calls: optional(z.boolean()),
}

type ToolRequest = z.output<z.ZodObject<typeof toolFields>>
export type Tool = z.output<typeof tool>

const OPEN = '<tool_call>'
const CLOSE = '</tool_call>'

/** The functions that a request lets the model call, and whether it must. @throws ApiError for a choice that is not there */
export function toolsOf({ tools = [], tool_choice: choice }: ToolRequest): {
  tools: readonly Tool[]
  isForced: boolean
} {
  if (choice === 'none') return { tools: [], isForced: false }
  if (choice === undefined || choice === 'auto') return { tools, isForced: false }
  const chosen = choice === 'required' ? tools : tools.filter((each) => each.function.name === choice.function.name)
  if (chosen.length > 0) return { tools: chosen, isForced: true }
  throw new ApiError(400, 'tool_choice: there is no such function among tools', { param: 'tool_choice' })
}

/** The text of calls and nothing else. @param most calls; Infinity for as many as the model likes */
export function callGrammar(tools: readonly Tool[], most: number): Grammar {
  const schema: JsonSchema = {
    anyOf: tools.map(({ function: { name, parameters = { type: 'object' } } }) => ({
      type: 'object',
      properties: { name: { const: name }, arguments: parameters as JsonSchema },
      required: ['name', 'arguments'],
      additionalProperties: false,
    })),
  }
  const { root, rules } = jsonSchemaGrammar(schema, { layout: 'spaced' })
  const sequence = (...parts: Expression[]): Expression => ({ kind: 'sequence', parts })
  const text = (text: string): Expression => ({ kind: 'text', text })
  const call = sequence(text(`${OPEN}\n`), { kind: 'rule', name: root }, text(`\n${CLOSE}`))
  const more: Expression = { kind: 'repeat', body: sequence(text('\n'), call), min: 0, max: most - 1 }
  const calls = most > 1 ? sequence(call, more) : call
  return { root: 'calls', rules: new Map([...rules, ['calls', calls]]) }
}

/** What a model wrote, taken apart. */
export type WrittenPart =
  | { readonly kind: 'text'; readonly text: string }
  /** `arguments` is JSON, as it was written. */
  | { readonly kind: 'call'; readonly name: string; readonly arguments: string }

/**
 * Takes calls out of a text that comes in pieces: between `<tool_call>` and `</tool_call>` an object with `name` and `arguments`,
 * as Hermes, Qwen and others write it. What is no such object stays text.
 */
export class CallReader {
  #held = ''
  #isInside = false
  /** Spaces before the call that is being read: they go with it. */
  #space = ''

  push(piece: string): WrittenPart[] {
    this.#held += piece
    const parts: WrittenPart[] = []
    for (;;) {
      const mark = this.#isInside ? CLOSE : OPEN
      const at = this.#held.indexOf(mark)
      if (at < 0) break
      const before = this.#held.slice(0, at)
      this.#held = this.#held.slice(at + mark.length)
      if (this.#isInside) {
        parts.push(callOf(before) ?? { kind: 'text', text: this.#space + OPEN + before + CLOSE })
      } else {
        const said = before.trimEnd()
        this.#space = before.slice(said.length)
        if (said !== '') parts.push({ kind: 'text', text: said })
      }
      this.#isInside = !this.#isInside
    }
    if (!this.#isInside) {
      // What may become a mark waits, and so do spaces: they belong to it when one comes.
      const certain = this.#held.length - undecided(this.#held)
      if (certain > 0) parts.push({ kind: 'text', text: this.#held.slice(0, certain) })
      this.#held = this.#held.slice(certain)
    }
    return parts
  }

  /** What was held back, when no more comes. */
  end(): WrittenPart[] {
    const rest = this.#isInside ? this.#space + OPEN + this.#held : this.#held
    this.#held = ''
    this.#isInside = false
    return rest === '' ? [] : [{ kind: 'text', text: rest }]
  }
}

/** How much of the end of a text is spaces, and what may be the beginning of a mark. */
function undecided(held: string): number {
  for (let length = Math.min(OPEN.length - 1, held.length); length > 0; length--)
    if (OPEN.startsWith(held.slice(-length))) return length + trailingSpace(held.slice(0, -length))
  return trailingSpace(held)
}
const trailingSpace = (text: string) => text.length - text.trimEnd().length

function callOf(body: string): WrittenPart | undefined {
  try {
    const { name, arguments: given, parameters = {} } = JSON.parse(body)
    if (typeof name !== 'string') return undefined
    return { kind: 'call', name, arguments: JSON.stringify(given ?? parameters) }
  } catch {
    return undefined
  }
}

/** Messages as templates read them: arguments of calls are objects there, and text here. */
export function withParsedCalls(messages: readonly Message[]): Message[] {
  return messages.map((message) => {
    if (!Array.isArray(message.tool_calls)) return message
    return { ...message, tool_calls: message.tool_calls.map(withParsedArguments) }
  })
}

function withParsedArguments(call: { function?: { arguments?: unknown } }): unknown {
  const given = call?.function?.arguments
  if (typeof given !== 'string') return call
  try {
    return { ...call, function: { ...call.function, arguments: JSON.parse(given) } }
  } catch {
    throw new ApiError(400, 'messages: the arguments of a tool call are not JSON', { param: 'messages' })
  }
}

/** What tells a model of functions whose template does not. */
export function toolInstructions(tools: readonly Tool[]): Message {
  const lines = tools.map((each) => JSON.stringify(each.function))
  const form = `${OPEN}\n{"name": NAME, "arguments": {…}}\n${CLOSE}`
  return { role: 'system', content: `You can call these functions:\n${lines.join('\n')}\nTo call one, write:\n${form}` }
}
