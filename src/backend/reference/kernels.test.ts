import { describe, expect, it } from 'vitest'
import { type ElementwiseName, elementwiseStride, opcode, type Shape } from '../../base/index.ts'
import { kernels } from './kernels.ts'
import { absent, f64View, read, type View, write } from './view.ts'

// Small cases that can be followed by hand, and laws that tie one kernel to others.

const view = (shape: Shape, ...values: number[]): View => f64View(shape, values)

/** Runs a kernel with one output. */
function apply(kernel: string, inputs: View[], shape: Shape, attributes: (number | number[])[] = []): number[] {
  return applyAll(kernel, inputs, [shape], attributes)[0]
}

function applyAll(kernel: string, inputs: View[], shapes: Shape[], attributes: (number | number[])[] = []): number[][] {
  const outputs = shapes.map((shape) => f64View(shape))
  kernels.get(kernel)!(inputs, outputs, attributes)
  return outputs.map((output) => [...read(output)])
}

function expectClose(got: readonly number[], expected: readonly number[]): void {
  expect(got.length).toBe(expected.length)
  got.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 12)
  })
}

/** Numbers between −1 and 1 without pattern. */
const wave = (size: number, phase = 0) => Array.from({ length: size }, (_, i) => Math.sin(i * i + phase))

describe('views', () => {
  it('round where a value is stored', () => {
    const store = (dtype: 'bf16' | 'i32' | 'f32', value: number) => {
      const elements = { bf16: new Uint16Array(1), i32: new Int32Array(1), f32: new Float32Array(1) }[dtype]
      const target: View = { shape: [1], dtype, elements }
      write(target, Float64Array.of(value))
      return read(target)[0]
    }
    expect(store('f32', 0.1)).toBe(Math.fround(0.1))
    expect(store('bf16', 1 + 2 ** -8)).toBe(1)
    expect(store('i32', -2.9)).toBe(-2)
  })
})

describe('elementwise', () => {
  const one = (name: ElementwiseName, ...operands: number[]) => {
    const code = [opcode(name), 0, 1, 2]
    expect(code.length).toBe(elementwiseStride)
    const inputs = operands.map((value) => view([1], value))
    return apply('elementwise', inputs, [1], [code, [operands.length]])[0]
  }

  it('does what the names say', () => {
    const table: [ElementwiseName, number[], number][] = [
      ['add', [2, 3], 5],
      ['subtract', [2, 3], -1],
      ['multiply', [2, 3], 6],
      ['divide', [3, 2], 1.5],
      ['maximum', [2, 3], 3],
      ['minimum', [2, 3], 2],
      ['power', [2, 3], 8],
      ['less', [2, 3], 1],
      ['less', [3, 3], 0],
      ['equal', [3, 3], 1],
      ['where', [1, 5, 7], 5],
      ['where', [0, 5, 7], 7],
      ['negate', [2], -2],
      ['absolute', [-2], 2],
      ['reciprocal', [4], 0.25],
      ['square', [-3], 9],
      ['sqrt', [9], 3],
      ['rsqrt', [4], 0.5],
      ['exp', [1], Math.E],
      ['log', [Math.E], 1],
      ['tanh', [Math.log(2)], 0.6],
      ['sigmoid', [Math.log(3)], 0.75],
      ['relu', [-2], 0],
      ['relu', [2], 2],
      ['silu', [Math.log(3)], 0.75 * Math.log(3)],
      ['gelu', [0], 0],
      ['gelu', [1e30], 1e30],
      ['gelu', [-1e30], 0],
      ['sin', [Math.PI / 6], 0.5],
      ['cos', [Math.PI / 3], 0.5],
      ['floor', [-0.5], -1],
    ]
    for (const [name, operands, expected] of table) expect(one(name, ...operands), name).toBeCloseTo(expected, 12)
  })

  it('is close to x·Φ(x) for gelu', () => {
    // Φ(1) = 0.841344746…; the tanh form is within 2·10⁻⁴ of it (Hendrycks & Gimpel 2016).
    expect(Math.abs(one('gelu', 1) - 0.8413447460685429)).toBeLessThan(2e-4)
  })

  it('broadcasts, chains, and returns any register', () => {
    const code = [opcode('constant'), 10, 0, 0, opcode('multiply'), 0, 2, 0, opcode('add'), 3, 1, 0]
    const [sum, product] = applyAll(
      'elementwise',
      [view([2, 1], 1, 2), view([3], 1, 2, 3)],
      [
        [2, 3],
        [2, 3],
      ],
      [code, [4, 3]],
    )
    expect(sum).toEqual([11, 12, 13, 21, 22, 23])
    expect(product).toEqual([10, 10, 10, 20, 20, 20])
  })
})

describe('reductions and moves', () => {
  const x = view([2, 3], 1, 5, 3, 4, -2, 5)

  it('reduce the axes that became 1', () => {
    expect(apply('sum', [x], [2, 1])).toEqual([9, 7])
    expect(apply('sum', [x], [1, 3])).toEqual([5, 3, 8])
    expect(apply('sum', [x], [1, 1])).toEqual([16])
    expect(apply('max', [x], [1, 3])).toEqual([4, 5, 5])
    expect(apply('sum-squares', [x], [])).toEqual([80])
    expect(apply('argmax', [view([2, 3], 1, 5, 5, 4, 4, 3)], [2])).toEqual([1, 0])
  })

  it('move elements', () => {
    expect(apply('transpose', [x], [3, 2], [[1, 0]])).toEqual([1, 4, 5, -2, 3, 5])
    expect(apply('slice', [x], [2, 2], [1, 1])).toEqual([5, 3, -2, 5])
    expect(apply('pad', [view([1, 2], 7, 8)], [2, 3], [1, 1])).toEqual([0, 7, 8, 0, 0, 0])
    expect(apply('concat', [x, view([2, 1], 8, 9)], [2, 4], [1])).toEqual([1, 5, 3, 8, 4, -2, 5, 9])
  })

  it('look rows and places up', () => {
    const ids = view([4], 1, -1, 0, 2)
    expect(apply('gather', [x, ids], [4, 3])).toEqual([4, -2, 5, 0, 0, 0, 1, 5, 3, 0, 0, 0])
    const updates = view([3, 1], 10, 20, 30)
    expect(apply('scatter-add', [view([2, 1], 1, 2), view([3], 1, 1, 5), updates], [2, 1])).toEqual([1, 32])
    expect(apply('pick', [x, view([2], 2, 3)], [2])).toEqual([3, 0])
    expect(apply('pick-backward', [view([2], 2, 3), view([2], 6, 7)], [2, 3])).toEqual([0, 0, 6, 0, 0, 0])
  })
})

describe('matmul', () => {
  it('multiplies, adds bias, activates, adds residual', () => {
    const [a, b] = [view([2, 2], 1, 2, 3, 4), view([2, 2], 1, -1, 0, -1)]
    expect(apply('matmul', [a, b], [2, 2], [0, 0, 0, 0])).toEqual([1, -3, 3, -7])
    expect(apply('matmul', [a, b], [2, 2], [1, 0, 0, 0])).toEqual([1, -4, 2, -6])
    expect(apply('matmul', [a, b], [2, 2], [0, 1, 0, 0])).toEqual([-1, -2, -1, -4])
    const all = applyAll(
      'matmul',
      [a, b, view([2], 1, 2), view([2, 2], 10, 20, 30, 40)],
      [
        [2, 2],
        [2, 2],
      ],
      [0, 0, 1, 0],
    )
    expect(all).toEqual([
      [12, 20, 34, 40],
      [2, -1, 4, -5],
    ])
  })

  it('rounds operands to bf16 when asked', () => {
    const fine = 1 + 2 ** -8 + 2 ** -10
    expect(apply('matmul', [view([1, 1], fine), view([1, 1], 1)], [1, 1], [0, 0, 0, 0])).toEqual([fine])
    expect(apply('matmul', [view([1, 1], fine), view([1, 1], 1)], [1, 1], [0, 0, 0, 1])).toEqual([1 + 2 ** -7])
  })
})

describe('norms', () => {
  it('bring rows to mean 0 and variance 1', () => {
    const y = apply('layer-norm', [view([1, 4], 1, 2, 3, 6), view([4], 1, 1, 1, 1), absent], [1, 4], [0])
    const root = Math.sqrt(14 / 4)
    expectClose(y, [-2 / root, -1 / root, 0, 3 / root])
    const withBias = apply('layer-norm', [view([1, 2], 3, 5), view([2], 2, 2), view([2], 10, 20)], [1, 2], [0])
    expectClose(withBias, [8, 22])
    expectClose(apply('rms-norm', [view([1, 2], 1, 7), view([2], 5, 10)], [1, 2], [0]), [1, 14])
  })
})

describe('softmax and cross-entropy', () => {
  it('softmax sums to 1 and does not mind a shift', () => {
    expectClose(apply('softmax', [view([2], 0, Math.log(3))], [2]), [0.25, 0.75])
    expect(apply('softmax', [view([2], 2 ** 20, 2 ** 20 + 1)], [2])).toEqual(apply('softmax', [view([2], 0, 1)], [2]))
    expect(apply('softmax', [view([2], Number.NEGATIVE_INFINITY, 1e30)], [2])).toEqual([0, 1])
  })

  it('linear-cross-entropy is −log softmax of matmul, picked', () => {
    const [N, C, V] = [3, 4, 5]
    const [x, w, targets] = [view([N, C], ...wave(N * C)), view([V, C], ...wave(V * C, 1)), view([N], 2, -1, 0)]
    const logits = view([N, V], ...apply('matmul', [x, w], [N, V], [0, 1, 0, 0]))
    const picked = apply('pick', [view([N, V], ...apply('softmax', [logits], [N, V])), targets], [N])
    const [losses] = applyAll('linear-cross-entropy', [x, w, targets], [[N], [1, V]], [0, 0, 0])
    expectClose(losses, [-Math.log(picked[0]), 0, -Math.log(picked[2])])
  })

  it('smoothed labels are the target with 1 − ε, and every choice with ε / V', () => {
    const [V, smoothing, zLoss] = [4, 0.2, 0.5]
    const [x, w, targets] = [view([1, 1], 1), view([V, 1], 0, Math.log(2), Math.log(4), Math.log(3)), view([1], 2)]
    const shapes = [[1], [1, V], [1]]
    const [loss, , nats] = applyAll('linear-cross-entropy', [x, w, targets], shapes, [smoothing, zLoss, 0])
    const wanted = [0.05, 0.05, 0.85, 0.05] // (1 − 0.2) more at 2
    const chances = [0.1, 0.2, 0.4, 0.3]
    const crossEntropy = chances.reduce((sum, chance, v) => sum - wanted[v] * Math.log(chance), 0)
    expectClose(loss, [crossEntropy + zLoss * Math.log(10) ** 2])
    expectClose(nats, [-Math.log(0.4)])
  })
})

describe('attention', () => {
  it('is softmax between two products, head by head', () => {
    const [B, T, S, H, G, D] = [2, 3, 5, 4, 2, 6]
    const [q, k, v] = [
      view([B, T, H, D], ...wave(B * T * H * D)),
      view([B, S, G, D], ...wave(B * S * G * D, 1)),
      view([B, S, G, D], ...wave(B * S * G * D, 2)),
    ]
    const [out, lse] = applyAll(
      'attention',
      [q, k, v],
      [
        [B, T, H, D],
        [B, H, T],
      ],
      [1, 0.5, 0],
    )
    const head = (x: View, b: number, h: number) => {
      const [, length, heads] = x.shape
      return view(
        [length, D],
        ...Array.from({ length }, (_, t) => [
          ...x.elements.subarray(((b * length + t) * heads + h) * D).subarray(0, D),
        ]).flat(),
      )
    }
    for (let b = 0; b < B; b++) {
      for (let h = 0; h < H; h++) {
        const g = Math.floor(h / 2)
        const scores = apply('matmul', [head(q, b, h), head(k, b, g)], [T, S], [0, 1, 0, 0]).map((score, i) =>
          i % S <= Math.floor(i / S) + S - T ? score * 0.5 : Number.NEGATIVE_INFINITY,
        )
        const weights = apply('softmax', [view([T, S], ...scores)], [T, S])
        const expected = apply('matmul', [view([T, S], ...weights), head(v, b, g)], [T, D], [0, 0, 0, 0])
        expectClose([...head(view([B, T, H, D], ...out), b, h).elements], expected)
        for (let t = 0; t < T; t++) {
          const total = scores.slice(t * S, (t + 1) * S).reduce((sum, score) => sum + Math.exp(score), 0)
          expect(lse[(b * H + h) * T + t]).toBeCloseTo(Math.log(total), 12)
        }
      }
    }
  })

  it('gives zeros and −∞ where nothing is seen', () => {
    const x = view([1, 2, 1, 1], 1, 2)
    const one = view([1, 1, 1, 1], 5)
    const shapes = [
      [1, 2, 1, 1],
      [1, 1, 2],
    ]
    expect(applyAll('attention', [x, one, one], shapes, [1, 1, 0])).toEqual([
      [0, 5],
      [Number.NEGATIVE_INFINITY, 10],
    ])
    expect(applyAll('attention', [x, one, one, absent, view([1], 0)], shapes, [0, 1, 0])[0]).toEqual([0, 0])
    const documents = view([1, 2], 7, 8)
    expect(applyAll('attention', [x, x, x, documents], shapes, [0, 1, 0])[0]).toEqual([1, 2])
  })
})

describe('rotary', () => {
  it('turns pairs, and back', () => {
    const x = view([1, 1, 1, 4], 1, 0, 0, 1)
    const quarter = apply('rotary', [x, view([1], 1)], [1, 1, 1, 4], [1, 0, 0]) // theta 1: every pair by 1 radian
    expectClose(quarter, [Math.cos(1), -Math.sin(1), Math.sin(1), Math.cos(1)])
    const paired = apply('rotary', [x, view([1, 1], 1)], [1, 1, 1, 4], [1, 0, 1])
    expectClose(paired, [Math.cos(1), Math.sin(1), -Math.sin(1), Math.cos(1)])
    expectClose(apply('rotary', [view([1, 1, 1, 4], ...quarter), view([1], 1)], [1, 1, 1, 4], [1, 1, 0]), [1, 0, 0, 1])
  })

  it('turns the second pair of four more slowly, by √theta', () => {
    const y = apply('rotary', [view([1, 1, 1, 4], 1, 1, 0, 0), view([1], 3)], [1, 1, 1, 4], [100, 0, 0])
    expectClose(y, [Math.cos(3), Math.cos(0.3), Math.sin(3), Math.sin(0.3)])
  })

  it('makes products of queries and keys depend on distance alone', () => {
    const [q, k] = [view([1, 1, 1, 6], ...wave(6)), view([1, 1, 1, 6], ...wave(6, 1))]
    const product = (at: number, behind: number) => {
      const turn = (x: View, position: number) => apply('rotary', [x, view([1], position)], [1, 1, 1, 6], [50, 0, 0])
      const key = turn(k, at - behind)
      return turn(q, at).reduce((sum, value, i) => sum + value * key[i], 0)
    }
    expect(product(40, 7)).toBeCloseTo(product(7, 7), 12)
    expect(Math.abs(product(40, 7) - product(40, 8))).toBeGreaterThan(1e-3)
  })
})

describe('adamw', () => {
  it('takes a first step of the learning rate against the gradient, plus decay', () => {
    const control = view([4], 0.1, 1 / (1 - 0.9), 1 / (1 - 0.99), 0.5)
    const zeros = () => view([2], 0, 0)
    const shapes = [[2], [2], [2]]
    const [weight, m, v] = applyAll(
      'adamw',
      [view([2], 1, 2), zeros(), zeros(), view([2], 4, -6), control],
      shapes,
      [0.9, 0.99, 0, 0.25, 1],
    )
    expectClose(weight, [1 - 0.1 * (1 + 0.25), 2 - 0.1 * (-1 + 0.5)])
    expectClose(m, [0.2, -0.3])
    expectClose(v, [0.04, 0.09])
  })
})

describe('random numbers', () => {
  it('use the words of Philox at seed, stream and step', () => {
    // The first known answer of Random123: key 0, counter 0.
    const words = [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]
    const fractions = words.map((word) => Math.floor(word / 256) / 2 ** 24)
    expect(apply('random-uniform', [absent], [4], [0, 0, 0, 1])).toEqual(fractions)
    expect(apply('random-uniform', [absent], [3], [0, 0, 0, 1])).toEqual(fractions.slice(0, 3))
    const [radius, angle] = [Math.sqrt(-2 * Math.log(fractions[0] + 2 ** -24)), 2 * Math.PI * fractions[1]]
    expectClose(apply('random-normal', [absent], [2], [0, 0, 0, 1]), [
      radius * Math.cos(angle),
      radius * Math.sin(angle),
    ])
    const draws = [
      [absent, 0, 0],
      [absent, 1, 0],
      [absent, 0, 1],
      [view([1], 1), 0, 0],
    ].map(
      ([step, seed, stream]) =>
        apply('random-uniform', [step as View], [1], [seed as number, stream as number, 0, 1])[0],
    )
    expect(new Set(draws).size).toBe(4)
  })

  it('have the mean and deviation asked for, within five standard errors', () => {
    const size = 20_000
    const draws = apply('random-normal', [absent], [size], [5, 0, 3, 2])
    const mean = draws.reduce((sum, x) => sum + x, 0) / size
    const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / size
    expect(Math.abs(mean - 3)).toBeLessThan((5 * 2) / Math.sqrt(size))
    expect(Math.abs(variance - 4)).toBeLessThan(5 * 4 * Math.sqrt(2 / size))
  })
})
