import { afterAll, describe, expect, it } from 'vitest'
import { openPython, type PythonPeer } from '../../bench/peers/python.ts'
import { packings } from '../../src/base/index.ts'
import { packRows, unpackRows } from '../../src/packing/index.ts'
import { against } from '../tokenizers/oracles.ts'
import { rowKinds, rowsOf } from './rows.ts'

const types = {
  q8_0: 'q8_0',
  q4_0: 'q4_0',
  q4_1: 'q4_1',
  q2_k: 'q2_K',
  q4_k: 'q4_K',
  q5_k: 'q5_K',
  q6_k: 'q6_K',
} as const
const dtypes = Object.keys(types) as (keyof typeof types)[]

const peer = await openPython('ggml.py', 1)

const base64 = (data: ArrayBufferView) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'))

/** The first place where two arrays differ in a bit. */
function firstDifference(got: Uint8Array, wanted: Uint8Array, blockBytes: number): string | undefined {
  const at = got.findIndex((byte, i) => byte !== wanted[i])
  if (at < 0 && got.length === wanted.length) return undefined
  const block = Math.floor(at / blockBytes)
  return `byte ${at % blockBytes} of block ${block} is ${got[at]}, ggml's ${wanted[at]}`
}

against('ggml packs the same numbers into the same bytes', 'why' in peer ? peer.why : undefined, () => {
  const { request, close } = peer as PythonPeer
  afterAll(close)

  describe.each(dtypes)('%s', (dtype) => {
    const { elements, bytes } = packings[dtype]
    it.each(rowKinds)('%s', async (kind) => {
      const count = 65536 / elements // blocks
      const values = rowsOf(kind, count * elements, 7)
      const wanted = bytesOf(await request<string>({ op: 'pack', type: types[dtype], values: base64(values) }))
      const got = packRows(dtype, values, elements)
      expect(firstDifference(got, wanted, bytes)).toBeUndefined()
    })

    it('reads any bytes as the same numbers', async () => {
      const packed = new Uint8Array(rowsOf('any bits', 256 * bytes, 9).buffer)
      const wanted = bytesOf(await request<string>({ op: 'unpack', type: types[dtype], bytes: base64(packed) }))
      const got = unpackRows(dtype, packed, elements)
      const numbers = new Float32Array(wanted.buffer)
      for (let i = 0; i < numbers.length; i++)
        if (!Object.is(got[i], numbers[i])) expect([i, got[i]]).toEqual([i, numbers[i]])
      expect(got.length).toBe(numbers.length)
    })
  })
})
