import { Hono } from 'hono'
import { routePath } from 'hono/route'
import type { z } from 'zod'
import { ApiError, apiErrorOf, errorResponse } from './api-error.ts'
import type { Call } from './call.ts'
import { chatCompletions, chatRequest } from './chat-completions.ts'
import { completionRequest, completions } from './completions.ts'
import { Metrics } from './metrics.ts'
import {
  applyTemplate,
  detokenize,
  detokenizeRequest,
  embeddingRequest,
  embeddings,
  modelCard,
  templateRequest,
  tokenize,
  tokenizeRequest,
  tokenizerInfo,
} from './other-routes.ts'
import { readBody } from './read-body.ts'
import type { ServedModel } from './served-model.ts'

export interface ServerOptions {
  /** The first answers requests that name none. */
  readonly models: readonly ServedModel[]
  /** Keys of which a request must bring one; nobody is asked for one when there are none. */
  readonly keys?: readonly string[]
  /** The most bytes of a request; 4 MiB when not given. */
  readonly mostBytes?: number
  /** Hears of errors that are the server's own fault. */
  readonly onError?: (error: unknown) => void
}

/**
 * An OpenAI-compatible server over models: requests in, responses out, wherever they come from.
 *
 * @example
 * const engine = inferenceEngine(model, run.state)
 * const answer = server({ models: [{ id: 'tiny', engine, tokenizer, context: model.context, stopIds: [], created: 0 }] })
 * const response = await answer(new Request('http://localhost/v1/models'))
 * response.status // 200
 * await engine.close()
 */
export function server(options: ServerOptions): (request: Request) => Promise<Response> {
  const { models, keys = [], mostBytes = 4 * 2 ** 20, onError = () => {} } = options
  const app = new Hono()
  const metrics = new Metrics()
  const hashes = Promise.all(keys.map(sha256))

  const modelNamed = (name: string | undefined): ServedModel => {
    const found = name === undefined ? models[0] : models.find(({ id }) => id === name)
    if (found !== undefined) return found
    const known = models.map(({ id }) => id).join(', ')
    throw new ApiError(404, `there is no model ${String(name).slice(0, 100)}; there are ${known}`, {
      param: 'model',
      code: 'model_not_found',
    })
  }
  const post = <T extends z.ZodType<{ model?: string }>>(
    path: string,
    schema: T,
    answer: (body: z.output<T>, call: Call) => Response | Promise<Response>,
  ) => {
    app.post(path, async ({ req }) => {
      const body = await readBody(req.raw, schema, mostBytes)
      return answer(body, { model: modelNamed(body.model), signal: req.raw.signal, metrics })
    })
  }

  app.use(async (context, next) => {
    const isOpen = keys.length === 0 || context.req.path === '/health'
    const given = context.req.header('authorization')?.replace(/^Bearer /i, '') ?? ''
    if (!isOpen && !isAmong(await sha256(given), await hashes))
      throw new ApiError(401, 'expected a key of this server: Authorization: Bearer KEY', {
        type: 'authentication_error',
        code: 'invalid_api_key',
      })
    await next()
    metrics.answered(routePath(context, -1), context.res.status)
  })
  app.get('/health', () => Response.json({ status: 'ok' }))
  app.get(
    '/metrics',
    () => new Response(metrics.text(models), { headers: { 'content-type': 'text/plain; version=0.0.4' } }),
  )
  app.get('/v1/models', () => Response.json({ object: 'list', data: models.map(modelCard) }))
  app.get('/v1/models/:id{.+}', ({ req }) => Response.json(modelCard(modelNamed(req.param('id')))))
  post('/v1/chat/completions', chatRequest, chatCompletions)
  post('/v1/completions', completionRequest, completions)
  post('/v1/embeddings', embeddingRequest, embeddings)
  post('/tokenize', tokenizeRequest, tokenize)
  post('/detokenize', detokenizeRequest, detokenize)
  post('/apply-template', templateRequest, applyTemplate)
  app.get('/tokenizer_info', ({ req }) => tokenizerInfo(modelNamed(req.query('model'))))
  app.notFound(({ req }) =>
    errorResponse(new ApiError(404, `there is nothing at ${req.method} ${req.path.slice(0, 100)}`)),
  )
  app.onError((error) => {
    const told = apiErrorOf(error)
    if (told.status >= 500) onError(error)
    return errorResponse(told)
  })
  return async (request) => app.fetch(request)
}

const sha256 = async (text: string) =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))

/** Whether a hash is one of some, in a time that tells nothing of them: every byte of all is compared. */
function isAmong(given: Uint8Array, hashes: readonly Uint8Array[]): boolean {
  const differences = hashes.map((hash) => hash.reduce((bits, byte, i) => bits | (byte ^ given[i]), 0))
  return differences.includes(0)
}
