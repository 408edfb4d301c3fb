import { Template } from '@huggingface/jinja'
import { ConfigError, DataError, FormatError } from '../base/index.ts'
import { strftime } from './strftime.ts'

/** One turn of a conversation. Templates may read further fields: `tool_calls`, `name`, `reasoning_content`. */
export interface Message {
  readonly role: string
  readonly content?: string | null | readonly { readonly type: string; readonly [field: string]: unknown }[]
  readonly [field: string]: unknown
}

/** A template, or several by name, as tokenizer_config.json has them: `default`, `tool_use`, `rag`. */
export type TemplateSource = string | readonly { readonly name: string; readonly template: string }[]

export interface ChatTemplateOptions {
  /**
   * Names by which templates know special tokens: `{ bos_token: '<s>', eos_token: '</s>' }`. The text of these, and of
   * {@link specials}, stays data when it comes from messages.
   */
  readonly variables?: Readonly<Record<string, unknown>>
  /** The text of every special token. */
  readonly specials?: Iterable<string>
  /** The time that `strftime_now` tells. Default: now. */
  readonly now?: () => Date
}

export interface RenderOptions {
  /** Ends with the beginning of an answer, for the model to go on from. */
  readonly addGenerationPrompt?: boolean
  /** Leaves the last message open, so that the model goes on inside of it. */
  readonly continueFinalMessage?: boolean
  /** Which of several templates. Default: `tool_use` when there are tools and it exists, else `default`. */
  readonly template?: string
  /** Functions that the model may call, as JSON Schemas. */
  readonly tools?: readonly object[]
  readonly documents?: readonly object[]
  /** Whatever else the template reads: `{ enable_thinking: false }`. */
  readonly variables?: Readonly<Record<string, unknown>>
}

export interface RenderedChat {
  readonly text: string
  /** What stood within `{% generation %}`: ranges of code units of the text, what the assistant wrote. */
  readonly generated: readonly (readonly [start: number, end: number])[]
  /**
   * Whether the special token whose name stands at code unit `start` was written by the template. Names that messages
   * contain are data: this is what keeps a user from writing a turn of the assistant.
   */
  isSpecialAt(name: string, start: number): boolean
}

export interface ChatTemplate {
  /**
   * The conversation as one text.
   *
   * @throws DataError when the template refuses the conversation (`raise_exception`) or fails on it
   * @throws ConfigError for a template name that is not there
   */
  render(messages: readonly Message[], options?: RenderOptions): RenderedChat
}

/**
 * A chat template as models on Hugging Face carry them: Jinja with trim_blocks and lstrip_blocks, loop controls,
 * `raise_exception`, `strftime_now`, `tojson` without HTML escapes, and `{% generation %}`.
 *
 * @throws FormatError when the template is not Jinja
 *
 * @example
 * const template = chatTemplate('{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}')
 * template.render([{ role: 'user', content: 'Сәлем!' }]).text // '<|user|>Сәлем!'
 */
export function chatTemplate(source: TemplateSource, options: ChatTemplateOptions = {}): ChatTemplate {
  const named = typeof source === 'string' ? [{ name: 'default', template: source }] : source
  const templates = new Map(named.map(({ name, template }) => [name, { template, compiled: compiled(name, template) }]))
  const textOfVariables = Object.entries(options.variables ?? {}).flatMap(([name, value]) =>
    name.endsWith('_token') && typeof value === 'string' ? [value] : [],
  )
  const specials = [...new Set([...(options.specials ?? []), ...textOfVariables])].filter((name) => name.length > 1)

  function pick({ template, tools }: RenderOptions) {
    const name = template ?? (tools !== undefined && templates.has('tool_use') ? 'tool_use' : 'default')
    const found = templates.get(name)
    if (found !== undefined) return found
    throw new ConfigError(`chat template: there is none named ${name}; there are ${[...templates.keys()].join(', ')}`)
  }

  return {
    render(messages, asked = {}) {
      const { template, compiled } = pick(asked)
      if (asked.continueFinalMessage && asked.addGenerationPrompt) {
        throw new ConfigError(
          'chat template: continueFinalMessage goes on in the last message and addGenerationPrompt begins another; choose one',
        )
      }
      const given = { messages, tools: asked.tools ?? null, documents: asked.documents ?? null }
      const variables = { ...options.variables, ...asked.variables }
      const marks = unusedMarks(template, JSON.stringify([given, variables]))
      const guarded = withStrings(given, guarding(specials, marks.data)) as typeof given
      if (asked.continueFinalMessage) guarded.messages = withOpenEnd(guarded.messages, `${marks.end} `)
      const items = {
        ...variables,
        ...guarded,
        add_generation_prompt: asked.addGenerationPrompt ?? false,
        [variableOfTime]: (format: string) => strftime(options.now?.() ?? new Date(), format),
        [marks.startName]: marks.start,
        [marks.stopName]: marks.stop,
      }
      let text: string
      try {
        text = compiled.render(items)
      } catch (error) {
        throw new DataError(`chat template: ${(error as Error).message}`, { cause: error })
      }
      return read(asked.continueFinalMessage ? closedAt(text, `${marks.end} `) : text, marks)
    },
  }
}

/** Characters that no text has: Unicode's noncharacters. They travel through the template and are taken out after. */
interface Marks {
  readonly start: string
  readonly stop: string
  readonly data: string
  readonly end: string
  readonly startName: string
  readonly stopName: string
}

const variableOfTime = 'strftime_in_english'
const variableOfStart = 'generation_starts_here'
const variableOfStop = 'generation_stops_here'

function compiled(name: string, source: string): Template {
  const marked = source
    .replace(/\r\n?/g, '\n')
    // The library's own speaks the language of the machine, and names of its own cannot be given another meaning.
    .replace(/\bstrftime_now\b/g, variableOfTime)
    // A block around a value: what trimming does before and after the tag stays as it was.
    .replace(
      /\{%([-+]?)\s*(end)?generation\s*([-+]?)%\}/g,
      (_, before, end, after) =>
        `{%${before} if true %}{{ ${end ? variableOfStop : variableOfStart} }}{% endif ${after}%}`,
    )
  try {
    return new Template(marked)
  } catch (error) {
    throw new FormatError(`chat template ${name}: ${(error as Error).message}`, { cause: error })
  }
}

function unusedMarks(...texts: string[]): Marks {
  const free: string[] = []
  for (let code = 0xfdd0; code <= 0xfdef && free.length < 4; code++) {
    const mark = String.fromCharCode(code)
    if (!texts.some((text) => text.includes(mark))) free.push(mark)
  }
  if (free.length < 4) throw new DataError('chat template: the messages use up the noncharacters U+FDD0 to U+FDEF')
  const [start, stop, data, end] = free
  return { start, stop, data, end, startName: variableOfStart, stopName: variableOfStop }
}

/** Puts a mark into each special token's name that a text contains, after its first character. */
function guarding(specials: readonly string[], mark: string): (text: string) => string {
  if (specials.length === 0) return (text) => text
  const begins = new RegExp(`(?=${specials.map((name) => RegExp.escape(name)).join('|')}).`, 'gsu')
  return (text) => text.replace(begins, (character) => character + mark)
}

/** The same value with every string in it replaced; names of fields stay. */
function withStrings(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value)
  if (Array.isArray(value)) return value.map((each) => withStrings(each, replace))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withStrings(each, replace)]))
}

function withOpenEnd(messages: readonly Message[], tag: string): readonly Message[] {
  const last = messages.at(-1)
  if (typeof last?.content === 'string') return [...messages.slice(0, -1), { ...last, content: last.content + tag }]
  const parts = Array.isArray(last?.content) ? last.content : []
  const at = parts.findLastIndex((part) => typeof part.text === 'string')
  if (at < 0) throw new DataError('chat template: continueFinalMessage needs a last message with text')
  const open = parts.with(at, { ...parts[at], text: parts[at].text + tag })
  return [...messages.slice(0, -1), { ...last!, content: open }]
}

/** The text up to the tag. A template that trims messages took the tag's space; then it would have trimmed there too. */
function closedAt(text: string, tag: string): string {
  const at = text.lastIndexOf(tag.trimEnd())
  if (at < 0) throw new DataError('chat template: continueFinalMessage: the template leaves the last message out')
  return text.startsWith(tag, at) ? text.slice(0, at) : text.slice(0, at).trimEnd()
}

/** Takes the marks out and remembers where they stood. */
function read(marked: string, marks: Marks): RenderedChat {
  const generated: [number, number][] = []
  const dataAt: number[] = []
  const open: number[] = []
  let text = ''
  const parts = marked.split(new RegExp(`([${marks.start}${marks.stop}${marks.data}])`))
  for (const part of parts) {
    if (part === marks.start) open.push(text.length)
    else if (part === marks.stop) generated.push([open.pop()!, text.length])
    else if (part === marks.data) dataAt.push(text.length)
    else text += part
  }
  return {
    text,
    generated,
    isSpecialAt: (name, start) => !dataAt.some((at) => at > start && at < start + name.length),
  }
}
