import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Host, hostHandler } from '../../src/node/index.ts'
import { against, load, whyNot } from '../tokenizers/oracles.ts'
import { type Json, openServed } from './served.ts'

// The clients that people use, over HTTP.

const served = await openServed({ keys: ['key'] })
let host: Host
beforeAll(async () => {
  host = await hostHandler(served.answer, { port: 0 })
})
afterAll(async () => {
  await host.close()
  await served.close()
})

const base = () => ({ baseURL: `${host.url}/v1`, apiKey: 'key' })
const messages = [{ role: 'user', content: 'Сәлем 🦅' }]
const weather = {
  type: 'object',
  properties: { city: { type: 'string', enum: ['Алматы', 'Astana'] } },
  required: ['city'],
  additionalProperties: false,
}
const isQuiet = () => expect.poll(() => served.engine.figures()).toMatchObject({ running: 0, waiting: 0, pagesHeld: 0 })

for (const name of ['openai', 'openai-7']) {
  against(`the client ${name}`, whyNot(name), () => {
    const { OpenAI } = whyNot(name) === undefined ? load(name) : ({} as Json)
    const client = () => new OpenAI({ ...base(), maxRetries: 0 })

    it('lists models, completes and streams the same text', async () => {
      expect((await client().models.list()).data.map(({ id }: Json) => id)).toEqual(['tiny'])
      const asked = { model: 'tiny', messages, seed: 5, max_completion_tokens: 20, logprobs: true, top_logprobs: 2 }
      const whole = await client().chat.completions.create(asked)
      const stream = client().chat.completions.stream(asked)
      let text = ''
      for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? ''
      expect(text).toBe(whole.choices[0].message.content)
      expect(await stream.finalContent()).toBe(text)
      expect(whole.choices[0].logprobs.content).toHaveLength(whole.usage.completion_tokens)
      const legacy = await client().completions.create({ model: 'tiny', prompt: 'a', max_tokens: 3, seed: 1 })
      expect(legacy.choices).toHaveLength(1)
    })

    it('calls a function, streamed and not', async () => {
      const tools = [{ type: 'function', function: { name: 'weather', parameters: weather } }]
      const asked = { model: 'tiny', messages, tools, tool_choice: 'required', parallel_tool_calls: false, seed: 2 }
      const { choices } = await client().chat.completions.create(asked)
      const [call] = choices[0].message.tool_calls
      expect(weather.properties.city.enum).toContain(JSON.parse(call.function.arguments).city)
      const final = await client().chat.completions.stream(asked).finalMessage()
      expect(final.tool_calls[0].function).toMatchObject({ name: 'weather', arguments: call.function.arguments })
    })

    it('gets a parsed object', async () => {
      const asked = {
        model: 'tiny',
        messages,
        seed: 3,
        response_format: { type: 'json_schema', json_schema: { name: 'weather', strict: true, schema: weather } },
      }
      const { choices } = await client().chat.completions.parse(asked)
      expect(weather.properties.city.enum).toContain(choices[0].message.parsed.city)
    })

    it('gets embeddings and the right errors', async () => {
      const { data } = await client().embeddings.create({ model: 'tiny', input: ['a', 'b'] })
      expect(data[1].embedding.length).toBe(32)
      const failure = async (work: Promise<unknown>) =>
        work.then(
          () => undefined,
          (error: Json) => error,
        )
      expect(await failure(client().chat.completions.create({ model: 'none', messages }))).toMatchObject({
        status: 404,
        code: 'model_not_found',
      })
      const wrong = client().chat.completions.create({ model: 'tiny', messages, temperature: -1 })
      expect(await failure(wrong)).toMatchObject({ status: 400, param: 'temperature' })
      const stranger = new OpenAI({ ...base(), apiKey: 'other', maxRetries: 0 })
      expect(await failure(stranger.models.list())).toMatchObject({ status: 401, code: 'invalid_api_key' })
    })

    it('goes away in the middle, and leaves nothing behind', async () => {
      const bias = { [served.stopIds[0]]: -100 }
      const asked = { model: 'tiny', messages, max_tokens: 400, logit_bias: bias }
      const stream = await client().chat.completions.create({ ...asked, stream: true })
      for await (const _ of stream) break
      await isQuiet()
      const stop = new AbortController()
      const whole = client().chat.completions.create({ ...asked, n: 8 }, { signal: stop.signal })
      await expect.poll(() => served.engine.figures().running, { interval: 1 }).toBeGreaterThan(0)
      stop.abort()
      await expect(whole).rejects.toThrow()
      await isQuiet()
    })
  })
}

const aiSdk = whyNot('ai-sdk') ?? whyNot('@ai-sdk/openai-compatible')
against('the Vercel AI SDK', aiSdk, () => {
  const { generateText, streamText, generateObject, jsonSchema, tool } =
    aiSdk === undefined ? load('ai-sdk') : ({} as Json)
  const model = () => {
    const { createOpenAICompatible } = load('@ai-sdk/openai-compatible')
    const provider = createOpenAICompatible({ name: 'alippe', ...base(), supportsStructuredOutputs: true })
    return provider('tiny')
  }
  const asked = { prompt: 'Сәлем', seed: 4, maxOutputTokens: 24, maxRetries: 0 }

  it('writes and streams the same text', async () => {
    const { text } = await generateText({ model: model(), ...asked })
    let streamed = ''
    for await (const piece of streamText({ model: model(), ...asked }).textStream) streamed += piece
    expect(streamed).toBe(text)
    expect(text).not.toBe('')
  })

  it('calls a function and gets an object', async () => {
    const tools = { weather: tool({ description: 'The weather of a city', inputSchema: jsonSchema(weather) }) }
    const called = await generateText({ model: model(), ...asked, maxOutputTokens: 200, tools, toolChoice: 'required' })
    expect(called.toolCalls[0].toolName).toBe('weather')
    expect(weather.properties.city.enum).toContain(called.toolCalls[0].input.city)
    const { object } = await generateObject({
      model: model(),
      ...asked,
      maxOutputTokens: 200,
      schema: jsonSchema(weather),
    })
    expect(weather.properties.city.enum).toContain(object.city)
  })
})

against('LangChain', whyNot('@langchain/openai'), () => {
  const model = (more: object = {}) => {
    const { ChatOpenAI } = load('@langchain/openai')
    const { baseURL, apiKey } = base()
    return new ChatOpenAI({ model: 'tiny', apiKey, configuration: { baseURL }, maxTokens: 200, maxRetries: 0, ...more })
  }

  it('writes, streams, calls and gets an object', { timeout: 60_000 }, async () => {
    const seeded = { modelKwargs: { seed: 6 }, maxTokens: 20 }
    const whole = await model(seeded).invoke('Сәлем')
    let text = ''
    for await (const chunk of await model(seeded).stream('Сәлем')) text += chunk.content
    expect(text).toBe(whole.content)
    const tools = [{ type: 'function', function: { name: 'weather', parameters: weather } }]
    const called = await model().bindTools(tools, { tool_choice: 'weather' }).invoke('a')
    expect(weather.properties.city.enum).toContain(called.tool_calls[0].args.city)
    const object = await model().withStructuredOutput(weather, { name: 'weather', method: 'jsonSchema' }).invoke('a')
    expect(weather.properties.city.enum).toContain(object.city)
  })
})

it('curl streams', async () => {
  const body = JSON.stringify({ model: 'tiny', messages, max_tokens: 5, stream: true })
  const words = ['-sN', '-H', 'authorization: Bearer key', `${host.url}/v1/chat/completions`, '-d', body]
  const { stdout } = await promisify(execFile)('curl', words)
  expect(stdout).toMatch(/^data: \{.*"role":"assistant"/)
  expect(stdout).toMatch(/\n\ndata: \[DONE\]\n\n$/)
})
