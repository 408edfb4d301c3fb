import { z } from 'zod'
import { encodeChat, type Message } from '../chat/index.ts'
import type { Request as TextRequest, Token } from '../infer/index.ts'
import { ApiError } from './api-error.ts'
import { formatConstraint, formatFields } from './constraints.ts'
import { eventStream } from './events.ts'
import { merged } from './merged.ts'
import { drawingOptions, MOST_ALTERNATIVES, optional, roomFor, samplingFields } from './sampling-fields.ts'
import type { ServedModel } from './served-model.ts'
import { tokenText } from './token-text.ts'
import { usageOf } from './usage.ts'
import { withRequests } from './with-requests.ts'
import { writtenText } from './written-text.ts'

const part = z.looseObject({ type: z.string() })
const message = z.looseObject({
  role: z.string().min(1),
  content: z.union([z.string(), z.array(part)]).nullish(),
})

export const chatRequest = z.object({
  ...samplingFields,
  ...formatFields,
  model: z.string(),
  messages: z.array(message).min(1),
  max_tokens: optional(z.int().min(1)),
  max_completion_tokens: optional(z.int().min(1)),
  logprobs: optional(z.boolean()),
  top_logprobs: optional(z.int().min(0).max(MOST_ALTERNATIVES)),
})

export type ChatRequest = z.output<typeof chatRequest>

/** POST /v1/chat/completions */
export async function chatCompletions(body: ChatRequest, model: ServedModel, signal: AbortSignal): Promise<Response> {
  const ids = promptIds(body, model)
  const requests = model.engine.samples(ids, body.n ?? 1, {
    ...drawingOptions(body, model),
    maxTokens: roomFor(ids.length, body.max_completion_tokens ?? body.max_tokens, model),
    constraint: formatConstraint(body, model),
    logprobs: body.logprobs ? (body.top_logprobs ?? 0) : undefined,
  })
  const answer = { id: `chatcmpl-${crypto.randomUUID()}`, created: Math.floor(Date.now() / 1000), model: model.id }
  return withRequests(requests, signal, async (end) => {
    if (body.stream) return eventStream(chunks(body, model, requests, answer), end)
    const choices = await Promise.all(requests.map((request, index) => whole(body, model, request, index)))
    const results = await Promise.all(requests.map(({ result }) => result))
    return Response.json({ ...answer, object: 'chat.completion', choices, usage: usageOf([results]) })
  })
}

async function whole(body: ChatRequest, model: ServedModel, request: TextRequest, index: number) {
  const written = writtenText(request, model.tokenizer, body.stop ?? [])
  const tokens: Token[] = []
  let content = ''
  let next = await written.next()
  for (; !next.done; next = await written.next()) {
    content += next.value.text
    tokens.push(...next.value.tokens)
  }
  return {
    index,
    message: { role: 'assistant', content, refusal: null },
    logprobs: reportOf(body, model, tokens),
    finish_reason: next.value.finishReason,
  }
}

async function* chunks(body: ChatRequest, model: ServedModel, requests: readonly TextRequest[], answer: object) {
  const wantsUsage = body.stream_options?.include_usage ?? false
  const chunk = (index: number, delta: object, finish: string | null = null, tokens: readonly Token[] = []) => ({
    ...answer,
    object: 'chat.completion.chunk',
    choices: [
      {
        index,
        delta,
        logprobs: reportOf(body, model, tokens),
        finish_reason: finish,
      },
    ],
    ...(wantsUsage ? { usage: null } : {}),
  })
  for (const index of requests.keys()) yield chunk(index, { role: 'assistant', content: '' })
  const texts = requests.map((request) => writtenText(request, model.tokenizer, body.stop ?? []))
  for await (const { index, result } of merged(texts)) {
    if (result.done) yield chunk(index, {}, result.value.finishReason)
    else yield chunk(index, { content: result.value.text }, null, result.value.tokens)
  }
  if (!wantsUsage) return
  const results = await Promise.all(requests.map(({ result }) => result))
  yield { ...answer, object: 'chat.completion.chunk', choices: [], usage: usageOf([results]) }
}

function promptIds({ messages }: ChatRequest, { template, tokenizer, id }: ServedModel): Uint32Array {
  if (template === undefined) {
    const fact = `${id} has no chat template, so that nobody knows how it reads a conversation`
    throw new ApiError(400, `${fact}; use /v1/completions, or give it one with --chat-template`, { param: 'model' })
  }
  return encodeChat(tokenizer, template.render(messages as Message[], { addGenerationPrompt: true })).ids
}

/** What is told of tokens; null when nobody asked. */
const reportOf = (body: ChatRequest, model: ServedModel, tokens: readonly Token[]) =>
  body.logprobs ? { content: tokens.map((token) => tokenReport(token, model)) } : null

const bytesOf = (model: ServedModel, id: number) => Array.from(model.tokenizer.bytesOf(id))

function tokenReport({ id, logprob = 0, top = [] }: Token, model: ServedModel) {
  const named = (id: number, logprob: number) => ({
    token: tokenText(model.tokenizer, id),
    logprob,
    bytes: bytesOf(model, id),
  })
  return { ...named(id, logprob), top_logprobs: top.map((each) => named(each.id, each.logprob)) }
}
