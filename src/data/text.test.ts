import { describe, expect, it } from 'vitest'
import { collectText, decodeDocument, documents, emptyNotes, plainText, type TextPart } from './text.ts'

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  return Array.fromAsync(stream)
}

async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size)
}

describe('text streams', () => {
  it('decodes one document from chunks, with exactly one last part', async () => {
    const text = 'әліппе 😀 '.repeat(5)
    for (const size of [1, 2, 3, 7, 1000]) {
      const notes = emptyNotes()
      const parts = await all(decodeDocument('a', chunked(new TextEncoder().encode(text), size), notes))
      expect(parts.map((part) => part.text).join('')).toBe(text)
      expect(parts.map((part) => part.last)).toEqual(parts.map((_, i) => i === parts.length - 1))
      expect(notes).toMatchObject({ files: 1, bytes: new TextEncoder().encode(text).length, replacedBytes: 0 })
    }
  })

  it('takes a web stream, and counts what it replaces', async () => {
    const notes = emptyNotes()
    const body = new Response(Uint8Array.of(0x61, 0xff, 0x62)).body!
    expect(await all(decodeDocument('a', body, notes))).toEqual([{ id: 'a', text: 'a\ufffdb', last: true }])
    expect(notes.replacedBytes).toBe(1)
  })

  it('sets documents apart, not their parts', async () => {
    const parts: TextPart[] = [
      { id: 'a', text: 'x', last: false },
      { id: 'a', text: 'y', last: true },
      { id: 'b', text: 'z', last: true },
    ]
    const stream = (async function* () {
      yield* parts
    })()
    expect(await all(plainText(stream, '|'))).toEqual(['x', 'y', '|', 'z'])
    expect(await collectText(documents(['one', 'two']))).toBe('one\n\ntwo')
    expect((await all(documents(['one', 'two'], 'line'))).map((part) => part.id)).toEqual(['line 0', 'line 1'])
  })
})
