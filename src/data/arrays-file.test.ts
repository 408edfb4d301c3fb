import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FormatError } from '../base/index.ts'
import { openArrays, writeArrays } from './arrays-file.ts'
import { memoryFolder } from './folder.ts'

describe('files of arrays', () => {
  it('give back what was written, each array alone', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), fc.uint16Array(), fc.uint32Array(), async (bytes, short, long) => {
        const folder = memoryFolder()
        const table = { array: Uint32Array.from([...long, ...long]), columns: Math.max(long.length, 1) }
        await writeArrays(folder, 'f', {
          bytes: { array: bytes },
          short: { array: short },
          long: { array: long },
          table,
        })
        const file = await openArrays(folder, 'f')
        expect([...(await file.read('short', 'u16'))]).toEqual([...short])
        expect([...(await file.read('long', 'u32'))]).toEqual([...long])
        expect([...(await file.read('bytes', 'u8'))]).toEqual([...bytes])
        expect((await file.read('table')).length).toBe(2 * long.length)
      }),
    )
  })

  it('say what is wrong with a damaged file', async () => {
    const folder = memoryFolder()
    await writeArrays(folder, 'f', { ids: { array: Uint16Array.of(1, 2, 3) } })
    const file = await openArrays(folder, 'f')
    await expect(file.read('ids', 'u32')).rejects.toThrow('f: the array ids is U16; expected u32')
    await expect(file.read('other')).rejects.toThrow('f: there is no array other')
    await expect(openArrays(folder, 'g')).rejects.toThrow('g: is not there')
    const bytes = await folder.read('f', 0, (await folder.size('f'))!)
    for (let length = 0; length < bytes.length; length++) {
      await folder.write('f', bytes.subarray(0, length))
      await expect(openArrays(folder, 'f')).rejects.toThrow(FormatError)
    }
  })
})
