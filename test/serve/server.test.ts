import { afterAll, describe, expect, it } from 'vitest'
import { eventsOf, type Json, openServed, tokenizer } from './served.ts'

const served = await openServed()
afterAll(served.close)

const letters = [...'Aida Сәлем, әлем! қғңүұһ 🦅🏔️👩‍👩‍👧 the cat']
const prompts = Array.from({ length: 100 }, (_, i) =>
  Array.from({ length: 1 + (i % 9) }, (_, j) => letters[(i * 7 + j * (1 + (i % 5))) % letters.length]).join(''),
)
const json = async (response: Promise<Response>) => (await response).json() as Promise<Json>

describe('streams', () => {
  it('of completions give the text and the log-probabilities that come unstreamed', { timeout: 60_000 }, async () => {
    for (const [seed, prompt] of prompts.entries()) {
      const body = { model: 'tiny', prompt, seed, max_tokens: 12, logprobs: 1, stop: ['t'] }
      const { choices } = await json(served.post('/v1/completions', body))
      const chunks = await eventsOf(await served.post('/v1/completions', { ...body, stream: true }))
      expect(chunks.map((chunk) => chunk.choices[0].text).join('')).toBe(choices[0].text)
      const streamed = (list: string) => chunks.flatMap((chunk) => chunk.choices[0].logprobs?.[list] ?? [])
      for (const list of ['tokens', 'token_logprobs', 'text_offset'])
        expect(streamed(list)).toEqual(choices[0].logprobs[list])
      // Their numbers alone: JSON.parse of V8 14.6 takes the key "\n" for "\\" where an object had that in its place before.
      expect(streamed('top_logprobs').map(Object.values)).toEqual(choices[0].logprobs.top_logprobs.map(Object.values))
      expect(chunks.at(-1).choices[0].finish_reason).toBe(choices[0].finish_reason)
    }
  })

  it('of chats do, and begin with the role, end with the reason, then the usage', { timeout: 60_000 }, async () => {
    for (const [seed, content] of prompts.entries()) {
      const body = { model: 'tiny', messages: [{ role: 'user', content }], seed, max_tokens: 12 }
      const { choices, usage } = await json(served.post('/v1/chat/completions', body))
      const asked = { ...body, stream: true, stream_options: { include_usage: true } }
      const chunks = await eventsOf(await served.post('/v1/chat/completions', asked))
      const last = chunks.pop()
      expect(last.choices).toEqual([])
      expect(last.usage.completion_tokens).toBe(usage.completion_tokens)
      expect(chunks.every((chunk) => chunk.usage === null && chunk.id === last.id)).toBe(true)
      expect(chunks[0].choices[0].delta).toEqual({ role: 'assistant', content: '' })
      expect(chunks.map((chunk) => chunk.choices[0].delta.content ?? '').join('')).toBe(choices[0].message.content)
      const reasons = chunks.map((chunk) => chunk.choices[0].finish_reason)
      expect(reasons.pop()).toBe(choices[0].finish_reason)
      expect(new Set(reasons)).toEqual(new Set([null]))
    }
  })

  it('of several texts tell them apart', async () => {
    const body = { model: 'tiny', prompt: 'the', n: 3, seed: 4, max_tokens: 8 }
    const { choices } = await json(served.post('/v1/completions', body))
    const chunks = await eventsOf(await served.post('/v1/completions', { ...body, stream: true }))
    expect(new Set(choices.map((choice: Json) => choice.text)).size).toBe(3)
    for (const { index, text } of choices) {
      const own = chunks.filter((chunk) => chunk.choices[0].index === index)
      expect(own.map((chunk) => chunk.choices[0].text).join('')).toBe(text)
    }
  })

  it('that nobody reads any more free their memory', async () => {
    const body = { model: 'tiny', prompt: 'the', max_tokens: 100, logit_bias: { [served.stopIds[0]]: -100 } }
    const response = await served.post('/v1/completions', { ...body, stream: true })
    const reader = response.body!.getReader()
    await reader.read()
    expect(served.engine.figures().running).toBe(1)
    await reader.cancel()
    expect(served.engine.figures()).toMatchObject({ running: 0, waiting: 0, pagesHeld: 0 })
  })

  it('give the same text in a full batch', async () => {
    const body = (seed: number) => ({ model: 'tiny', prompt: prompts[seed], seed, max_tokens: 10 })
    const alone = await json(served.post('/v1/completions', body(7)))
    const all = await Promise.all(
      prompts.slice(0, 20).map((_, seed) => json(served.post('/v1/completions', body(seed)))),
    )
    expect(all[7].choices).toEqual(alone.choices)
  })
})

describe('log-probabilities of prompts', () => {
  // What lm-evaluation-harness sends and reads (local-completions): the prompt echoed, and one token more.
  async function loglikelihood(context: readonly number[], continuation: readonly number[]) {
    const prompt = [[...context, ...continuation]]
    const body = { model: 'tiny', prompt, temperature: 0, max_tokens: 1, logprobs: 1, seed: 1234, echo: true }
    const [{ logprobs }] = (await json(served.post('/v1/completions', body))).choices
    const own = (list: Json[]) => list.slice(context.length, -1)
    const tokens: number[] = own(logprobs.token_logprobs)
    return {
      first: logprobs.token_logprobs[0],
      sum: tokens.reduce((sum, each) => sum + each, 0),
      isGreedy: own(logprobs.top_logprobs).every((top, i) => tokens[i] === Math.max(...Object.values<number>(top))),
      each: tokens,
    }
  }

  it('are those of the library, and greedy ones are known by equality', { timeout: 60_000 }, async () => {
    let greedy = 0
    for (const [seed, prompt] of prompts.slice(0, 30).entries()) {
      const context = [...tokenizer.encode(prompt), 5 + seed]
      const next = await served.engine.nextLogits(context)
      const best = next.indexOf(Math.max(...next))
      const continuation = [seed % 2 === 0 ? best : (best + 1) % 300, 9]
      const { promptLogprobs } = await served.engine.submit([...context, ...continuation], {
        maxTokens: 1,
        promptLogprobs: 1,
      }).result
      const { first, each, isGreedy, sum } = await loglikelihood(context, continuation)
      expect(first).toBe(null)
      const direct = promptLogprobs!.slice(context.length).map((token) => token!.logprob!)
      expect(each).toEqual(direct)
      expect(sum).toBe(direct.reduce((a, b) => a + b, 0))
      const isBest = promptLogprobs!.slice(context.length).every((token) => token!.top![0].id === token!.id)
      expect(isGreedy).toBe(isBest)
      const alone = await loglikelihood(context, continuation.slice(0, 1))
      expect(alone.isGreedy).toBe(seed % 2 === 0 && best < 300)
      if (alone.isGreedy) greedy++
    }
    expect(greedy).toBeGreaterThan(5)
  })

  it('name bytes that are no text by their numbers, so that no two are called alike', async () => {
    const ids = Array.from({ length: 60 }, (_, i) => i + 130)
    const body = { model: 'tiny', prompt: ids, max_tokens: 0, logprobs: 20, echo: true }
    const [{ logprobs }] = (await json(served.post('/v1/completions', body))).choices
    expect(logprobs.tokens).toHaveLength(60)
    expect(logprobs.tokens.filter((name: string) => /^bytes:(\\x[0-9a-f]{2})+$/.test(name)).length).toBeGreaterThan(40)
    expect(new Set(logprobs.tokens).size).toBe(60)
    for (const top of logprobs.top_logprobs.slice(1)) expect(Object.keys(top).length).toBeGreaterThanOrEqual(20)
  })
})

describe('what is wrong', () => {
  const messages = [{ role: 'user', content: 'a' }]
  it.each([
    ['no JSON', '/v1/completions', '{"model"', 400, /not JSON/],
    ['deep nesting', '/v1/completions', '['.repeat(200_000), 400, /not JSON|expected/],
    ['no UTF-8', '/v1/completions', new Uint8Array([0x22, 0xff, 0x22]), 400, /UTF-8/],
    ['a list for a body', '/v1/completions', [], 400, /expected object/],
    ['no prompt', '/v1/completions', { model: 'tiny' }, 400, /prompt/],
    ['a wrong type', '/v1/completions', { model: 'tiny', prompt: 'a', temperature: 'hot' }, 400, /temperature: /],
    ['10^9 texts', '/v1/completions', { model: 'tiny', prompt: 'a', n: 1e9 }, 400, /n: /],
    [
      'many texts of many prompts',
      '/v1/completions',
      { model: 'tiny', prompt: Array(100).fill('a'), n: 2 },
      400,
      /128/,
    ],
    ['an empty stop string', '/v1/completions', { model: 'tiny', prompt: 'a', stop: '' }, 400, /stop/],
    ['an id that is none', '/v1/completions', { model: 'tiny', prompt: [1e6] }, 400, /1000000/],
    [
      'a bias of an id that is none',
      '/v1/completions',
      { model: 'tiny', prompt: 'a', logit_bias: { 9999: 1 } },
      400,
      /9999/,
    ],
    ['an unknown model', '/v1/completions', { model: 'gpt-4', prompt: 'a' }, 404, /gpt-4.*tiny/],
    ['a prompt without end', '/v1/completions', { model: 'tiny', prompt: 'қ b c '.repeat(200) }, 400, /at most 512/],
    ['no messages', '/v1/chat/completions', { model: 'tiny', messages: [] }, 400, /messages/],
    ['a message without role', '/v1/chat/completions', { model: 'tiny', messages: [{ content: 'a' }] }, 400, /role/],
    [
      'too many alternatives',
      '/v1/chat/completions',
      { model: 'tiny', messages, top_logprobs: 21 },
      400,
      /top_logprobs/,
    ],
    ['an unknown place', '/v1/nothing', {}, 404, /nothing/],
  ])('%s is refused in the words of the API', async (_, path, body, status, message) => {
    for (const extra of body instanceof Uint8Array || typeof body !== 'object' || Array.isArray(body)
      ? [{}]
      : [{}, { stream: true }]) {
      const sent =
        typeof body === 'object' && !(body instanceof Uint8Array) && !Array.isArray(body) ? { ...body, ...extra } : body
      const response = await served.post(path, sent)
      expect(response.status).toBe(status)
      const { error } = (await response.json()) as Json
      expect(Object.keys(error).sort()).toEqual(['code', 'message', 'param', 'type'])
      expect(error.message).toMatch(message)
      expect(served.engine.figures()).toMatchObject({ running: 0, waiting: 0, pagesHeld: 0 })
    }
  })

  it('a body that is too large is refused before it is read', async () => {
    let sent = 0
    const body = new ReadableStream({
      pull(controller) {
        sent += 2 ** 20
        controller.enqueue(new Uint8Array(2 ** 20).fill(0x20))
      },
    })
    const response = await served.post('/v1/completions', 'x', { body, duplex: 'half' } as RequestInit)
    expect(response.status).toBe(413)
    expect(sent).toBeLessThan(8 * 2 ** 20)
  })

  it('is a missing or wrong key, where keys are asked for', async () => {
    const guarded = await openServed({ keys: ['one', 'two'] })
    const models = (key?: string) =>
      guarded.answer(
        new Request('http://localhost/v1/models', {
          headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
        }),
      )
    expect((await models()).status).toBe(401)
    expect((await models('three')).status).toBe(401)
    expect((await models('two')).status).toBe(200)
    expect((await guarded.answer(new Request('http://localhost/health'))).status).toBe(200)
    await guarded.close()
  })
})

it('tells Prometheus what it did', async () => {
  const own = await openServed()
  const metric = async (name: string) => {
    const text = await (await own.answer(new Request('http://localhost/metrics'))).text()
    const line = text.split('\n').find((each) => each.startsWith(`alippe_${name} `))
    return line === undefined ? undefined : Number(line.split(' ').at(-1))
  }
  const { usage } = await json(own.post('/v1/completions', { model: 'tiny', prompt: 'the cat', max_tokens: 6 }))
  await own.post('/v1/completions', { model: 'tiny' })
  await own.post('/v1/some/thing/else', {})
  expect(await metric('prompt_tokens_total')).toBe(usage.prompt_tokens)
  expect(await metric('tokens_predicted_total')).toBe(usage.completion_tokens)
  expect(await metric('time_to_first_token_seconds_count')).toBe(1)
  expect(await metric('requests_total{path="/v1/completions",status="200"}')).toBe(1)
  expect(await metric('requests_total{path="/v1/completions",status="400"}')).toBe(1)
  expect(await metric('requests_processing{model="tiny"}')).toBe(0)
  await own.close()
})
