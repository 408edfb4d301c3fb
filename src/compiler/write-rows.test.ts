import { describe, expect, it } from 'vitest'
import { referenceBackend } from '../backend/reference/index.ts'
import { ConfigError, type PackedDType, packedRowBytes, packings, random, ShapeError } from '../base/index.ts'
import { openBackend } from '../node/index.ts'
import { toPanels } from '../packing/index.ts'
import { createState } from './state.ts'
import { writeRows } from './write-rows.ts'

function noise(length: number): Uint8Array {
  const rng = random(length)
  return Uint8Array.from({ length }, () => rng.integer(256))
}

describe('writeRows', () => {
  const dtypes = Object.keys(packings) as PackedDType[]

  it.each(dtypes)('lays rows of %s out as panels', async (dtype) => {
    const backend = await openBackend({ threads: 2 })
    const state = createState(backend)
    const shape = [21, packings[dtype].elements] as const
    const rows = noise(shape[0] * packedRowBytes(dtype, shape[1]))
    state.ensure([{ name: 'w', shape, dtype }])
    await writeRows(state, 'w', rows)
    expect(await state.read('w')).toEqual(toPanels(dtype, rows, shape))
    await backend.close()
  }, 300_000)

  it('goes piece by piece', async () => {
    const backend = await openBackend({ threads: 2 })
    const state = createState(backend)
    const shape = [3001, 1024] as const // 3.2 MB
    const rows = noise(shape[0] * packedRowBytes('q8_0', shape[1]))
    state.ensure([{ name: 'w', shape, dtype: 'q8_0' }])
    await writeRows(state, 'w', rows)
    expect(Buffer.compare((await state.read('w')) as Uint8Array, toPanels('q8_0', rows, shape))).toBe(0)
    await backend.close()
  })

  it('writes plain weights as they are', async () => {
    const state = createState(referenceBackend())
    state.ensure([{ name: 'w', shape: [2, 3], dtype: 'bf16' }])
    const rows = noise(12)
    await writeRows(state, 'w', rows)
    expect(new Uint8Array((await state.read('w')).slice().buffer)).toEqual(rows)
  })

  it('refuses other numbers of bytes, and names that there are not', async () => {
    const state = createState(referenceBackend())
    state.ensure([{ name: 'w', shape: [2, 32], dtype: 'q8_0' }])
    await expect(writeRows(state, 'w', new Uint8Array(67))).rejects.toThrow(ShapeError)
    await expect(writeRows(state, 'v', new Uint8Array(68))).rejects.toThrow(ConfigError)
  })
})
