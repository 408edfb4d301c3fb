import { describe, expect, it } from 'vitest'
import { absent, f64View, kernels, read, type View } from '../../src/backend/reference/index.ts'
import { opcode, random, type Shape, sizeOf } from '../../src/base/index.ts'
import { normal } from './case.ts'

// Every backward kernel against central differences of its forward, all in f64: the loss is Σ c·y with random c.

/** Step of a difference: near the third root of f64's precision, where truncation and rounding balance. */
const step = 2 ** -17

/** Relative to the loss: third derivatives up to 100 times the loss, and rounding of the loss over the step. */
const tolerance = 100 * (step ** 2 + 2 ** -52 / step)

const rng = random(2024)

function random64(shape: Shape, deviation = 1, mean = 0): View {
  return f64View(shape, normal(deviation, mean)(rng, sizeOf(shape), []))
}

function integers(shape: Shape, values: readonly number[]): View {
  return f64View(
    shape,
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => values[i % values.length]),
  )
}

/** Runs a kernel and returns its outputs, which have the given shapes. */
function call(
  kernel: string,
  inputs: readonly View[],
  shapes: readonly Shape[],
  attributes: readonly (number | number[])[],
) {
  const outputs = shapes.map((shape) => f64View(shape))
  kernels.get(kernel)!(inputs, outputs, attributes)
  return outputs
}

/** Checks that `gradient` is the derivative of Σ c·forward() by every element of `x`. */
function expectGradient(forward: () => View, c: View, x: View, gradient: View): void {
  const loss = () => read(forward()).reduce((sum, y, i) => sum + y * c.elements[i], 0)
  const size = read(forward()).reduce((sum, y, i) => sum + Math.abs(y * c.elements[i]), 1)
  expect(gradient.elements.length).toBe(x.elements.length)
  for (let i = 0; i < x.elements.length; i++) {
    const value = x.elements[i]
    x.elements[i] = value + step
    const above = loss()
    x.elements[i] = value - step
    const below = loss()
    x.elements[i] = value
    const difference = (above - below) / (2 * step)
    expect(Math.abs(gradient.elements[i] - difference), `element ${i}: ${difference}`).toBeLessThan(tolerance * size)
  }
}

describe('gradients of the reference', () => {
  it('softmax', () => {
    const [x, c] = [random64([3, 5]), random64([3, 5])]
    const forward = () => call('softmax', [x], [[3, 5]], [])[0]
    const [dx] = call('softmax-backward', [forward(), c], [[3, 5]], [])
    expectGradient(forward, c, x, dx)
  })

  for (const kernel of ['layer-norm', 'rms-norm']) {
    it(`${kernel}, with a residual`, () => {
      const centered = kernel === 'layer-norm'
      const [x, gain, bias, c, residual] = [
        random64([4, 7]),
        random64([7]),
        random64([7]),
        random64([4, 7]),
        random64([4, 7]),
      ]
      const inputs = centered ? [x, gain, bias] : [x, gain]
      const forward = () => call(kernel, inputs, [[4, 7]], [1e-3])[0]
      const shapes = [[4, 7], [7], [7]].slice(0, centered ? 3 : 2)
      const gradients = call(`${kernel}-backward`, [x, gain, c, absent], shapes, [1e-3])
      inputs.forEach((input, i) => {
        expectGradient(forward, c, input, gradients[i])
      })
      const [withResidual] = call(`${kernel}-backward`, [x, gain, c, residual], shapes, [1e-3])
      const sum = read(gradients[0]).map((value, i) => value + residual.elements[i])
      withResidual.elements.forEach((value, i) => {
        expect(value).toBeCloseTo(sum[i], 12)
      })
    })
  }

  const masks: [string, number, View, View][] = [
    ['everything seen', 0, absent, absent],
    ['causal', 1, absent, absent],
    ['documents', 1, integers([2, 5], [0, 0, 1, 1, 1, 3, 3, 3, 3, 4]), absent],
    ['lengths, one 0', 0, absent, integers([2], [3, 0])],
  ]
  for (const [name, causal, documents, lengths] of masks) {
    it(`attention with grouped heads, ${name}`, () => {
      const [B, T, H, G, D] = [2, 5, 4, 2, 3]
      const inputs = [random64([B, T, H, D]), random64([B, T, G, D]), random64([B, T, G, D])]
      const c = random64([B, T, H, D])
      const attributes = [causal, 0.7, 0]
      const both = () =>
        call(
          'attention',
          [...inputs, documents, lengths],
          [
            [B, T, H, D],
            [B, H, T],
          ],
          attributes,
        )
      const shapes = inputs.map(({ shape }) => shape)
      const gradients = call('attention-backward', [...inputs, ...both(), c, documents, lengths], shapes, attributes)
      inputs.forEach((input, i) => {
        expectGradient(() => both()[0], c, input, gradients[i])
      })
    })
  }

  it('attention with more keys than queries', () => {
    const inputs = [random64([1, 2, 2, 4]), random64([1, 5, 1, 4]), random64([1, 5, 1, 4])]
    const c = random64([1, 2, 2, 4])
    const both = () =>
      call(
        'attention',
        inputs,
        [
          [1, 2, 2, 4],
          [1, 2, 2],
        ],
        [1, 0.5, 0],
      )
    const shapes = inputs.map(({ shape }) => shape)
    const gradients = call('attention-backward', [...inputs, ...both(), c], shapes, [1, 0.5, 0])
    inputs.forEach((input, i) => {
      expectGradient(() => both()[0], c, input, gradients[i])
    })
  })

  it.each([
    [0, 0],
    [0.3, 0],
    [0, 0.2],
    [0.3, 0.2],
  ])('linear-cross-entropy, with an ignored target, label smoothing %d and z-loss %d', (smoothing, zLoss) => {
    const [x, w, c] = [random64([4, 3]), random64([6, 3]), random64([4])]
    const targets = integers([4], [2, -1, 5, 2])
    const attributes = [smoothing, zLoss, 0]
    const forward = () => call('linear-cross-entropy', [x, w, targets], [[4], [2, 6], [4]], attributes)
    const [losses, dx, dw, , nats] = call(
      'linear-cross-entropy-backward',
      [x, w, targets, c],
      [[4], [4, 3], [6, 3], [2, 6], [4]],
      attributes,
    )
    expect(losses.elements).toEqual(forward()[0].elements)
    expect(nats.elements).toEqual(forward()[2].elements)
    expectGradient(() => forward()[0], c, x, dx)
    expectGradient(() => forward()[0], c, w, dw)
  })

  it('pick', () => {
    const [x, ids, c] = [random64([4, 3]), integers([4], [2, -1, 0, 3]), random64([4])]
    const forward = () => call('pick', [x, ids], [[4]], [])[0]
    expectGradient(forward, c, x, call('pick-backward', [ids, c], [[4, 3]], [])[0])
  })

  it('gather is undone by scatter-add', () => {
    const [table, ids, c] = [random64([4, 3]), integers([5], [2, 0, 2, 4, -1]), random64([5, 3])]
    const forward = () => call('gather', [table, ids], [[5, 3]], [])[0]
    expectGradient(forward, c, table, call('scatter-add', [f64View([4, 3]), ids, c], [[4, 3]], [])[0])
  })

  for (const interleaved of [0, 1]) {
    it(`rotary is undone by its inverse, interleaved ${interleaved}`, () => {
      const [x, places, c] = [random64([1, 3, 2, 6]), integers([3], [0, 5, 9]), random64([1, 3, 2, 6])]
      const forward = () => call('rotary', [x, places], [x.shape], [100, 0, interleaved])[0]
      expectGradient(forward, c, x, call('rotary', [c, places], [x.shape], [100, 1, interleaved])[0])
    })
  }

  for (const name of ['gelu', 'silu'] as const) {
    it(`${name}-derivative`, () => {
      const x = f64View([9], [-12, -5, -2, -0.5, 0, 0.5, 2, 5, 12])
      const c = f64View([9], new Float64Array(9).fill(1))
      const apply = (code: number) => call('elementwise', [x], [[9]], [[code, 0, 0, 0], [1]])[0]
      expectGradient(() => apply(opcode(name)), c, x, apply(opcode(`${name}-derivative`)))
    })
  }

  it('matmul with every transpose: dA and dB are products as well', () => {
    for (const transposeA of [0, 1]) {
      for (const transposeB of [0, 1]) {
        const a = random64(transposeA ? [4, 3] : [3, 4])
        const b = random64(transposeB ? [5, 4] : [4, 5])
        const c = random64([3, 5])
        const forward = () => call('matmul', [a, b], [[3, 5]], [transposeA, transposeB, 0, 0])[0]
        const product = (x: View, y: View, ofX: number, ofY: number, shape: Shape) =>
          call('matmul', [x, y], [shape], [ofX, ofY, 0, 0])[0]
        const da = transposeA ? product(b, c, transposeB, 1, [4, 3]) : product(c, b, 0, 1 - transposeB, [3, 4])
        const db = transposeB ? product(c, a, 1, transposeA, [5, 4]) : product(a, c, 1 - transposeA, 0, [4, 5])
        expectGradient(forward, c, a, da)
        expectGradient(forward, c, b, db)
      }
    }
  })
})
