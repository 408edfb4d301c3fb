import { describe, expect, it } from 'vitest'
import { random } from '../../../base/index.ts'
import { ByteBuffer } from './byte-buffer.ts'
import { mergeLong } from './merge-long.ts'
import { RangeMerger, shortRange } from './merge-ranges.ts'
import { PairRanks } from './pair-ranks.ts'
import { manySearches, TokenBytes } from './token-bytes.ts'

/** All bytes, then random joins of two tokens over few letters: many pairs make the same token. */
function vocabulary(rng: ReturnType<typeof random>): TokenBytes {
  const tokens = new TokenBytes()
  for (let byte = 0; byte < 256; byte++) tokens.add(byte, Uint8Array.of(byte))
  const letters = [97, 98, 99, 0xd3, 0x99]
  const known = [...letters]
  while (tokens.size < 1500) {
    const joined = [0, 1].flatMap(() => [...tokens.bytesOf(known[rng.integer(known.length)])!])
    if (joined.length > 20) continue
    const id = tokens.size
    if (tokens.add(id, Uint8Array.from(joined)) === id) known.push(id)
  }
  return tokens
}

describe('RangeMerger', () => {
  it('merges as by pairs, before and after short tokens have a table of their own', () => {
    const rng = random(7)
    const tokens = vocabulary(rng)
    const byteIds = Int32Array.from({ length: 256 }, (_, byte) => byte)
    const merger = new RangeMerger(tokens, byteIds)
    const pairs = PairRanks.ofBytes(tokens)
    const buffer = new ByteBuffer(100)
    const ids = new Int32Array(64)
    for (let i = 0; i < 2000; i++) {
      if (i === 1000) for (let search = 0; search < manySearches; search++) tokens.find(buffer.view, 0, 1)
      const length = 1 + rng.integer(shortRange)
      const at = rng.integer(40)
      for (let j = 0; j < buffer.size; j++) buffer.bytes[j] = [97, 98, 99, 0xd3, 0x99][rng.integer(5)]
      const want = Int32Array.from(buffer.bytes.subarray(at, at + length))
      const left = mergeLong(pairs, want, length)
      const count = merger.merge(buffer.bytes, buffer.view, at, at + length, ids)
      expect([...ids.subarray(0, count)]).toEqual([...want.subarray(0, left)])
    }
  })

  it('finds what is added after many searches', () => {
    const tokens = vocabulary(random(8))
    const buffer = new ByteBuffer(8)
    buffer.bytes.set([97, 98])
    for (let i = 0; i < manySearches; i++) tokens.find(buffer.view, 0, 1)
    const id = tokens.size
    expect(tokens.add(id, Uint8Array.of(1, 2, 3))).toBe(id)
    expect(tokens.idOf(Uint8Array.of(1, 2, 3))).toBe(id)
    expect(tokens.idOf(Uint8Array.of(1, 2))).toBe(-1)
  })
})
