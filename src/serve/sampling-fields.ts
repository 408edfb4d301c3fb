import { z } from 'zod'
import type { RequestOptions } from '../infer/index.ts'
import { ApiError } from './api-error.ts'
import type { ServedModel } from './served-model.ts'

/** The most texts of one request. */
export const MOST_CHOICES = 128
/** The most alternatives that are told of a token. */
export const MOST_ALTERNATIVES = 20

/** A field that clients leave out or send as null. */
export const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined)

const stopString = z
  .string()
  .min(1)
  .refine((text) => text.isWellFormed(), 'half a character')
const wholeFrom = (least: number) => z.int().min(least)

/** How texts are drawn, as completions and chats say it. What OpenAI's API does not know has vLLM's and llama.cpp's names. */
export const samplingFields = {
  temperature: optional(z.number().min(0).max(100)),
  top_p: optional(z.number().gt(0).max(1)),
  top_k: optional(wholeFrom(-1)),
  min_p: optional(z.number().min(0).max(1)),
  typical_p: optional(z.number().gt(0).max(1)),
  repetition_penalty: optional(z.number().gt(0)),
  presence_penalty: optional(z.number().min(-2).max(2)),
  frequency_penalty: optional(z.number().min(-2).max(2)),
  logit_bias: optional(z.record(z.string().regex(/^\d+$/), z.number().min(-100).max(100))),
  seed: optional(z.int()),
  stop: optional(
    z.union([stopString, z.array(stopString).max(16)]).transform((stop) => (typeof stop === 'string' ? [stop] : stop)),
  ),
  n: optional(wholeFrom(1).max(MOST_CHOICES)),
  stream: optional(z.boolean()),
  stream_options: optional(z.object({ include_usage: optional(z.boolean()) })),
  priority: optional(z.number()),
  user: optional(z.string()),
}

type SamplingRequest = z.output<z.ZodObject<typeof samplingFields>>

/** What the engine is asked; without a seed every request draws anew. */
export function drawingOptions(request: SamplingRequest, model: ServedModel): RequestOptions {
  const { top_k: topK = 0, seed = Math.floor(Math.random() * 2 ** 32) } = request
  const { logit_bias: bias } = request
  for (const id of Object.keys(bias ?? {})) {
    if (Number(id) >= model.tokenizer.vocabSize)
      throw new ApiError(400, `logit_bias: there is no token ${id}`, { param: 'logit_bias' })
  }
  return {
    temperature: request.temperature,
    topK: Math.max(0, topK),
    topP: request.top_p,
    minP: request.min_p,
    typicalP: request.typical_p,
    repetitionPenalty: request.repetition_penalty,
    presencePenalty: request.presence_penalty,
    frequencyPenalty: request.frequency_penalty,
    logitBias: bias,
    seed: Math.abs(seed),
    priority: request.priority,
    stop: model.stopIds,
    vocabSize: model.tokenizer.vocabSize,
  }
}

/** Tokens that a text may still get. @throws ApiError when the prompt fills the context */
export function roomFor(promptTokens: number, asked: number | undefined, model: ServedModel): number {
  const room = model.context - promptTokens
  if (room <= 0 && asked !== 0) {
    const fact = `the prompt has ${promptTokens} tokens, and a text of ${model.id} has at most ${model.context}`
    throw new ApiError(400, `${fact}; shorten it`, { code: 'context_length_exceeded' })
  }
  return Math.min(asked ?? room, room)
}
