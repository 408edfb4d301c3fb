import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { trainBpe } from '../../training/bpe-train.ts'

const trained = trainBpe("the cat sat on the mat; it's the cat's mat. 😀😀 әліппе ".repeat(3), { vocabSize: 320 })
const { model, preTokenizer } = trained.parts
const encoder = () => model.byteEncoder!(preTokenizer!.scanner!)

const anyText = fc.string({ unit: fc.constantFrom(..."the cat's😀ә \n\ud83d\ude00") })

describe('byteEncoder', () => {
  it('gives the same ids wherever text and bytes are cut, taken or not', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyText, fc.boolean(), fc.boolean())), (parts) => {
        const run = encoder()
        const ids: number[] = []
        let whole = ''
        for (const [text, asBytes, takes] of parts) {
          const part = asBytes ? text.toWellFormed() : text
          // Bytes end a half character before them.
          whole = asBytes ? whole.toWellFormed() + part : whole + part
          if (asBytes) run.pushBytes(new TextEncoder().encode(part))
          else run.pushText(part)
          if (takes) ids.push(...run.take())
        }
        ids.push(...run.end())
        expect(ids).toEqual([...trained.encode(whole)])
      }),
    )
  })

  it('takes bytes that are cut inside of a character, and bytes that are no text', () => {
    const bytes = new TextEncoder().encode('ә😀 the')
    for (let at = 0; at <= bytes.length; at++) {
      const run = encoder()
      run.pushBytes(bytes.subarray(0, at))
      run.pushBytes(bytes.subarray(at))
      expect([...run.end()]).toEqual([...trained.encode('ә😀 the')])
    }
    const run = encoder()
    run.pushBytes(Uint8Array.of(0xff, 0x80, 0xc3))
    const back = [...run.end()].flatMap((id) => [...trained.bytesOf(id)])
    expect(back).toEqual([0xff, 0x80, 0xc3])
  })

  it('ends pieces at an id, and begins again after the end', () => {
    const run = encoder()
    run.pushText('the c')
    run.pushId(7)
    run.pushText('at')
    expect([...run.end()]).toEqual([...trained.encode('the c'), 7, ...trained.encode('at')])
    run.pushText('the')
    expect([...run.end()]).toEqual([...trained.encode('the')])
  })

  it('takes windows, and pieces that are longer than a window', () => {
    for (const text of [
      'the cat sat '.repeat(20_000),
      'cat'.repeat(100_000),
      `${'ә'.repeat(70_000)} ${'😀 '.repeat(30_000)}`,
    ]) {
      const run = encoder()
      for (let at = 0; at < text.length; at += 9973) run.pushText(text.slice(at, at + 9973))
      const ids = run.end()
      expect(trained.decode(ids)).toBe(text)
      expect([...ids]).toEqual([...trained.encode(text)])
    }
  })

  it('equals what the pieces give one by one', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect([...trained.encoding(text).ids]).toEqual([...trained.encode(text)])
      }),
    )
  })
})
