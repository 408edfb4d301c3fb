import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type PackedDType, packings } from '../../src/base/index.ts'
import { packRows, unpackRows } from '../../src/packing/index.ts'
import { type RowKind, rowsOf } from './rows.ts'

// Kinds of rows that need no logarithm or cosine, so that they are the same everywhere.
const kinds: readonly RowKind[] = [
  'uniform',
  'positive',
  'negative',
  'two values',
  'zeros',
  'negative constant',
  'last bits of f32',
  'near the limit',
  'any bits',
]

/**
 * SHA-256, its first 16 digits, of 8 rows of 1024 numbers of each kind as packed bytes, and of the numbers read from these. Those
 * of q… were made when test/packing/ggml.test.ts had found each byte and number equal to ggml's (llama.cpp v0.5.0).
 */
const known: Record<PackedDType, readonly [packed: string, read: string]> = {
  int8: ['2b108e6930c3a715', '5dd94bbf8b9ba744'],
  f8e4m3: ['383e00c51c03e874', '2d69f214ce2400e8'],
  f8e5m2: ['3e103bd80208690b', '7929d8846c167ba5'],
  nf4: ['1c534bcd3de98c92', '2b77fa27ceb1bc00'],
  q8_0: ['4b8e89da44611e4e', '991e5d28be6c34be'],
  q4_0: ['89e6fcdffec19834', '3bea4a8d61091a1c'],
  q4_1: ['d9c44e7dc6da7b0e', 'a8f730bfb491ecd2'],
  q2_k: ['8a7a55987c0d8bda', '70b62b3eeae3ad13'],
  q4_k: ['40126f235c584698', '31dda8e245a51354'],
  q5_k: ['0a31dd9eecb2cac1', 'e048fb9263062c55'],
  q6_k: ['8c43ce6141f86228', '8b2feea4362438d9'],
}

const hash = (parts: readonly ArrayBufferView[]) => {
  const sum = createHash('sha256')
  for (const part of parts) sum.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
  return sum.digest('hex').slice(0, 16)
}

// Beyond f16 there are infinities and NaN; the sign and payload of a NaN are the machine's.
const oneNaN = (value: number) => (Number.isNaN(value) ? Number.NaN : value)

describe('packed bytes stay what they were', () => {
  it.each(Object.keys(packings) as PackedDType[])('%s', (dtype) => {
    const packed = kinds.map((kind) => packRows(dtype, rowsOf(kind, 8 * 1024, 11), 1024))
    const read = packed.map((bytes) => unpackRows(dtype, bytes, 1024).map(oneNaN))
    expect([hash(packed), hash(read)]).toEqual(known[dtype])
  })
})
