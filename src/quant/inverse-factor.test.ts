import { afterAll, expect, it } from 'vitest'
import { referenceBackend } from '../backend/reference/index.ts'
import { inverseFactor } from './inverse-factor.ts'
import { products } from './products.ts'

const engine = products(referenceBackend())
afterAll(() => engine.release())

/** Symmetric, with eigenvalues from 1 to 3: cosines of differences, and the identity. */
function matrixOf(size: number): Float32Array {
  return Float32Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size]
    return Math.cos(i - j) / size + (i === j ? 1 : 0)
  })
}

it.each([1, 5, 128, 129, 200, 320])('inverts the factor of a matrix of size %i', async (size) => {
  const h = matrixOf(size)
  const inverse = await inverseFactor(h, size, engine)
  // L⁻¹·h·L⁻ᵀ is the identity; h has a condition below 3, so each of some size roundings stays below 2⁻²².
  const half = await engine.multiply(inverse, h, { m: size, k: size, n: size })
  const whole = await engine.multiply(half, inverse, { m: size, k: size, n: size, transposeB: true })
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      expect(Math.abs(whole[i * size + j] - (i === j ? 1 : 0))).toBeLessThan(size * 2 ** -22 + 2 ** -20)
      if (j > i) expect(inverse[i * size + j]).toBe(0)
    }
  }
})

it('says what to do when a matrix has no factor', async () => {
  await expect(inverseFactor(Float32Array.of(1, 2, 2, 1), 2, engine)).rejects.toThrow(/raise the damping/)
})
