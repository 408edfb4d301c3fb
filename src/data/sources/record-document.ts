import type { Json, Meta } from '../index.ts'

/** Which fields of records become the text and the id of documents. */
export interface FieldChoice {
  readonly textField?: string | readonly string[]
  readonly idField?: string
}

/** What a record says: its text, or that it has none. */
export interface RecordContent {
  /** Undefined when no field holds a text. */
  readonly text: string | undefined
  readonly id: string | undefined
  readonly meta: Meta
  /** Fields that are too large for meta, with their sizes in characters. */
  readonly leftOut: Readonly<Record<string, number>>
}

/** Names that data sets give to the field with the text, the first that a record has. */
export const usualTextFields = [
  'text',
  'content',
  'raw_content',
  'markdown',
  'body',
  'article',
  'document',
  'passage',
  'story',
  'code',
  'sentence',
] as const

/** The largest field that is kept in meta, in characters of JSON, and the deepest. */
export const largestMetaField = 4096
const deepestMetaField = 32

/** Fields of conversations: kept whole in meta, for whoever trains on them as such. */
const conversationFields = ['messages', 'conversations', 'prompt', 'chosen', 'rejected', 'completion', 'response']

export const isConversationField = (name: string): boolean => conversationFields.includes(name)

export function textFieldsOf({ textField }: FieldChoice): readonly string[] {
  return textField === undefined ? usualTextFields : typeof textField === 'string' ? [textField] : textField
}

/**
 * A record as a document. The text is the first of the chosen fields that holds a string. Where none does and none was
 * chosen, a conversation gives one: `messages` (`[{ role, content }]`), `conversations` (`[{ from, value }]`), or `prompt`
 * with `chosen`, `completion` or `response` (a string or such a list); its contents are joined by blank lines, roles and
 * the rejected answer are left to meta, which holds these fields whole. A record that is a string is its text.
 *
 * @param record what JSON.parse gives, or fields of a table
 */
export function recordContent(record: unknown, choice: FieldChoice): RecordContent {
  if (typeof record === 'string' && choice.textField === undefined) {
    return { text: record, id: undefined, meta: {}, leftOut: {} }
  }
  if (record === null || typeof record !== 'object' || Array.isArray(record)) {
    return { text: undefined, id: undefined, meta: {}, leftOut: {} }
  }
  const fields = record as Readonly<Record<string, unknown>>
  const used = textFieldsOf(choice).find((name) => typeof ownField(fields, name) === 'string')
  const isConversation = used === undefined && choice.textField === undefined
  const text = used !== undefined ? (fields[used] as string) : isConversation ? conversationText(fields) : undefined

  const id = choice.idField === undefined ? undefined : ownField(fields, choice.idField)
  const meta: [string, Json][] = []
  const leftOut: Record<string, number> = {}
  for (const name of Object.keys(fields)) {
    const value = fields[name]
    if (name === used || name === choice.idField || value === undefined) continue
    const whole = isConversation && isConversationField(name)
    const size = whole ? 0 : jsonSize(value, largestMetaField)
    if (size <= largestMetaField) meta.push([name, value as Json])
    else leftOut[name] = size
  }
  return {
    text,
    id: typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint' ? String(id) : undefined,
    // Defines fields: one that is named __proto__ is a field like others.
    meta: Object.fromEntries(meta),
    leftOut,
  }
}

function ownField(fields: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

function conversationText(fields: Readonly<Record<string, unknown>>): string | undefined {
  const turns = contentsOf(ownField(fields, 'messages')) ?? contentsOf(ownField(fields, 'conversations'))
  if (turns !== undefined) return turns.join('\n\n')
  const answer = ['chosen', 'completion', 'response'].find((name) => contentsOf(ownField(fields, name)) !== undefined)
  if (answer === undefined) return undefined
  const prompt = contentsOf(ownField(fields, 'prompt')) ?? []
  const said = contentsOf(fields[answer])!
  // A chosen conversation often repeats the prompt that it answers.
  const repeats = prompt.length > 0 && prompt.every((turn, i) => said[i] === turn)
  return [...(repeats ? [] : prompt), ...said].join('\n\n')
}

/** The contents of turns: a string is one, a list holds `{ content }`, `{ value }`, or parts `{ text }` in it. */
function contentsOf(value: unknown): string[] | undefined {
  if (typeof value === 'string') return [value]
  if (!Array.isArray(value)) return undefined
  const contents: string[] = []
  for (const turn of value) {
    if (turn === null || typeof turn !== 'object') return undefined
    const content = turn.content ?? turn.value
    if (typeof content === 'string') contents.push(content)
    else if (Array.isArray(content)) {
      const parts = content.filter((part) => typeof part?.text === 'string').map((part) => part.text)
      if (parts.length > 0) contents.push(parts.join('\n'))
    }
  }
  return contents.length > 0 ? contents : undefined
}

/** Characters of a value as JSON, about; counting ends beyond `limit`. What is too deep counts as too large. */
function jsonSize(value: unknown, limit: number, depth = 0): number {
  if (typeof value === 'string') return value.length + 2
  if (value === null || typeof value !== 'object') return 8
  if (depth > deepestMetaField) return limit + 1
  let size = 2
  for (const key in value) {
    size += key.length + 3 + jsonSize((value as Record<string, unknown>)[key], limit, depth + 1)
    if (size > limit) break
  }
  return size
}

/** The fields of a record, for people: `title, url, body_text`. */
export function fieldNames(record: unknown): string {
  if (record === null || typeof record !== 'object' || Array.isArray(record)) {
    return `none, it is ${Array.isArray(record) ? 'a list' : record === null ? 'null' : `a ${typeof record}`}`
  }
  const names = Object.keys(record)
  const shown = names.slice(0, 20).map((name) => (name.length > 40 ? `${name.slice(0, 39)}…` : name))
  return `${shown.join(', ') || 'none'}${names.length > 20 ? ` and ${names.length - 20} more` : ''}`
}
