import { describe, expect, it } from 'vitest'
import { referenceBackend } from '../backend/reference/index.ts'
import { random } from '../base/index.ts'
import { compile } from '../compiler/index.ts'
import { constant, type Tensor, traced } from '../tensor/index.ts'
import { attentionWeights, causalAttention } from './index.ts'

const [batch, tokens, heads, groups, width] = [2, 7, 4, 2, 3]
const documents = constant([0, 0, 1, 1, 1, 2, 2, 0, 1, 1, 1, 1, 1, 2], [batch, tokens], 'i32')

const rng = random(1)
const uniform = (shape: number[]) =>
  constant(
    Array.from({ length: shape.reduce((a, b) => a * b) }, () => 2 * rng.next() - 1),
    shape,
  )
const q = uniform([batch, tokens, heads, width])
const [k, v] = [uniform([batch, tokens, groups, width]), uniform([batch, tokens, groups, width])]

async function valuesOf(x: Tensor): Promise<number[]> {
  const program = compile({ outputs: { x } }, { backend: referenceBackend() })
  const values = [...(await program.run()).x]
  program.release()
  return values
}

describe('attention written out', () => {
  it.each([
    ['rows of one text', undefined],
    ['packed rows', documents],
  ])('gives what the fused one does, in %s', async (_, mask) => {
    const weights = attentionWeights(q, k, mask)
    const { result } = traced(() => causalAttention(q, k, v, mask), { replace: { weights } })
    const [written, fused] = [await valuesOf(result), await valuesOf(causalAttention(q, k, v, mask))]
    // Weighted means of values below 1: a score, a softmax of 7 and the mean are less than 40 roundings.
    for (const [i, value] of written.entries()) expect(Math.abs(value - fused[i])).toBeLessThan(40 * 2 ** -24)
  })

  it('sees its own document only, and nothing that comes later', async () => {
    const weights = await valuesOf(attentionWeights(q, k, documents))
    const document = await valuesOf(documents)
    for (const [i, weight] of weights.entries()) {
      const [b, t, s] = [Math.floor(i / (heads * tokens * tokens)), Math.floor(i / tokens) % tokens, i % tokens]
      const seen = s <= t && document[b * tokens + s] === document[b * tokens + t]
      expect(weight > 0).toBe(seen)
    }
  })
})
