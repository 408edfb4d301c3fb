import { describe, expect, it } from 'vitest'
import { doublesProgram } from '../../test/doubles.ts'
import { random } from '../base/index.ts'
import { matrix, type WeightSpec } from '../nn/index.ts'
import { input } from '../tensor/index.ts'
import { muon } from './index.ts'
import { orthogonalize } from './orthogonalize.ts'

const rng = random(2)

/** `count` vectors of `size` numbers, of length 1 and at right angles to each other (Gram and Schmidt, twice). */
function orthonormal(count: number, size: number): number[][] {
  const found: number[][] = []
  while (found.length < count) {
    let v = Array.from({ length: size }, () => 2 * rng.next() - 1)
    for (const u of [...found, ...found]) {
      const along = u.reduce((sum, x, i) => sum + x * v[i], 0)
      v = v.map((x, i) => x - along * u[i])
    }
    const length = Math.hypot(...v)
    found.push(v.map((x) => x / length))
  }
  return found
}

/** Σ values[k]·left[k]·right[k]ᵀ */
function composed(left: number[][], values: readonly number[], right: number[][]): Float64Array {
  const [rows, columns] = [left[0].length, right[0].length]
  return Float64Array.from({ length: rows * columns }, (_, i) =>
    values.reduce((sum, s, k) => sum + s * left[k][Math.floor(i / columns)] * right[k][i % columns], 0),
  )
}

/** What five steps make of a singular value, divided by the norm before. Source: Jordan et al. 2024. */
function grown(value: number): number {
  let s = value
  for (let step = 0; step < 5; step++) s = 3.4445 * s - 4.775 * s ** 3 + 2.0315 * s ** 5
  return s
}

const values = [5, 2, 1, 0.3, 0.1, 0.06]

describe('orthogonalize', () => {
  it.each([
    ['wide', 6, 9],
    ['tall', 9, 6],
    ['square', 6, 6],
  ])('brings the singular values of a %s matrix near 1 and leaves their vectors', async (_, rows, columns) => {
    const [left, right] = [orthonormal(6, rows), orthonormal(6, columns)]
    const norm = Math.hypot(...values)
    const after = values.map((s) => grown(s / norm))
    for (const s of after) expect(s).toBeGreaterThan(0.65)
    for (const s of after) expect(s).toBeLessThan(1.25)
    const program = doublesProgram({ outputs: { y: orthogonalize(input('x', [rows, columns])) } })
    const { y } = (await program.run({ x: composed(left, values, right) })).outputs
    // The norm is 1e-7 too large, which is seen up to 3.4445⁵ times.
    for (const [i, x] of composed(left, after, right).entries()) expect(Math.abs(y[i] - x)).toBeLessThan(5e-5)
  })
})

/** The weight after one step with the rate 0.1 on a gradient. */
async function stepped(spec: WeightSpec, gradient: ArrayLike<number>, start: ArrayLike<number>): Promise<Float64Array> {
  const optimizer = muon({ learningRate: 0.1, weightDecay: 0.2 })
  const updates = optimizer.update('w', spec, input('g', spec.shape), input('control', [4]))
  const program = doublesProgram({ outputs: {}, updates }, {}, { w: start })
  return (await program.run({ g: gradient, control: [...optimizer.control(0, 1), 0.5] })).states.w
}

const draw = (size: number) => Float64Array.from({ length: size }, () => 2 * rng.next() - 1)

describe('muon', () => {
  it('steps 0.2·√(longer side) along the orthogonal matrix, and decays', async () => {
    const [left, right] = [orthonormal(6, 6), orthonormal(6, 9)]
    const start = draw(54)
    const after = await stepped(matrix([6, 9], 1), composed(left, values, right), start)
    const norm = Math.hypot(...values)
    const direction = composed(
      left,
      values.map((s) => grown(s / norm)),
      right,
    )
    for (const [i, w] of after.entries())
      expect(w).toBeCloseTo(start[i] - 0.1 * (0.2 * 3 * direction[i] + 0.2 * start[i]), 4)
  })

  it('takes matrices that lie side by side one by one', async () => {
    const parts = [draw(16), draw(16), draw(16)]
    const beside = (each: ArrayLike<number>[]) =>
      Float64Array.from({ length: 48 }, (_, i) => each[Math.floor((i % 12) / 4)][Math.floor(i / 12) * 4 + (i % 4)])
    const together = await stepped({ ...matrix([4, 12], 1), parts: 3 }, beside(parts), new Float64Array(48))
    const alone = await Promise.all(parts.map((part) => stepped(matrix([4, 4], 1), part, new Float64Array(16))))
    for (const [i, w] of beside(alone).entries()) expect(together[i]).toBeCloseTo(w, 12)
  })

  it('leaves embeddings, heads and vectors to AdamW', () => {
    const names = (spec: WeightSpec) =>
      muon({ learningRate: 1 })
        .states('w', spec)
        .map(({ name }) => name)
    expect(names(matrix([4, 4], 1))).toEqual(['w.momentum'])
    expect(names(matrix([4, 4], 1, 'embedding'))).toEqual(['w.m', 'w.v'])
    expect(names(matrix([4, 4], 1, 'head'))).toEqual(['w.m', 'w.v'])
  })
})
