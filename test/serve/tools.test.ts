import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { CallReader, type WrittenPart } from '../../src/serve/tool-calls.ts'
import { eventsOf, type Json, openServed } from './served.ts'

const served = await openServed()
afterAll(served.close)

const tools = [
  {
    type: 'function',
    function: {
      name: 'add',
      parameters: {
        type: 'object',
        properties: { a: { type: 'integer', minimum: 0, maximum: 9 } },
        required: ['a'],
        additionalProperties: false,
      },
    },
  },
  {
    type: 'function',
    function: {
      name: 'where',
      parameters: {
        type: 'object',
        properties: { city: { enum: ['Алматы', 'Astana'] } },
        required: ['city'],
        additionalProperties: false,
      },
    },
  },
]
const messages = [{ role: 'user', content: 'a' }]
const body = { model: 'tiny', messages, tools, max_tokens: 110 }

describe('a call that must be made', () => {
  it('is one of the functions, with arguments of their schemas', { timeout: 60_000 }, async () => {
    const names = new Set<string>()
    for (let seed = 0; seed < 8; seed++) {
      const asked = { ...body, seed, temperature: 4, tool_choice: 'required', parallel_tool_calls: false }
      const { choices } = (await (await served.post('/v1/chat/completions', asked)).json()) as Json
      const [{ message, finish_reason }] = choices
      expect(finish_reason).toBe('tool_calls')
      expect(message.content).toBe(null)
      expect(message.tool_calls).toHaveLength(1)
      const [call] = message.tool_calls
      const given = JSON.parse(call.function.arguments)
      if (call.function.name === 'add') expect(given.a).toBeGreaterThanOrEqual(0)
      else expect(['Алматы', 'Astana']).toContain(given.city)
      names.add(call.function.name)
    }
    expect(names.size).toBe(2)
  })

  it('comes in a stream with its name once and no text', { timeout: 60_000 }, async () => {
    const choice = { type: 'function', function: { name: 'where' } }
    const chunks = await eventsOf(
      await served.post('/v1/chat/completions', { ...body, seed: 3, tool_choice: choice, stream: true }),
    )
    const deltas = chunks.map((chunk) => chunk.choices[0].delta)
    expect(deltas.map(({ content }) => content ?? '').join('')).toBe('')
    const calls = deltas.flatMap(({ tool_calls: calls }) => calls ?? [])
    expect(calls).toHaveLength(1)
    expect(calls[0]).toMatchObject({ index: 0, type: 'function', function: { name: 'where' } })
    expect(chunks.at(-1).choices[0].finish_reason).toBe('tool_calls')
  })

  it('must be among the functions', async () => {
    for (const choice of [{ type: 'function', function: { name: 'sing' } }, 'required']) {
      const response = await served.post('/v1/chat/completions', {
        ...body,
        tools: choice === 'required' ? [] : tools,
        tool_choice: choice,
      })
      expect(response.status).toBe(400)
    }
  })

  it('and what came of it can be told', async () => {
    const call = { id: 'call_1', type: 'function', function: { name: 'add', arguments: '{"a": 1}' } }
    const told = [
      ...messages,
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: '2' },
    ]
    expect((await served.post('/v1/chat/completions', { ...body, messages: told })).status).toBe(200)
    const broken = { ...call, function: { name: 'add', arguments: '{' } }
    const wrong = [...messages, { role: 'assistant', tool_calls: [broken] }]
    expect((await served.post('/v1/chat/completions', { ...body, messages: wrong })).status).toBe(400)
  })
})

describe('CallReader', () => {
  const joined = (parts: readonly WrittenPart[]) => {
    const texts = parts.map((part) => (part.kind === 'text' ? part.text : `⟦${part.name} ${part.arguments}⟧`))
    return texts.join('')
  }
  const readAll = (pieces: readonly string[]) => {
    const reader = new CallReader()
    return joined([...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()])
  }

  it.each([
    ['no call at all', 'no call at all'],
    ['1 < 2 <tool', '1 < 2 <tool'],
    ['so:\n<tool_call>\n{"name": "f", "arguments": {"a": 1}}\n</tool_call>', 'so:⟦f {"a":1}⟧'],
    ['<tool_call>{"name":"f","parameters":{}}</tool_call>\n<tool_call>{"name":"g"}</tool_call>', '⟦f {}⟧⟦g {}⟧'],
    ['<tool_call>nonsense</tool_call> x', '<tool_call>nonsense</tool_call> x'],
    ['<tool_call>{"name": "f"', '<tool_call>{"name": "f"'],
  ])('of %j', (text, expected) => {
    expect(readAll([text]).replace(/so:\n/, 'so:')).toBe(expected)
  })

  it('reads alike wherever the pieces were cut', () => {
    const part = fc.constantFrom(
      '<tool_call>',
      '</tool_call>',
      '{"name":"f","arguments":{"x":[1]}}',
      ' ',
      '\n',
      'a',
      '<',
      '<tool',
      'ә🦅',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), fc.array(fc.nat(60), { maxLength: 8 }), (parts, cuts) => {
        const text = parts.join('')
        const places = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length]
        const pieces = places.slice(1).map((place, i) => text.slice(places[i], place))
        expect(readAll(pieces)).toBe(readAll([text]))
      }),
    )
  })
})
