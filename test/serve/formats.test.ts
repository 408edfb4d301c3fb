import { afterAll, describe, expect, it } from 'vitest'
import { type Json, openServed } from './served.ts'

const served = await openServed()
afterAll(served.close)

const schema = {
  type: 'object',
  properties: { name: { enum: ['Айгүл', 'Aida'] }, age: { type: 'integer', minimum: 0, maximum: 99 } },
  required: ['name', 'age'],
  additionalProperties: false,
}
async function written(body: object): Promise<string> {
  const response = await served.post('/v1/completions', { model: 'tiny', prompt: 'a', max_tokens: 120, ...body })
  const { choices } = (await response.json()) as Json
  return choices[0].text
}

describe('a text that must have a form', () => {
  it('follows a JSON Schema, whatever the model would say', { timeout: 60_000 }, async () => {
    for (let seed = 0; seed < 10; seed++) {
      const text = await written({ seed, response_format: { type: 'json_schema', json_schema: { name: 'p', schema } } })
      const { name, age } = JSON.parse(text)
      expect(['Айгүл', 'Aida']).toContain(name)
      expect(age).toBeGreaterThanOrEqual(0)
      expect(age).toBeLessThan(100)
    }
  })

  it('is of a choice, a regular expression, a grammar', { timeout: 60_000 }, async () => {
    expect(['yes', 'no (1+1)']).toContain(await written({ structured_outputs: { choice: ['yes', 'no (1+1)'] } }))
    expect(await written({ structured_outputs: { regex: '[0-9]{3}-(kk|en)' } })).toMatch(/^[0-9]{3}-(kk|en)$/)
    expect(await written({ grammar: 'root ::= "Сәлем" ("!" | "?")' })).toMatch(/^Сәлем[!?]$/)
  })

  it('is an object in JSON mode, in chats too, each of several its own', { timeout: 60_000 }, async () => {
    const body = { messages: [{ role: 'user', content: 'a' }], n: 3, seed: 5, max_tokens: 100 }
    const asked = { model: 'tiny', ...body, response_format: { type: 'json_object' }, temperature: 0.3 }
    const { choices } = (await (await served.post('/v1/chat/completions', asked)).json()) as Json
    expect(choices).toHaveLength(3)
    for (const { message, finish_reason } of choices) {
      expect(message.content).toMatch(/^\{/)
      if (finish_reason === 'stop') expect(typeof JSON.parse(message.content)).toBe('object')
    }
  })

  it.each([
    [{ response_format: { type: 'xml' } }, /response_format/],
    [
      { response_format: { type: 'json_schema', json_schema: { schema: { type: 'wish' } } } },
      /response_format: .*wish/,
    ],
    [{ structured_outputs: { regex: '(' } }, /structured_outputs/],
    [{ grammar: 'root ::= nothing' }, /grammar: /],
  ])('that cannot be had is refused: %j', async (body, message) => {
    const response = await served.post('/v1/completions', { model: 'tiny', prompt: 'a', ...body })
    expect(response.status).toBe(400)
    expect(((await response.json()) as Json).error.message).toMatch(message)
    expect(served.engine.figures()).toMatchObject({ running: 0, pagesHeld: 0 })
  })
})
