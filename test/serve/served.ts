import { referenceBackend } from '../../src/backend/reference/index.ts'
import { chatTemplate } from '../../src/chat/index.ts'
import { inferenceEngine } from '../../src/infer/index.ts'
import { llama } from '../../src/models/index.ts'
import { type ServedModel, type ServerOptions, server } from '../../src/serve/index.ts'
import { trainBpe } from '../../src/tokenizers/index.ts'
import { weightsOf } from '../infer/engines.ts'

const texts = 'Aida lives in Burkitbel. Сәлем, әлем! Қалың қалай? 🦅🏔️ the cat sat on the mat'
export const tokenizer = trainBpe(texts, { vocabSize: 300, specials: ['<|end|>', '<|user|>', '<|assistant|>'] })
const model = llama({ vocabSize: 304, context: 512, width: 32, layers: 2, heads: 4, keyValueHeads: 2 })
const templateText =
  '{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}'

/** A server over a tiny model whose text is noise, and the model itself. */
export async function openServed(options: Omit<ServerOptions, 'models'> = {}) {
  const backend = referenceBackend()
  const state = await weightsOf(model, backend)
  const engine = inferenceEngine(model, state, { maxTexts: 8 })
  const served: ServedModel = {
    id: 'tiny',
    engine,
    tokenizer,
    template: chatTemplate(templateText, { specials: tokenizer.specials.keys() }),
    chatTemplateText: templateText,
    context: model.context,
    stopIds: [tokenizer.specials.get('<|end|>')!],
    created: 1,
  }
  const answer = server({ models: [served], ...options })
  return {
    ...served,
    answer,
    post: (path: string, body: unknown, init: RequestInit = {}) =>
      answer(
        new Request(`http://localhost${path}`, {
          method: 'POST',
          body: typeof body === 'string' || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body),
          ...init,
        }),
      ),
    close: () => engine.close(),
  }
}

// biome-ignore lint/suspicious/noExplicitAny: what came over the wire; a wrong field fails the comparison it stands in
export type Json = any

/** The values of a response of server-sent events; the last line must be `[DONE]`. */
export async function eventsOf(response: Response): Promise<Json[]> {
  const lines = (await response.text()).split('\n\n').filter((line) => line !== '')
  const last = lines.pop()
  if (last !== 'data: [DONE]') throw new Error(`the stream ends with ${last}`)
  return lines.map((line) => JSON.parse(line.slice('data: '.length)))
}
