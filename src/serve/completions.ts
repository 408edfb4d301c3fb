import { z } from 'zod'
import { writtenText } from '../chat/index.ts'
import type { Request as TextRequest, Token } from '../infer/index.ts'
import { ApiError } from './api-error.ts'
import type { Call } from './call.ts'
import { formatConstraint, formatFields } from './constraints.ts'
import { eventStream } from './events.ts'
import { merged } from './merged.ts'
import {
  drawingOptions,
  MOST_ALTERNATIVES,
  MOST_CHOICES,
  optional,
  roomFor,
  samplingFields,
} from './sampling-fields.ts'
import type { ServedModel } from './served-model.ts'
import { idsField, textList } from './text-fields.ts'
import { tokenText } from './token-text.ts'
import { usageOf } from './usage.ts'
import { withRequests } from './with-requests.ts'

export const completionRequest = z.object({
  ...samplingFields,
  ...formatFields,
  model: z.string(),
  prompt: z.union([z.string(), idsField, z.array(z.string()).min(1), z.array(idsField).min(1)]),
  max_tokens: optional(z.int().min(0)),
  logprobs: optional(z.int().min(0).max(MOST_ALTERNATIVES)),
  echo: optional(z.boolean()),
})

export type CompletionRequest = z.output<typeof completionRequest>

/** One of the texts that are asked for. */
interface Choice {
  readonly prompt: Uint32Array
  readonly request: TextRequest
}

/** POST /v1/completions */
export async function completions(body: CompletionRequest, call: Call): Promise<Response> {
  const { model } = call
  const count = body.n ?? 1
  const prompts = promptsOf(body, model)
  if (prompts.length * count > MOST_CHOICES)
    throw new ApiError(400, `${prompts.length} prompts of ${count} texts are more than ${MOST_CHOICES}`, { param: 'n' })
  const options = {
    ...drawingOptions(body, model),
    logprobs: body.logprobs,
    promptLogprobs: body.echo ? body.logprobs : undefined,
  }
  const rooms = prompts.map((prompt) => roomFor(prompt.length, body.max_tokens ?? 16, model))
  for (const prompt of prompts) checkIds(prompt, model)
  const choices = prompts.flatMap((prompt, i) =>
    model.engine
      .samples(prompt, count, { ...options, constraint: formatConstraint(body, model), maxTokens: rooms[i] })
      .map((request) => ({ prompt, request })),
  )
  const answer = {
    id: `cmpl-${crypto.randomUUID()}`,
    object: 'text_completion',
    created: Math.floor(Date.now() / 1000),
    model: model.id,
  }
  const requests = choices.map(({ request }) => request)
  return withRequests(requests, call, async (end) => {
    if (body.stream) return eventStream(chunks(body, model, choices, answer), end)
    const texts = await Promise.all(choices.map((choice, index) => whole(body, model, choice, index)))
    return Response.json({ ...answer, choices: texts, usage: await usage(choices, count) })
  })
}

/** Before any text is begun. */
function checkIds(prompt: Uint32Array, { tokenizer, id }: ServedModel): void {
  const wrong = prompt.find((each) => each >= tokenizer.vocabSize)
  if (wrong === undefined) return
  throw new ApiError(400, `prompt: there is no token ${wrong}; ${id} has ${tokenizer.vocabSize}`, { param: 'prompt' })
}

function promptsOf({ prompt }: CompletionRequest, { tokenizer, beginId }: ServedModel): Uint32Array[] {
  return textList(prompt).map((each) => {
    if (typeof each !== 'string') return Uint32Array.from(each)
    const found = tokenizer.encode(each)
    if (beginId !== undefined) return Uint32Array.of(beginId, ...found)
    if (found.length === 0)
      throw new ApiError(400, 'prompt: there must be some text to go on from', { param: 'prompt' })
    return found
  })
}

const usage = async (choices: readonly Choice[], count: number) => {
  const results = await Promise.all(choices.map(({ request }) => request.result))
  return usageOf(Array.from({ length: results.length / count }, (_, i) => results.slice(i * count, (i + 1) * count)))
}

const textOf = (body: CompletionRequest, model: ServedModel, { request }: Choice) =>
  writtenText(request, model.tokenizer, body.stop ?? [])

async function whole(body: CompletionRequest, model: ServedModel, choice: Choice, index: number) {
  const written = textOf(body, model, choice)
  const report = logprobsOf(body, model)
  let text = ''
  if (body.echo) {
    text = model.tokenizer.decode(choice.prompt)
    await echoed(report, choice)
  }
  let next = await written.next()
  for (; !next.done; next = await written.next()) {
    text += next.value.text
    report.add(next.value.tokens)
  }
  return { index, text, logprobs: report.take(), finish_reason: next.value }
}

async function* chunks(body: CompletionRequest, model: ServedModel, choices: readonly Choice[], answer: object) {
  const wantsUsage = body.stream_options?.include_usage ?? false
  const chunk = (index: number, text: string, logprobs: object | null, finish: string | null = null) => ({
    ...answer,
    choices: [{ index, text, logprobs, finish_reason: finish }],
    ...(wantsUsage ? { usage: null } : {}),
  })
  const reports = choices.map(() => logprobsOf(body, model))
  if (body.echo)
    for (const [index, choice] of choices.entries()) {
      await echoed(reports[index], choice)
      yield chunk(index, model.tokenizer.decode(choice.prompt), reports[index].take())
    }
  for await (const { index, result } of merged(choices.map((choice) => textOf(body, model, choice)))) {
    if (result.done) {
      yield chunk(index, '', null, result.value)
      continue
    }
    reports[index].add(result.value.tokens)
    yield chunk(index, result.value.text, reports[index].take())
  }
  if (wantsUsage) yield { ...answer, choices: [], usage: await usage(choices, body.n ?? 1) }
}

/** Puts a prompt's tokens into a report. */
async function echoed(report: ReturnType<typeof logprobsOf>, { prompt, request }: Choice): Promise<void> {
  if (!report.isWanted) return
  const { promptLogprobs = [] } = await request.result
  report.add(Array.from(prompt, (id, i) => promptLogprobs[i] ?? { id }))
}

/** Log-probabilities as completions tell them: lists side by side, alternatives by text. */
function logprobsOf({ logprobs }: CompletionRequest, { tokenizer }: ServedModel) {
  const decoder = tokenizer.stream()
  let offset = 0
  let tokens: string[] = []
  let tokenLogprobs: (number | null)[] = []
  let topLogprobs: (Record<string, number> | null)[] = []
  let textOffset: number[] = []
  return {
    isWanted: logprobs !== undefined,
    add(found: readonly Token[]): void {
      if (logprobs === undefined) return
      for (const { id, logprob, top = [] } of found) {
        const name = tokenText(tokenizer, id)
        tokens.push(name)
        tokenLogprobs.push(logprob ?? null)
        textOffset.push(offset)
        offset += decoder.push(id).length
        if (logprob === undefined) {
          topLogprobs.push(null)
          continue
        }
        const byText: Record<string, number> = {}
        // Of tokens that read alike, the likeliest; the one that was drawn is always told.
        for (const each of top) byText[tokenText(tokenizer, each.id)] ??= each.logprob
        byText[name] ??= logprob
        topLogprobs.push(byText)
      }
    },
    /** What was added since the last time; null when nobody asked. */
    take() {
      if (logprobs === undefined) return null
      const taken = { tokens, token_logprobs: tokenLogprobs, top_logprobs: topLogprobs, text_offset: textOffset }
      tokens = []
      tokenLogprobs = []
      topLogprobs = []
      textOffset = []
      return taken
    },
  }
}
