import { describe, expect, it } from 'vitest'
import { kernelsOf } from '../../test/doubles.ts'
import {
  adamwStep,
  add,
  concat,
  constant,
  convert,
  dropout,
  exp,
  gather,
  gelu,
  gradients,
  input,
  layerNorm,
  linearCrossEntropy,
  matmul,
  multiply,
  ones,
  randomNormal,
  randomUniform,
  regularizedCrossEntropy,
  relu,
  reshape,
  rmsNorm,
  scatterAdd,
  sin,
  slice,
  softmax,
  split,
  state,
  subtract,
  sum,
  type Tensor,
  transpose,
  zeros,
} from '../tensor/index.ts'
import type { Computation } from './lower.ts'
import { type Plan, type PlanOptions, plan } from './plan.ts'

// What fusing must do; that it never changes a result is the law of fusion.test.ts and of program.test.ts.

const planOf = (outputs: Record<string, Tensor>, options?: PlanOptions): Plan => plan({ outputs }, options)
const kernels = (computation: Computation) => kernelsOf(plan(computation))
const targets = constant([0, 1, 2, 0], [4], 'i32')

describe('element-by-element chains', () => {
  const x = input('x', [2, 3])
  const y = input('y', [3])

  it('become one call, which reads each input and writes each result once', () => {
    const { calls } = planOf({ z: sin(add(multiply(x, y), multiply(x, 2))) })
    expect(calls).toHaveLength(1)
    expect(calls[0].inputs).toHaveLength(2)
    expect(calls[0].outputs).toHaveLength(1)
  })

  it('keep what someone reads between', () => {
    const between = exp(x)
    const { calls } = planOf({ between, z: sin(between), total: sum(between) })
    expect(calls.map(({ kernel }) => kernel)).toEqual(['elementwise', 'sum'])
    expect(calls[0].outputs).toHaveLength(2)
  })

  it('are cut where the shape changes', () => {
    expect(kernels({ outputs: { z: add(x, exp(y)) } })).toEqual(['elementwise', 'elementwise'])
    expect(kernels({ outputs: { z: exp(softmax(exp(x))) } })).toEqual(['elementwise', 'softmax', 'elementwise'])
  })

  it('read constants and broadcasts without storing them', () => {
    expect(kernels({ outputs: { z: multiply(x, ones([2, 3])) } })).toEqual(['elementwise'])
    expect(kernels({ outputs: { z: multiply(x, reshape(ones([]), [1, 1])) } })).toEqual(['elementwise'])
    expect(planOf({ z: multiply(x, ones([2, 3])) }).calls[0].inputs).toHaveLength(1)
  })

  it('store a constant for a kernel that needs its memory', () => {
    expect(kernels({ outputs: { z: softmax(zeros([2, 3])) } })).toEqual(['elementwise', 'softmax'])
  })

  it('take no part when fuse is off', () => {
    expect(planOf({ z: sin(add(multiply(x, y), x)) }, { fuse: false }).calls).toHaveLength(3)
  })
})

describe('equal computations are one', () => {
  const x = input('x', [2, 3])

  it('with the same operation, inputs and attributes', () => {
    expect(kernels({ outputs: { z: multiply(softmax(x), softmax(input('x', [2, 3]))) } })).toEqual([
      'softmax',
      'elementwise',
    ])
  })

  it('and two draws with one key, but not with two', () => {
    const key = { seed: 1, stream: 2 }
    const draws = (a: typeof key, b: typeof key) =>
      kernels({ outputs: { z: subtract(randomUniform([8], a), randomUniform([8], b)) } })
    expect(draws(key, { ...key })).toEqual(['random-uniform', 'elementwise'])
    expect(draws(key, { ...key, stream: 3 })).toEqual(['random-uniform', 'random-uniform', 'elementwise'])
    expect(draws(key, { ...key, seed: 2 })).toEqual(['random-uniform', 'random-uniform', 'elementwise'])
    const sizes = { a: sum(randomNormal([8], key)), b: sum(randomNormal([4], key)) }
    expect(kernels({ outputs: sizes })).toEqual(['random-normal', 'sum', 'random-normal', 'sum'])
  })

  it('so that dropout and its gradient share a mask', () => {
    const y = softmax(dropout(softmax(x), 0.5, { seed: 1, stream: 1 }))
    const [dx] = gradients(sum(multiply(y, y)), [x])
    expect(kernels({ outputs: { y, dx } }).filter((kernel) => kernel === 'random-uniform')).toHaveLength(1)
  })

  it('but not where attributes differ, even where JSON would not tell them apart', () => {
    const parts = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 0, -0].map((value) =>
      multiply(x, value),
    )
    const { calls } = planOf({ z: concat(parts, 0) }, { fuse: false })
    expect(calls.filter(({ kernel }) => kernel === 'elementwise')).toHaveLength(5)
    expect(
      kernels({ outputs: { z: concat([layerNorm(x, ones([3])), layerNorm(x, ones([3]), null, { epsilon: 1 })], 0) } }),
    ).toEqual(['elementwise', 'layer-norm', 'layer-norm', 'concat'])
  })

  it('and what nobody needs is not computed', () => {
    const [a] = gradients(sum(multiply(softmax(x), 2)), [x])
    expect(kernels({ outputs: { y: exp(x) } })).toEqual(['elementwise'])
    expect(a.shape).toEqual([2, 3])
  })
})

describe('epilogues of matmul', () => {
  const x = input('x', [4, 3])
  const w = input('w', [3, 5])
  const bias = input('bias', [5])
  const residual = input('residual', [4, 5])

  const only = (y: Tensor, extra: Record<string, Tensor> = {}) => {
    const { calls } = planOf({ y, ...extra })
    expect(calls.map(({ kernel }) => kernel)).toEqual(['matmul'])
    const [call] = calls
    return {
      inputs: call.inputs.map((ref) => ref?.shape ?? null),
      pre: call.outputs[1] !== null && call.outputs[1] !== undefined,
      activation: call.attributes[2],
    }
  }

  it('take in a bias, from either side, and behind a view', () => {
    const expected = { inputs: [[4, 3], [3, 5], [5], null], pre: false, activation: 0 }
    expect(only(add(matmul(x, w), bias))).toEqual(expected)
    expect(only(add(bias, matmul(x, w)))).toEqual(expected)
    expect(only(add(matmul(reshape(x, [2, 2, 3]), w), bias))).toEqual(expected)
  })

  it('take in a residual, after a bias and an activation', () => {
    expect(only(add(matmul(x, w), residual))).toEqual({
      inputs: [[4, 3], [3, 5], null, [4, 5]],
      pre: false,
      activation: 0,
    })
    expect(only(add(residual, relu(add(matmul(x, w), bias))))).toEqual({
      inputs: [[4, 3], [3, 5], [5], [4, 5]],
      pre: false,
      activation: 1,
    })
  })

  it('keep the value before an activation when someone needs it', () => {
    const pre = add(matmul(x, w), bias)
    expect(only(gelu(pre)).pre).toBe(false)
    expect(only(gelu(pre), { pre })).toEqual({ inputs: [[4, 3], [3, 5], [5], null], pre: true, activation: 2 })
  })

  it('leave alone what is not of one row or one shape', () => {
    expect(kernels({ outputs: { y: add(matmul(x, w), input('column', [4, 1])) } })).toEqual(['matmul', 'elementwise'])
    expect(kernels({ outputs: { y: add(matmul(x, w), input('number', [])) } })).toEqual(['matmul', 'elementwise'])
    expect(kernels({ outputs: { y: add(matmul(x, w), input('stack', [2, 4, 5])) } })).toEqual(['matmul', 'elementwise'])
    expect(kernels({ outputs: { y: add(matmul(x, w), matmul(x, w)) } })).toEqual(['matmul', 'elementwise'])
    expect(kernels({ outputs: { y: add(matmul(x, w), input('counts', [5], 'i32')) } })).toEqual([
      'matmul',
      'elementwise',
    ])
  })

  it('leave a product alone that someone else reads', () => {
    const product = matmul(x, w)
    expect(kernels({ outputs: { product, y: add(product, bias) } })).toEqual(['matmul', 'elementwise'])
  })

  it('do not add what needs the product itself', () => {
    const pre = matmul(x, w)
    expect(kernels({ outputs: { y: add(gelu(pre), pre) } })).toEqual(['matmul', 'elementwise'])
    expect(kernels({ outputs: { y: add(gelu(pre), softmax(pre)) } })).toEqual(['matmul', 'softmax', 'elementwise'])
  })
})

describe('the residual of a norm’s backward', () => {
  it.each([
    ['layer-norm-backward', (x: Tensor, gain: Tensor) => layerNorm(x, gain)],
    ['rms-norm-backward', (x: Tensor, gain: Tensor) => rmsNorm(x, gain)],
  ])('is taken in by %s', (kernel, norm) => {
    const x = input('x', [4, 3])
    const gain = input('gain', [3])
    const y = add(x, softmax(norm(x, gain)))
    const [dx] = gradients(sum(multiply(y, constant([1, 2, 3], [3]))), [x])
    const { calls } = planOf({ dx })
    const call = calls.find((one) => one.kernel === kernel)!
    expect(call.inputs[3]?.shape).toEqual([4, 3])
    expect(calls.at(-1)).toBe(call)
  })
})

describe('cross-entropy', () => {
  const x = input('x', [4, 3])
  const w = input('w', [5, 3])
  const losses = linearCrossEntropy(x, w, targets)

  it('reads the losses off the backward where that runs anyway', () => {
    const loss = sum(losses)
    const [dx, dw] = gradients(loss, [x, w])
    expect(kernels({ outputs: { loss, dx, dw } }).filter((kernel) => kernel.startsWith('linear'))).toEqual([
      'linear-cross-entropy-backward',
    ])
  })

  it('runs the forward where nobody asks for gradients', () => {
    expect(kernels({ outputs: { losses } })).toEqual(['linear-cross-entropy'])
  })

  it('runs both where the gradients of the losses depend on the losses', () => {
    const loss = sum(multiply(losses, losses))
    const [dx] = gradients(loss, [x])
    expect(kernels({ outputs: { loss, dx } }).filter((kernel) => kernel.startsWith('linear'))).toEqual([
      'linear-cross-entropy',
      'linear-cross-entropy-backward',
    ])
  })

  it('reads what training only looks at off the backward too', () => {
    const { losses, nats } = regularizedCrossEntropy(x, w, targets, { labelSmoothing: 0.1, zLoss: 1e-4 })
    const [dx] = gradients(sum(losses), [x])
    const { calls } = planOf({ losses, nats, dx })
    const call = calls.find(({ kernel }) => kernel === 'linear-cross-entropy-backward')!
    expect(calls.filter(({ kernel }) => kernel.startsWith('linear'))).toEqual([call])
    expect(call.attributes).toEqual([0.1, 1e-4, 0])
    expect(call.outputs).toHaveLength(5)
  })

  it('runs both where they are not of the same loss', () => {
    const { losses: others } = regularizedCrossEntropy(x, w, targets, { labelSmoothing: 0.1 })
    const [dx] = gradients(sum(others), [x])
    expect(kernels({ outputs: { losses, dx } }).filter((kernel) => kernel.startsWith('linear'))).toEqual([
      'linear-cross-entropy',
      'linear-cross-entropy-backward',
    ])
  })

  it('merges one of two that need each other', () => {
    const others = linearCrossEntropy(x, input('w2', [5, 3]), targets)
    const loss = multiply(sum(losses), sum(others))
    const [dx] = gradients(loss, [x])
    expect(
      kernels({ outputs: { loss, dx } })
        .filter((kernel) => kernel.startsWith('linear'))
        .sort(),
    ).toEqual(['linear-cross-entropy', 'linear-cross-entropy-backward', 'linear-cross-entropy-backward'])
  })
})

describe('scatter-add', () => {
  const ids = input('ids', [4], 'i32')

  it('adds to the other gradient of a shared table in place of a table of zeros', () => {
    const table = input('table', [5, 3])
    const losses = linearCrossEntropy(softmax(gather(table, ids)), table, targets)
    const [dTable] = gradients(sum(losses), [table])
    const { calls } = planOf({ dTable })
    expect(calls.map(({ kernel }) => kernel)).toEqual([
      'gather',
      'softmax',
      'elementwise',
      'linear-cross-entropy-backward',
      'softmax-backward',
      'scatter-add',
    ])
    const base = calls[5].inputs[0]!
    expect(base).toEqual(calls[3].outputs[2]) // dw, where the backward left it
    expect(calls[5].outputs[0]).toEqual(base)
  })

  it('is left alone when its table does not begin with zeros, or is read by others', () => {
    const g = input('g', [5, 3])
    const updates = input('updates', [4, 3])
    expect(kernels({ outputs: { y: add(g, scatterAdd(exp(g), ids, updates)) } })).toEqual([
      'elementwise',
      'scatter-add',
      'elementwise',
    ])
    const table = scatterAdd(zeros([5, 3]), ids, updates)
    expect(kernels({ outputs: { table, y: add(g, table) } })).toEqual(['elementwise', 'scatter-add', 'elementwise'])
  })
})

describe('the gradient of a split', () => {
  const x = input('x', [4, 6])
  const slope = (y: Tensor) => gradients(sum(y), [x])[0]

  it('is the concatenation of the gradients of its parts', () => {
    const [a, b, c] = split(x, 1, 3)
    const dx = slope(multiply(multiply(softmax(a), softmax(c)), softmax(b)))
    const made = planOf({ dx })
    expect(kernelsOf(made).filter((kernel) => kernel === 'pad' || kernel === 'concat')).toEqual(['concat'])
    expect(made.calls.at(-1)!.inputs).toHaveLength(3)
  })

  it('is found inside a greater sum', () => {
    const parts = () => split(x, 1, 3).map((part) => softmax(softmax(part)))
    const [a, b, c] = parts()
    const dx = slope(multiply(multiply(multiply(a, b), c), softmax(slice(x, 1, 0, 2))))
    const count = (kernel: string) => kernels({ outputs: { dx } }).filter((name) => name === kernel).length
    expect([count('concat'), count('pad')]).toEqual([1, 1])
  })

  it('is a sum where parts are missing, overlap, or lie along two axes', () => {
    const [a, , c] = split(x, 1, 3)
    const overlapping = multiply(softmax(slice(x, 1, 0, 4)), softmax(slice(x, 1, 2, 6)))
    const crossed = multiply(sum(softmax(slice(x, 1, 0, 3))), sum(softmax(slice(x, 0, 2, 4))))
    const alike = multiply(softmax(slice(x, 1, 0, 3)), softmax(slice(x, 1, 1, 4))) // together as long as the axis
    for (const y of [multiply(softmax(a), softmax(c)), overlapping, alike, crossed])
      expect(
        kernels({ outputs: { dx: slope(y) } }).filter((kernel) => kernel === 'pad' || kernel === 'concat'),
      ).toEqual(['pad', 'pad'])
  })
})

describe('memory', () => {
  it('of state is where its new contents are written', () => {
    const names = ['w', 'm', 'v'].map((name) => state(name, [6]))
    const [weight, m, v] = names
    const step = adamwStep({ weight, m, v }, input('g', [6]), input('control', [4]), {
      beta1: 0.9,
      beta2: 0.99,
      epsilon: 1e-8,
      weightDecay: 0.1,
    })
    const { calls, arenaBytes } = plan({
      outputs: {},
      updates: [
        [weight, step.weight],
        [m, step.m],
        [v, step.v],
      ],
    })
    expect(calls).toHaveLength(1)
    expect(calls[0].outputs).toEqual(calls[0].inputs.slice(0, 3))
    expect(arenaBytes).toBe(128) // the gradient and the control
  })

  it('of state is written once nobody reads the old contents, by any kernel', () => {
    const w = state('w', [2, 3])
    const { calls } = plan({ outputs: { y: sum(w) }, updates: [[w, transpose(input('x', [3, 2]))]] })
    expect(calls.map(({ kernel }) => kernel)).toEqual(['sum', 'transpose'])
    expect(calls[1].outputs[0]!.segment).toBe(1)
  })

  it('of state is copied to at the end when the old contents are read after the new are computed', () => {
    const w = state('w', [3])
    const next = multiply(softmax(w), 2)
    const { calls } = plan({ outputs: { y: sum(multiply(softmax(add(next, w)), w)) }, updates: [[w, next]] })
    const last = calls.at(-1)!
    expect(last.outputs[0]!.segment).toBe(1)
    expect(last.attributes).toEqual([[], [0]])
    expect(calls.slice(0, -1).every((call) => call.outputs.every((ref) => ref?.segment === 0))).toBe(true)
  })

  it('of a constant is never written over, of an input only when it has been read', () => {
    const x = input('x', [64])
    const c = constant(new Float32Array(64), [64])
    const { calls, inputs, constants } = planOf({ y: softmax(add(softmax(x), softmax(c))) })
    const outputs = calls.map((call) => call.outputs[0]!.offset)
    expect(outputs).not.toContain(constants[0].to.offset)
    expect(outputs[0]).not.toBe(inputs.get('x')!.offset)
    expect(outputs.slice(1)).toContain(inputs.get('x')!.offset)
  })

  it('is shared by a chain of kernels that work in place', () => {
    const n = 1024
    let x: Tensor = exp(input('x', [1, n]))
    for (let i = 0; i < 6; i++) x = softmax(x)
    expect(planOf({ x: softmax(multiply(x, 2)) }).arenaBytes).toBe(2 * 4 * n) // the input, and one value
  })
})

describe('costs', () => {
  it('are those of the tensors, fused or not', () => {
    const x = input('x', [4, 3])
    const w = state('w', [3, 5])
    const y = gelu(add(matmul(x, w), input('bias', [5])))
    for (const fuse of [true, false]) expect(planOf({ y }, { fuse }).flops).toBe(2 * 4 * 3 * 5 + 20 + 20)
    const made = planOf({ y })
    expect(made.bytesMoved).toBe(4 * (12 + 15 + 5 + 20))
    expect(made.stateBytes).toBe(60)
    expect(made.callFlops).toEqual([160])
  })

  it('of precision bf16 is an attribute of every product', () => {
    const y = matmul(input('x', [2, 2]), input('w', [2, 2]))
    expect(planOf({ y }, { precision: 'bf16' }).calls[0].attributes).toEqual([0, 0, 0, 1])
    expect(planOf({ y }).calls[0].attributes).toEqual([0, 0, 0, 0])
  })
})

describe('mistakes', () => {
  it('in names of state and input are told', () => {
    const twice = { outputs: { y: add(sum(state('w', [2])), sum(state('w', [3]))) } }
    expect(() => plan(twice)).toThrow('state w: is used as f32 [2] and as f32 [3]')
    const dtypes = { outputs: { y: add(input('x', [2]), input('x', [2], 'i32')) } }
    expect(() => plan(dtypes)).toThrow('input x: is used as f32 [2] and as i32 [2]')
  })

  it('in updates are told', () => {
    const w = state('w', [2])
    expect(() => plan({ outputs: {}, updates: [[input('x', [2]), w]] })).toThrow(
      'only state can be updated, got given#',
    )
    expect(() => plan({ outputs: {}, updates: [[w, zeros([3])]] })).toThrow(
      'update: w is [2] but its new contents are [3]',
    )
    const changes: [Tensor, Tensor][] = [
      [w, add(w, 1)],
      [state('w', [2]), add(w, 2)],
    ]
    expect(() => plan({ outputs: {}, updates: changes })).toThrow('w is updated twice')
  })

  it('of a state and an input with one name are none', () => {
    const { inputs, states } = planOf({ y: add(input('x', [2]), convert(state('x', [2], 'i32'), 'f32')) })
    expect([...inputs.keys()]).toEqual(['x'])
    expect(states).toEqual([{ name: 'x', shape: [2], dtype: 'i32' }])
  })
})
