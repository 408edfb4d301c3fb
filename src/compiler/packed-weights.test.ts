import { describe, expect, it } from 'vitest'
import { referenceBackend } from '../backend/reference/index.ts'
import { random } from '../base/index.ts'
import { openBackend } from '../node/index.ts'
import { packRows, unpackRows } from '../packing/index.ts'
import { add, gather, gelu, input, matmul, state as stateOf, type Tensor, transpose } from '../tensor/index.ts'
import { plan } from './plan.ts'
import { compile } from './program.ts'
import { createState } from './state.ts'
import { writeRows } from './write-rows.ts'

const [V, C] = [37, 256]
const rng = random(3)
const numbers = (size: number) => Float32Array.from({ length: size }, () => 2 * rng.next() - 1)

/** A table that embeds ids and gives logits, as tied embeddings do. */
const computation = (w: Tensor) => {
  const rows = gather(w, input('ids', [2, 3], 'i32')) // [2, 3, C]
  const logits = matmul(rows, transpose(w)) // [2, 3, V]
  return { outputs: { rows, y: add(gelu(add(logits, input('bias', [V]))), input('residual', [2, 3, V])) } }
}

describe('packed weights in a program', () => {
  it.each(['q8_0', 'q4_k', 'nf4'] as const)('embed and multiply: %s', async (dtype) => {
    const rows = packRows(dtype, numbers(V * C), C)
    const inputs = { ids: [0, 5, 36, 16, 15, 99], bias: numbers(V), residual: numbers(6 * V) }
    const results = []
    for (const backend of [referenceBackend(), await openBackend({ threads: 2 })]) {
      const state = createState(backend)
      const program = compile(computation(stateOf('w', [V, C], dtype)), { backend, state })
      await writeRows(state, 'w', rows)
      results.push(await program.run(inputs))
      await backend.close()
    }
    const [expected, got] = results
    expect(got.rows).toEqual(expected.rows)
    expect(Array.from(got.rows.slice(C, 2 * C))).toEqual(Array.from(unpackRows(dtype, rows, C).slice(5 * C, 6 * C)))
    expect(Array.from(got.rows.slice(5 * C))).toEqual(Array.from(new Float32Array(C))) // no row 99
    // Sums of 256 products below 1 in f32, and four units in the last place of gelu.
    got.y.forEach((y, i) => {
      expect(Math.abs(y - expected.y[i])).toBeLessThan(2 ** -24 * (256 * 2 + 8 * Math.abs(y)))
    })
  }, 300_000)

  it('take bias, activation and residual into the product', () => {
    const calls = plan(computation(stateOf('w', [V, C], 'q8_0'))).calls.map(({ kernel }) => kernel)
    expect(calls).toEqual(['gather', 'packed-matmul'])
  })
})
