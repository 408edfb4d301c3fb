import { z } from 'zod'
import { encodeChat, type Message, writtenText } from '../chat/index.ts'
import type { Request as TextRequest, Token } from '../infer/index.ts'
import { ApiError } from './api-error.ts'
import type { Call } from './call.ts'
import { constrained, formatConstraint, formatFields } from './constraints.ts'
import { eventStream } from './events.ts'
import { merged } from './merged.ts'
import { drawingOptions, MOST_ALTERNATIVES, optional, roomFor, samplingFields } from './sampling-fields.ts'
import type { ServedModel } from './served-model.ts'
import { tokenText } from './token-text.ts'
import {
  CallReader,
  callGrammar,
  type Tool,
  toolFields,
  toolInstructions,
  toolsOf,
  type WrittenPart,
  withParsedCalls,
} from './tool-calls.ts'
import { usageOf } from './usage.ts'
import { withRequests } from './with-requests.ts'

const part = z.looseObject({ type: z.string() })
const message = z.looseObject({
  role: z.string().min(1),
  content: z.union([z.string(), z.array(part)]).nullish(),
})

export const chatRequest = z.object({
  ...samplingFields,
  ...formatFields,
  ...toolFields,
  model: z.string(),
  messages: z.array(message).min(1),
  max_tokens: optional(z.int().min(1)),
  max_completion_tokens: optional(z.int().min(1)),
  logprobs: optional(z.boolean()),
  top_logprobs: optional(z.int().min(0).max(MOST_ALTERNATIVES)),
})

export type ChatRequest = z.output<typeof chatRequest>

/** POST /v1/chat/completions */
export async function chatCompletions(body: ChatRequest, call: Call): Promise<Response> {
  const { model } = call
  const { tools, isForced } = toolsOf(body)
  const ids = promptIds(body, model, tools)
  const requests = model.engine.samples(ids, body.n ?? 1, {
    ...drawingOptions(body, model),
    maxTokens: roomFor(ids.length, body.max_completion_tokens ?? body.max_tokens, model),
    constraint: isForced ? callConstraint(body, model, tools) : formatConstraint(body, model),
    logprobs: body.logprobs ? (body.top_logprobs ?? 0) : undefined,
  })
  const answer = { id: `chatcmpl-${crypto.randomUUID()}`, created: Math.floor(Date.now() / 1000), model: model.id }
  const texts = requests.map((request) => partsOf(request, body, model, tools.length > 0))
  return withRequests(requests, call, async (end) => {
    if (body.stream) return eventStream(chunks(body, model, requests, texts, answer), end)
    const choices = await Promise.all(texts.map((text, index) => whole(body, model, text, index)))
    const results = await Promise.all(requests.map(({ result }) => result))
    return Response.json({ ...answer, object: 'chat.completion', choices, usage: usageOf([results]) })
  })
}

const callConstraint = (body: ChatRequest, model: ServedModel, tools: readonly Tool[]) => {
  const most = body.parallel_tool_calls === false || typeof body.tool_choice === 'object' ? 1 : Number.POSITIVE_INFINITY
  return constrained(model, JSON.stringify(['tools', tools, String(most)]), () => callGrammar(tools, most))
}

/** Part of an answer, and the tokens that were drawn since the last. */
interface AnswerPart {
  readonly part: WrittenPart
  readonly tokens: readonly Token[]
}

/** An answer taken apart into text and calls. @returns why it ended */
async function* partsOf(
  request: TextRequest,
  body: ChatRequest,
  model: ServedModel,
  hasTools: boolean,
): AsyncGenerator<AnswerPart, string> {
  const written = writtenText(request, model.tokenizer, body.stop ?? [])
  const reader = hasTools ? new CallReader() : undefined
  let isCalling = false
  let tokens: Token[] = []
  const told = function* (parts: readonly WrittenPart[]): Generator<AnswerPart> {
    for (const part of parts) {
      if (part.kind === 'call') isCalling = true
      yield { part, tokens }
      tokens = []
    }
  }
  let next = await written.next()
  for (; !next.done; next = await written.next()) {
    const { text } = next.value
    tokens.push(...next.value.tokens)
    yield* told(reader?.push(text) ?? [{ kind: 'text', text }])
  }
  yield* told(reader?.end() ?? [])
  if (tokens.length > 0) yield { part: { kind: 'text', text: '' }, tokens }
  return isCalling && next.value === 'stop' ? 'tool_calls' : next.value
}

const callReport = ({ name, arguments: given }: WrittenPart & { kind: 'call' }) => ({
  id: `call_${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`,
  type: 'function',
  function: { name, arguments: given },
})

async function whole(body: ChatRequest, model: ServedModel, parts: AsyncGenerator<AnswerPart, string>, index: number) {
  const tokens: Token[] = []
  const calls: object[] = []
  let content = ''
  let next = await parts.next()
  for (; !next.done; next = await parts.next()) {
    const { part } = next.value
    if (part.kind === 'text') content += part.text
    else calls.push(callReport(part))
    tokens.push(...next.value.tokens)
  }
  const called = calls.length > 0 ? { content: content === '' ? null : content, tool_calls: calls } : { content }
  return {
    index,
    message: { role: 'assistant', ...called, refusal: null },
    logprobs: reportOf(body, model, tokens),
    finish_reason: next.value,
  }
}

async function* chunks(
  body: ChatRequest,
  model: ServedModel,
  requests: readonly TextRequest[],
  texts: readonly AsyncGenerator<AnswerPart, string>[],
  answer: object,
) {
  const wantsUsage = body.stream_options?.include_usage ?? false
  const chunk = (index: number, delta: object, finish: string | null = null, tokens: readonly Token[] = []) => ({
    ...answer,
    object: 'chat.completion.chunk',
    choices: [{ index, delta, logprobs: reportOf(body, model, tokens), finish_reason: finish }],
    ...(wantsUsage ? { usage: null } : {}),
  })
  for (const index of texts.keys()) yield chunk(index, { role: 'assistant', content: '' })
  const calls = texts.map(() => 0)
  for await (const { index, result } of merged(texts)) {
    if (result.done) {
      yield chunk(index, {}, result.value)
      continue
    }
    const { part, tokens } = result.value
    const delta =
      part.kind === 'text' ? { content: part.text } : { tool_calls: [{ index: calls[index]++, ...callReport(part) }] }
    yield chunk(index, delta, null, tokens)
  }
  if (!wantsUsage) return
  const results = await Promise.all(requests.map(({ result }) => result))
  yield { ...answer, object: 'chat.completion.chunk', choices: [], usage: usageOf([results]) }
}

function promptIds(body: ChatRequest, { template, tokenizer, id }: ServedModel, tools: readonly Tool[]): Uint32Array {
  if (template === undefined) {
    const fact = `${id} has no chat template, so that nobody knows how it reads a conversation`
    throw new ApiError(400, `${fact}; use /v1/completions, or give it one with --chat-template`, { param: 'model' })
  }
  const messages = withParsedCalls(body.messages as Message[])
  const render = (list: readonly Message[], options: object = {}) =>
    template.render(list, { addGenerationPrompt: true, ...options })
  if (tools.length === 0) return encodeChat(tokenizer, render(messages)).ids
  const rendered = render(messages, { tools })
  const isTold = rendered.text !== render(messages).text
  return encodeChat(tokenizer, isTold ? rendered : render([toolInstructions(tools), ...messages])).ids
}

/** What is told of tokens; null when nobody asked. */
const reportOf = (body: ChatRequest, model: ServedModel, tokens: readonly Token[]) =>
  body.logprobs ? { content: tokens.map((token) => tokenReport(token, model)) } : null

function tokenReport({ id, logprob = 0, top = [] }: Token, model: ServedModel) {
  const named = (id: number, logprob: number) => ({
    token: tokenText(model.tokenizer, id),
    logprob,
    bytes: Array.from(model.tokenizer.bytesOf(id)),
  })
  return { ...named(id, logprob), top_logprobs: top.map((each) => named(each.id, each.logprob)) }
}
