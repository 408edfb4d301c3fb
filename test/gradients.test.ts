import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Shape, sizeOf } from '../src/base/index.ts'
import * as tensors from '../src/tensor/index.ts'
import {
  absolute,
  add,
  argmax,
  attention,
  broadcastTo,
  concat,
  constant,
  convert,
  cos,
  divide,
  dropout,
  equal,
  exp,
  floor,
  gather,
  gelu,
  globalNorm,
  gradients,
  input,
  layerNorm,
  less,
  linearCrossEntropy,
  log,
  matmul,
  max,
  maximum,
  mean,
  minimum,
  multiply,
  negate,
  pad,
  pick,
  power,
  reciprocal,
  regularizedCrossEntropy,
  relu,
  reshape,
  rmsNorm,
  rotary,
  rsqrt,
  scatterAdd,
  sigmoid,
  silu,
  sin,
  slice,
  softmax,
  split,
  sqrt,
  square,
  subtract,
  sum,
  sumSquares,
  sumTo,
  type Tensor,
  tanh,
  transpose,
  where,
} from '../src/tensor/index.ts'
import { doublesProgram } from './doubles.ts'
import { uniformValues } from './random-values.ts'

/** A function of the named inputs; each is filled with numbers in [low, high). */
interface Case {
  /** The exported function that it is about, then what is special. */
  readonly name: string
  readonly shapes: readonly Shape[]
  readonly low?: number
  readonly high?: number
  readonly of: (...inputs: Tensor[]) => Tensor
}

const ids = (values: number[], shape: Shape) => constant(values, shape, 'i32')
const m23 = [2, 3]

type Unary = (x: Tensor) => Tensor
type Binary = (a: Tensor | number, b: Tensor | number) => Tensor

const unaries: Record<string, [Unary, low?: number]> = {
  negate: [negate],
  absolute: [absolute],
  reciprocal: [reciprocal, 0.8],
  square: [square],
  sqrt: [sqrt, 0.8],
  rsqrt: [rsqrt, 0.8],
  exp: [exp],
  log: [log, 0.8],
  tanh: [tanh],
  sigmoid: [sigmoid],
  relu: [relu],
  gelu: [gelu],
  silu: [silu],
  sin: [sin],
  cos: [cos],
}

const binaries: Record<string, Binary> = { add, subtract, multiply, divide, maximum, minimum, power }

/** Both of one shape, and each side stretched: a missing axis, an axis of 1, a scalar, both at once. */
const pairs: [Shape, Shape][] = [
  [m23, m23],
  [m23, [3]],
  [[3], m23],
  [m23, []],
  [[], m23],
  [
    [2, 1],
    [1, 3],
  ],
]

const ternaries: [Shape, Shape][] = [...pairs, [[3], [3]]]

const q = [2, 4, 4, 2]
const kv = (groups: number, keys = 4) => [2, keys, groups, 2]
const options = (name: string, more: object, shapes: Shape[]): Case => ({
  name: `attention, ${name}`,
  shapes,
  of: (a, b, c) => attention(a, b, c, more),
})

const cases: Case[] = [
  ...Object.entries(unaries).map(([name, [of, low]]): Case => ({ name, shapes: [m23], low, high: 2, of })),
  ...Object.entries(binaries).flatMap(([name, of]) => [
    ...pairs.map(([a, b]): Case => ({ name: `${name} of [${a}] and [${b}]`, shapes: [a, b], low: 0.5, high: 2, of })),
    { name: `${name} with a number on the right`, shapes: [m23], low: 0.5, high: 2, of: (x) => of(x, 1.25) } as Case,
    { name: `${name} with a number on the left`, shapes: [m23], low: 0.5, high: 2, of: (x) => of(1.25, x) } as Case,
  ]),
  { name: 'multiply of a value with itself', shapes: [m23], of: (x) => multiply(x, x) },
  ...ternaries.map(
    ([a, b]): Case => ({
      name: `where of [${a}] and [${b}]`,
      shapes: [a, b],
      of: (x, y) => where(constant([1, 0, 1], [3]), x, y),
    }),
  ),
  { name: 'where with a computed condition', shapes: [m23, [3]], of: (x, y) => where(less(x, y), multiply(x, y), y) },
  { name: 'broadcastTo new axes', shapes: [[3]], of: (x) => broadcastTo(x, [2, 2, 3]) },
  { name: 'broadcastTo axes of 1', shapes: [[2, 1]], of: (x) => square(broadcastTo(x, [4, 2, 3])) },
  { name: 'convert to the same dtype', shapes: [m23], of: (x) => convert(x, 'f32') },

  { name: 'sum of everything', shapes: [m23], of: (x) => square(sum(x)) },
  { name: 'sum over an axis', shapes: [[2, 3, 2]], of: (x) => square(sum(x, 1)) },
  { name: 'sum keepAxes', shapes: [[2, 3, 2]], of: (x) => multiply(x, sum(x, [0, -1], { keepAxes: true })) },
  { name: 'sum of a scalar', shapes: [[]], of: (x) => square(sum(x)) },
  { name: 'sumTo', shapes: [[2, 3, 2]], of: (x) => square(sumTo(x, [3, 1])) },
  { name: 'mean of everything', shapes: [m23], of: (x) => square(mean(x)) },
  { name: 'mean over an axis', shapes: [m23], of: (x) => square(mean(x, -1)) },
  { name: 'max of everything', shapes: [m23], of: (x) => square(max(x)) },
  { name: 'max over an axis', shapes: [[2, 3, 2]], of: (x) => square(max(x, 1)) },
  { name: 'max keepAxes', shapes: [[2, 3]], of: (x) => subtract(x, max(x, 1, { keepAxes: true })) },
  { name: 'sumSquares', shapes: [m23], of: (x) => square(sumSquares(x)) },
  { name: 'globalNorm', shapes: [m23, [2]], of: (x, y) => globalNorm([x, y]) },

  { name: 'reshape', shapes: [m23], of: (x) => square(reshape(x, [3, -1])) },
  { name: 'transpose of the last two', shapes: [[2, 3, 4]], of: (x) => square(transpose(x)) },
  { name: 'transpose with axes', shapes: [[2, 3, 4]], of: (x) => transpose(x, [2, 0, 1]) },
  { name: 'slice', shapes: [[2, 4, 2]], of: (x) => square(slice(x, 1, 1, 3)) },
  { name: 'slice of nothing', shapes: [m23], of: (x) => add(sum(slice(x, 0, 1, 1)), x) },
  { name: 'pad', shapes: [[2, 2]], of: (x) => square(pad(x, -1, 1, 5)) },
  { name: 'split', shapes: [[2, 6]], of: (x) => split(x, 1, 3).reduce((a, b) => multiply(a, b)) },
  { name: 'split with a part unused', shapes: [[2, 6]], of: (x) => split(x, 1, 2)[1] },
  { name: 'concat', shapes: [[2, 1], m23, [2, 2]], of: (...xs) => square(concat(xs, 1)) },
  { name: 'concat of a value with itself', shapes: [m23], of: (x) => square(concat([x, x], 0)) },

  ...[false, true].flatMap((transposeA) =>
    [false, true].flatMap((transposeB): Case[] => {
      const of: Case['of'] = (a, b) => matmul(a, b, { transposeA, transposeB })
      const a = transposeA ? [3, 2] : [2, 3]
      const b = transposeB ? [4, 3] : [3, 4]
      const name = `matmul ${transposeA ? 'aᵀ' : 'a'}${transposeB ? 'bᵀ' : 'b'}`
      return [
        { name, shapes: [a, b], of },
        {
          name: `${name}, batched`,
          shapes: [
            [2, 2, ...a],
            [2, 2, ...b],
          ],
          of,
        },
        { name: `${name}, b of two axes`, shapes: [[2, 2, ...a], b], of },
      ]
    }),
  ),
  { name: 'matmul of a value with itself', shapes: [[2, 3]], of: (x) => matmul(x, x, { transposeB: true }) },

  { name: 'softmax', shapes: [[2, 4]], of: softmax },
  { name: 'layerNorm', shapes: [[2, 2, 4], [4]], of: (x, gain) => layerNorm(x, gain) },
  { name: 'layerNorm with bias', shapes: [[2, 2, 4], [4], [4]], of: (x, gain, bias) => layerNorm(x, gain, bias) },
  { name: 'rmsNorm', shapes: [[2, 2, 4], [4]], of: (x, gain) => rmsNorm(x, gain) },
  { name: 'rotary, halves', shapes: [[2, 3, 2, 4]], of: (x) => rotary(x, ids([0, 1, 5], [3]), { theta: 10 }) },
  {
    name: 'rotary, neighbours, positions of each sequence',
    shapes: [[2, 3, 2, 4]],
    of: (x) => rotary(x, ids([0, 1, 5, 2, 3, 4], [2, 3]), { theta: 10, interleaved: true }),
  },
  options('all see all', {}, [q, kv(4), kv(4)]),
  options('causal', { causal: true }, [q, kv(4), kv(4)]),
  options('causal with earlier keys', { causal: true }, [q, kv(4, 6), kv(4, 6)]),
  options('grouped', { causal: true, scale: 0.3 }, [q, kv(2), kv(2)]),
  options('one group', {}, [q, kv(1), kv(1)]),
  options('documents', { causal: true, documents: ids([0, 0, 1, 1, 2, 2, 2, 3], [2, 4]) }, [q, kv(2), kv(2)]),
  options('lengths', { lengths: ids([3, 0], [2]) }, [q, kv(2), kv(2)]),

  { name: 'gather', shapes: [[4, 3]], of: (x) => square(gather(x, ids([1, 3, 1, 9], [2, 2]))) },
  {
    name: 'scatterAdd',
    shapes: [
      [4, 3],
      [2, 2, 3],
    ],
    of: (base, updates) => square(scatterAdd(base, ids([1, 3, 1, 9], [2, 2]), updates)),
  },
  { name: 'pick', shapes: [[2, 2, 3]], of: (x) => square(pick(x, ids([0, 2, 7, 1], [2, 2]))) },
  {
    name: 'linearCrossEntropy',
    shapes: [
      [4, 3],
      [5, 3],
    ],
    of: (x, w) => linearCrossEntropy(x, w, ids([0, 4, -1, 2], [4])),
  },
  {
    name: 'regularizedCrossEntropy',
    shapes: [
      [4, 3],
      [5, 3],
    ],
    of: (x, w) => regularizedCrossEntropy(x, w, ids([0, 4, -1, 2], [4]), { labelSmoothing: 0.2, zLoss: 0.1 }).losses,
  },
  { name: 'dropout', shapes: [[4, 4]], of: (x) => square(dropout(x, 0.4, { seed: 1, stream: 2 })) },

  // Values with several users, and what has no gradient beside what has one.
  { name: 'add of many uses', shapes: [m23, [3]], of: (x, y) => add(multiply(exp(x), y), multiply(exp(x), sin(x))) },
  { name: 'multiply by what has no gradient', shapes: [m23], of: (x) => multiply(x, add(floor(x), equal(x, 1))) },
]

const smooth: Case[] = [
  ...Object.entries(unaries)
    .filter(([name]) => name !== 'gelu' && name !== 'silu') // their derivatives are kernels without a rule
    .map(([name, [of, low]]): Case => ({ name, shapes: [m23], low, high: 2, of })),
  ...Object.entries(binaries).map(([name, of]): Case => ({ name, shapes: [m23, [3]], low: 0.5, high: 2, of })),
  { name: 'matmul', shapes: [m23, [3, 2]], of: (a, b) => tanh(matmul(a, b)) },
  { name: 'max', shapes: [m23], of: (x) => multiply(max(x, 1, { keepAxes: true }), square(x)) },
  { name: 'gather', shapes: [[4, 2]], of: (x) => exp(gather(x, ids([1, 1, 2], [3]))) },
  { name: 'mean', shapes: [[2, 4]], of: (x) => multiply(x, rsqrt(add(mean(square(x), 1, { keepAxes: true }), 1e-5))) },
]

/** Gradients of gradients: the function is the first gradient, differentiated again. */
const secondOrder = smooth.map(
  (first): Case => ({
    ...first,
    name: `${first.name}, twice`,
    of: (...inputs) => {
      const slopes = gradients(weighted(first.of(...inputs), 11), inputs)
      return concat(
        slopes.map((dx) => reshape(dx, [-1])),
        0,
      )
    },
  }),
)

/** Σ weights · y with fixed weights, so that no error of an element hides behind another's. */
function weighted(y: Tensor, seed: number): Tensor {
  return sum(multiply(y, constant(uniformValues(sizeOf(y.shape), seed, 0.5, 1.5), y.shape)))
}

/** Half a unit in the last place of 1 in f64. */
const u = 2 ** -53
const h = 2 ** -14

describe('the gradient of each operation equals central differences', () => {
  it.each([...cases, ...secondOrder])('$name', async ({ shapes, low = -1, high = 1, of }) => {
    const inputs = shapes.map((shape, i) => input(`x${i}`, shape))
    const at: Record<string, Float64Array> = Object.fromEntries(
      shapes.map((shape, i) => [`x${i}`, uniformValues(sizeOf(shape), 3 + i, low, high)]),
    )
    const y = of(...inputs)
    const loss = weighted(y, 7)
    const slopes = gradients(loss, inputs)
    const forward = doublesProgram({ outputs: { y, loss } })
    const backward = doublesProgram({ outputs: Object.fromEntries(slopes.map((dx, i) => [`x${i}`, dx])) })
    const got = (await backward.run(at)).outputs

    const lossAt = async () => (await forward.run(at)).outputs.loss[0]
    // One evaluation adds up no more than every number that goes in and comes out; each of them, and what they become
    // on the way, is about |y| + 1 in size and gets half a unit of error a rounding.
    const { outputs } = await forward.run(at)
    const roundings = 16 + outputs.y.length + shapes.reduce((total, shape) => total + sizeOf(shape), 0)
    const size = outputs.y.reduce((total, value) => total + 1.5 * (Math.abs(value) + 1), 0)
    const rounding = (roundings * u * size) / h

    for (const [name, values] of Object.entries(at)) {
      for (let i = 0; i < values.length; i++) {
        const x = values[i]
        const lossBeside = async (distance: number) => {
          values[i] = x + distance
          const beside = await lossAt()
          values[i] = x
          return beside
        }
        const slope = ((await lossBeside(h)) - (await lossBeside(-h))) / (2 * h)
        const wideSlope = ((await lossBeside(2 * h)) - (await lossBeside(-2 * h))) / (4 * h)
        // Differences over h are off by h²f‴/6 + O(h⁴), over 2h by four times that: they differ by three times the error.
        const truncation = Math.abs(wideSlope - slope)
        const tolerance = truncation + rounding
        expect(tolerance, 'a tolerance that hides mistakes').toBeLessThan(1e-6)
        expect(Math.abs(got[name][i] - slope), `${name}[${i}]: ${got[name][i]} against ${slope}`).toBeLessThan(
          tolerance,
        )
      }
    }
  })
})

describe('the table of gradients is complete', () => {
  // What builds no operation of its own, or has no gradient by its nature.
  const others = [
    ...['Tensor', 'gradients', 'input', 'state', 'constant', 'scope', 'tap', 'traced'],
    ...[
      'scalar',
      'full',
      'ones',
      'zeros',
      'randomNormal',
      'randomUniform',
      'adamwStep',
      'adamw8bitStep',
      'scalesShape',
    ],
    ...['argmax', 'less', 'equal', 'floor'],
    ...['layerNormBackward', 'linearCrossEntropyBackward', 'rmsNormBackward', 'matmulOperation', 'scatterAddOperation'],
    ...['concatOperation', 'padOperation'],
    'packedMatmulOperation',
    ...['copyPages', 'pagedAttention', 'pageShapes'],
  ]

  it('every exported function has a case', () => {
    const covered = new Set(cases.map(({ name }) => name.split(/[ ,]/)[0]))
    const functions = Object.entries(tensors).flatMap(([name, value]) =>
      typeof value === 'number' || Array.isArray(value) ? [] : [name],
    )
    expect(functions.filter((name) => !covered.has(name) && !others.includes(name))).toEqual([])
    expect(others.filter((name) => !functions.includes(name))).toEqual([])
  })

  it('every gradient rule in the sources is taken by some case', () => {
    const taken = new Set<string>(['cast']) // rounding has no differences to compare with; see below
    const seen = new Set<object>()
    const walk = ({ node }: Tensor) => {
      if (seen.has(node)) return
      seen.add(node)
      if (node.operation.gradient !== undefined) taken.add(node.operation.name)
      for (const next of node.inputs) if (next !== null) walk(next)
    }
    for (const { shapes, of } of cases) walk(of(...shapes.map((shape, i) => input(`x${i}`, shape))))
    const folder = new URL('../src/tensor/ops/', import.meta.url)
    const written = readdirSync(folder).flatMap((file) => {
      const source = readFileSync(new URL(file, folder), 'utf8')
      // One declaration ends where the next begins.
      return source.split(/operation\(\{/).flatMap((text) => {
        const name = /^\s*name: '([^']+)'/.exec(text)?.[1]
        return name !== undefined && /\n\s+gradient[:(]/.test(text.split('\n})')[0]) ? [name] : []
      })
    })
    expect(written).toContain('attention')
    expect(written.filter((name) => !taken.has(name))).toEqual([])
  })
})

describe('gradients where a derivative jumps, or is chosen', () => {
  const slopeOf = async (of: (x: Tensor) => Tensor, values: number[]) => {
    const x = input('x', [values.length])
    return [...(await doublesProgram({ outputs: { dx: gradients(sum(of(x)), [x])[0] } }).run({ x: values })).outputs.dx]
  }

  it.each<[string, (x: Tensor) => Tensor, number[], number[]]>([
    ['max shares its gradient among equals', (x) => max(x), [2, 1, 2, 0], [0.5, 0, 0.5, 0]],
    ['maximum gives a tie to its first operand', (x) => maximum(x, constant([1, 1], [2])), [1, 0], [1, 0]],
    [
      'maximum gives a tie to its first operand, from the second',
      (x) => maximum(constant([1, 1], [2]), x),
      [1, 2],
      [0, 1],
    ],
    ['minimum gives a tie to its first operand', (x) => minimum(x, constant([1, 1], [2])), [1, 2], [1, 0]],
    [
      'minimum gives a tie to its first operand, from the second',
      (x) => minimum(constant([1, 1], [2]), x),
      [1, 0],
      [0, 1],
    ],
    ['absolute is flat at 0', absolute, [0, -1, 1], [0, -1, 1]],
    ['relu is flat at 0', relu, [0, -1, 1], [0, 0, 1]],
    ['floor is flat', floor, [0.5, 1], [0, 0]],
    ['less is flat', (x) => less(x, 0), [0.5, -1], [0, 0]],
    ['equal is flat', (x) => equal(x, 1), [0.5, 1], [0, 0]],
    ['convert passes through as if nothing was rounded', (x) => multiply(convert(x, 'bf16'), 3), [0.1, 1], [3, 3]],
    ['power of 0 by a number', (x) => power(x, 2), [0, -2], [0, -4]],
    ['what the loss does not depend on', () => constant([1, 2], [2]), [5, 6, 7], [0, 0, 0]],
  ])('%s', async (_name, of, values, expected) => {
    expect(await slopeOf(of, values)).toEqual(expected)
  })

  it('is 1 for the loss itself', async () => {
    const x = input('x', [1])
    const { outputs } = await doublesProgram({ outputs: { dx: gradients(x, [x])[0] } }).run({ x: [5] })
    expect([...outputs.dx]).toEqual([1])
  })

  it('reaches values behind others that were asked for', async () => {
    const x = input('x', [])
    const y = multiply(x, 3)
    const [dy, dx] = gradients(square(y), [y, x])
    const { outputs } = await doublesProgram({ outputs: { dx, dy } }).run({ x: [2] })
    expect(outputs.dy[0]).toBe(12) // 2y
    expect(outputs.dx[0]).toBe(36) // 2·3x·3
  })

  it('refuses a loss of many numbers', () => {
    const x = input('x', [2])
    expect(() => gradients(x, [x])).toThrow('gradients: the loss must be one number, got [2]')
  })

  it('refuses to pass through what training only looks at', () => {
    const x = input('x', [2, 3])
    const { nats } = regularizedCrossEntropy(x, input('w', [5, 3]), ids([0, 4], [2]), { zLoss: 1 })
    expect(() => gradients(sum(nats), [x])).toThrow('regularizedCrossEntropy: nats have no gradient')
  })

  it('refuses to pass through an operation without a rule', () => {
    const x = input('x', [3])
    expect(() => gradients(convert(argmax(x), 'f32'), [x])).toThrow(
      'argmax has no gradient rule, and the loss depends on it',
    )
  })
})
