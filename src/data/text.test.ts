import { describe, expect, it } from 'vitest'
import { collectText, documents, plainText } from './text.ts'

describe('documents in memory', () => {
  it('have ids of their own', async () => {
    const all = await Array.fromAsync(documents(['one', 'two'], 'line'))
    expect(all.map(({ id, text, source }) => [id, text, source])).toEqual([
      ['line 0', 'one', 'line'],
      ['line 1', 'two', 'line'],
    ])
    expect(await Array.fromAsync(documents('whole'))).toHaveLength(1)
  })

  it('are set apart in plain text', async () => {
    expect(await Array.fromAsync(plainText(documents(['x', '', 'y']), '|'))).toEqual(['x', '|', '|', 'y'])
    expect(await collectText(documents(['one', 'two']))).toBe('one\n\ntwo')
  })
})
