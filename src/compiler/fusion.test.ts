import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Doubles, doublesProgram } from '../../test/doubles.ts'
import { interpret } from '../../test/interpret.ts'
import { forbiddenOverlaps } from '../../test/overlaps.ts'
import { uniformValues } from '../../test/random-values.ts'
import { broadcastShapes, sizeOf } from '../base/index.ts'
import {
  absolute,
  add,
  broadcastTo,
  constant,
  convert,
  divide,
  exp,
  gelu,
  gradients,
  input,
  layerNorm,
  linearCrossEntropy,
  matmul,
  max,
  maximum,
  multiply,
  negate,
  relu,
  reshape,
  rmsNorm,
  sigmoid,
  silu,
  softmax,
  state,
  subtract,
  sum,
  type Tensor,
  tanh,
  transpose,
  where,
} from '../tensor/index.ts'
import type { Computation } from './lower.ts'

/** One random step: what to do, and with which of the values there are so far. */
interface Draw {
  readonly kind: number
  readonly a: number
  readonly b: number
  readonly c: number
}

const number = fc.noBias(fc.nat(99))
const draw = fc.record<Draw>({ kind: number, a: number, b: number, c: number })
const shapes = [[2, 3], [3, 2], [6], [3], [1, 3], [2, 1], [], [2, 3], [3, 3]]
const unaries = [negate, absolute, tanh, sigmoid, relu, gelu, silu, (x: Tensor) => exp(negate(absolute(x)))]
const binaries = [add, subtract, multiply, maximum, add, add]

/** Bounded, so that numbers stay numbers; the same everywhere, so that results can be compared to the last bit. */
function grow(values: Tensor[], { kind, a, b, c }: Draw): Tensor {
  // Mostly of what was written last, so that chains grow long.
  const x = values[a % 4 === 0 ? a % values.length : values.length - 1 - (a % 5)]
  const partners = values.filter((y) => broadcastShapes(x.shape, y.shape) !== undefined)
  const y = partners[b % partners.length]
  const joined = broadcastShapes(x.shape, y.shape)!
  const third = values.filter((z) => broadcastShapes(joined, z.shape) !== undefined)
  if (kind < 25) return unaries[b % unaries.length](x)
  if (kind < 55) return binaries[c % binaries.length](x, y)
  if (kind < 60) return where(subtract(x, y), third[c % third.length], y)
  if (kind < 64)
    return binaries[c % binaries.length](x, [0, -0, 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][b % 5])
  if (kind < 70) {
    const same = shapes.filter((shape) => sizeOf(shape) === sizeOf(x.shape))
    return b % 2 === 0 && same.length > 0 ? reshape(x, same[c % same.length]) : reshape(x, [1, -1])
  }
  if (kind < 74) return convert(convert(multiply(x, 4), b % 2 === 0 ? 'bf16' : 'i32'), c % 2 === 0 ? 'f32' : 'bf16')
  if (kind < 78) return sum(x, x.rank === 0 ? undefined : b % x.rank, { keepAxes: c % 2 === 0 })
  if (kind < 80) return max(x, x.rank === 0 ? undefined : b % x.rank, { keepAxes: true })
  if (kind < 83) return broadcastTo(x, [2, ...x.shape].slice(-3))
  if (kind < 92) {
    const left = values.filter((m) => m.rank === 2)
    const m = left[a % left.length]
    const right = left.filter((n) => n.shape[0] === m.shape[1])
    return right.length === 0 ? matmul(m, m, { transposeB: true }) : matmul(m, right[b % right.length])
  }
  if (kind < 94) return x.rank < 2 ? x : transpose(x)
  const gain = constant(uniformValues(x.shape[x.rank - 1] ?? 1, 5), [x.shape[x.rank - 1] ?? 1])
  if (x.rank === 0) return x
  const rows = convert(x, 'f32')
  return kind < 96 ? softmax(rows) : kind < 98 ? layerNorm(rows, gain, gain) : rmsNorm(rows, gain)
}

interface Drawn {
  readonly draws: readonly Draw[]
  readonly outputs: readonly number[]
  readonly updates: readonly number[]
}

const drawn = fc.record<Drawn>({
  draws: fc.array(draw, { minLength: 1, maxLength: 30, size: 'max' }),
  outputs: fc.array(number, { minLength: 1, maxLength: 4 }),
  updates: fc.array(number, { maxLength: 5, size: 'max' }),
})

function computationOf({ draws, outputs, updates }: Drawn): Computation {
  const given = shapes.slice(0, 7).map((shape, i) => input(`x${i}`, shape))
  const states = shapes.slice(4).map((shape, i) => state(`s${i}`, shape))
  const values: Tensor[] = [...given, ...states]
  for (const one of draws) values.push(grow(values, one))
  // The values written last depend on most.
  const late = (i: number) => values[values.length - 1 - (i % Math.min(values.length, 12))]
  return {
    outputs: Object.fromEntries(outputs.map((at, i) => [`y${i}`, late(at)])),
    updates: states.flatMap((target, i): [Tensor, Tensor][] => {
      if (updates[i] === undefined) return []
      const fitting = values.filter(
        ({ shape, dtype }) => dtype === 'f32' && `${shape}` === `${target.shape}` && shape.length === target.rank,
      )
      return [[target, fitting[fitting.length - 1 - (updates[i] % fitting.length)]]]
    }),
  }
}

function contentsOf(names: Iterable<readonly [string, readonly number[]]>, seed: number): Doubles {
  return Object.fromEntries([...names].map(([name, shape], i) => [name, uniformValues(sizeOf(shape), seed + i)]))
}

const inputValues = contentsOf(
  shapes.slice(0, 7).map((shape, i) => [`x${i}`, shape] as const),
  20,
)
const stateValues = contentsOf(
  shapes.slice(4).map((shape, i) => [`s${i}`, shape] as const),
  40,
)

describe('a compiled program computes what the tensors say, whatever is fused, shared or done in place', () => {
  it('on random graphs, to the last bit of f64', async () => {
    let fewer = 0
    let inPlace = 0
    await fc.assert(
      fc.asyncProperty(drawn, async (one) => {
        const computation = computationOf(one)
        const fused = doublesProgram(computation, {}, stateValues)
        const plain = doublesProgram(computation, { fuse: false }, stateValues)
        expect(fused.plan.calls.length).toBeLessThanOrEqual(plain.plan.calls.length)
        fewer += fused.plan.calls.length < plain.plan.calls.length ? 1 : 0
        for (const { plan } of [fused, plain]) expect(forbiddenOverlaps(plan)).toEqual([])
        let before = stateValues
        // Twice, because the second run begins with what the first has left in state and in the arena.
        for (let run = 0; run < 2; run++) {
          const expected = interpret(computation, inputValues, before)
          for (const program of [fused, plain]) {
            const got = await program.run(inputValues)
            expect(got.outputs).toEqual(expected.outputs)
            for (const [name, values] of Object.entries(got.states)) expect(values, name).toEqual(expected.states[name])
          }
          before = expected.states
        }
        const copies = fused.plan.calls.filter(
          ({ kernel, attributes }) => kernel === 'elementwise' && (attributes[0] as number[]).length === 0,
        )
        if ((computation.updates?.length ?? 0) > copies.length) inPlace++
      }),
      { numRuns: 600, seed: 1 },
    )
    // The generator must reach what the test is about.
    expect(fewer).toBeGreaterThan(300)
    expect(inPlace).toBeGreaterThan(120)
  }, 120_000)

  const x = input('x', [1, 4])
  const ids = constant([0, 2, 1], [3], 'i32')
  const crossed = () => {
    const rows = input('rows', [3, 4])
    const [first, second] = ['a', 'b'].map((name) => linearCrossEntropy(rows, input(name, [5, 4]), ids))
    const loss = multiply(sum(first), sum(second))
    return { loss, drows: gradients(loss, [rows])[0] }
  }
  it.each<[string, Record<string, Tensor>]>([
    ['a value rounded to bf16 inside a chain', { y: add(x, convert(convert(multiply(x, 3), 'bf16'), 'f32')) }],
    ['a value cut to i32 inside a chain', { y: add(multiply(x, 8), convert(multiply(x, 8), 'i32')) }],
    [
      'a value rounded in one of two chains that meet',
      { y: add(convert(exp(x), 'bf16'), subtract(exp(x), convert(exp(x), 'bf16'))) },
    ],
    ['a view inside a chain', { y: add(reshape(exp(x), [4]), x) }],
    ['a view of a constant inside a chain', { y: add(x, reshape(broadcastTo(constant([2], [1]), [4]), [1, 4])) }],
    [
      'zeros of both signs',
      { y: multiply(divide(1, add(multiply(x, -0), 0)), divide(1, add(multiply(absolute(x), -0), -0))) },
    ],
    [
      'a residual that needs the product',
      { y: add(gelu(matmul(x, x, { transposeB: true })), matmul(x, x, { transposeB: true })) },
    ],
    ['two losses whose gradients need each other', crossed()],
    ['a broadcast that is a result', { y: broadcastTo(exp(x), [3, 4]), z: add(broadcastTo(exp(x), [3, 4]), 1) }],
  ])('of %s', async (_name, outputs) => {
    const at = {
      ...contentsOf(
        [
          ['x', [1, 4]],
          ['rows', [3, 4]],
          ['a', [5, 4]],
          ['b', [5, 4]],
        ],
        60,
      ),
    }
    for (const fuse of [true, false]) {
      const program = doublesProgram({ outputs }, { fuse })
      expect(forbiddenOverlaps(program.plan)).toEqual([])
      expect((await program.run(at)).outputs).toEqual(interpret({ outputs }, at).outputs)
    }
  })
})
