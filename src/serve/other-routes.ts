import { z } from 'zod'
import { encodeChat, type Message } from '../chat/index.ts'
import { ApiError } from './api-error.ts'
import type { Call } from './call.ts'
import { optional } from './sampling-fields.ts'
import type { ServedModel } from './served-model.ts'
import { idsField, textList } from './text-fields.ts'

export const embeddingRequest = z.object({
  model: z.string(),
  input: z.union([
    z.string().min(1),
    idsField,
    z.array(z.string().min(1)).min(1).max(2048),
    z.array(idsField).min(1).max(2048),
  ]),
  encoding_format: optional(z.enum(['float', 'base64'])),
  dimensions: optional(z.int().min(1)),
})

/** POST /v1/embeddings: the mean of a text's features, of length 1. */
export async function embeddings(body: z.output<typeof embeddingRequest>, { model }: Call): Promise<Response> {
  const { input, encoding_format: format = 'float' } = body
  const texts = textList(input).map((each) =>
    typeof each === 'string' ? model.tokenizer.encode(each) : Uint32Array.from(each),
  )
  const data = await Promise.all(
    texts.map(async (text, index) => {
      const features = await model.engine.embed(text)
      const length = Math.hypot(...features) || 1
      const unit = features.map((value) => value / length)
      if (body.dimensions !== undefined && body.dimensions !== unit.length)
        throw new ApiError(400, `dimensions: ${model.id} has ${unit.length}`, { param: 'dimensions' })
      return { object: 'embedding', index, embedding: format === 'float' ? Array.from(unit) : base64(unit) }
    }),
  )
  const tokens = texts.reduce((sum, { length }) => sum + length, 0)
  return Response.json({
    object: 'list',
    data,
    model: model.id,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  })
}

function base64(values: Float32Array): string {
  let text = ''
  for (const byte of new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    text += String.fromCharCode(byte)
  return btoa(text)
}

export const tokenizeRequest = z.object({
  model: optional(z.string()),
  prompt: optional(z.string()),
  content: optional(z.string()),
  add_special_tokens: optional(z.boolean()),
})

/** POST /tokenize: `prompt` as vLLM and lm-evaluation-harness say it, `content` as llama.cpp does. */
export function tokenize(
  body: z.output<typeof tokenizeRequest>,
  { model: { tokenizer, beginId, context } }: Call,
): Response {
  const text = body.prompt ?? body.content
  if (text === undefined) throw new ApiError(400, 'prompt: expected a text', { param: 'prompt' })
  const found = Array.from(tokenizer.encode(text))
  const tokens = body.add_special_tokens && beginId !== undefined ? [beginId, ...found] : found
  return Response.json({ tokens, count: tokens.length, max_model_len: context })
}

export const detokenizeRequest = z.object({ model: optional(z.string()), tokens: z.array(z.int().min(0)) })

/** POST /detokenize */
export function detokenize(body: z.output<typeof detokenizeRequest>, { model: { tokenizer } }: Call): Response {
  const text = tokenizer.decode(body.tokens)
  return Response.json({ prompt: text, content: text })
}

export const templateRequest = z.object({
  model: optional(z.string()),
  messages: z.array(z.looseObject({ role: z.string() })).min(1),
  add_generation_prompt: optional(z.boolean()),
})

/** POST /apply-template: what the model would read. */
export function applyTemplate(
  body: z.output<typeof templateRequest>,
  { model: { template, tokenizer, id } }: Call,
): Response {
  if (template === undefined) throw new ApiError(400, `${id} has no chat template`)
  const rendered = template.render(body.messages as Message[], {
    addGenerationPrompt: body.add_generation_prompt ?? true,
  })
  return Response.json({ prompt: rendered.text, tokens: Array.from(encodeChat(tokenizer, rendered).ids) })
}

/** GET /tokenizer_info, as lm-evaluation-harness asks. */
export function tokenizerInfo({ tokenizer, beginId, stopIds, chatTemplateText }: ServedModel): Response {
  const named = (id: number | undefined) => (id === undefined ? null : (tokenizer.tokenOf(id) ?? null))
  return Response.json({
    bos_token: named(beginId),
    eos_token: named(stopIds[0]),
    chat_template: chatTemplateText ?? null,
    vocab_size: tokenizer.vocabSize,
  })
}

export const modelCard = ({ id, created, context }: ServedModel) => ({
  id,
  object: 'model',
  created,
  owned_by: 'alippe',
  max_model_len: context,
})
