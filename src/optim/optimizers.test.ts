import { describe, expect, it } from 'vitest'
import { type Doubles, doublesProgram } from '../../test/doubles.ts'
import { random } from '../base/index.ts'
import { plan } from '../compiler/index.ts'
import { matrix, vector, type WeightSpec } from '../nn/index.ts'
import { input } from '../tensor/index.ts'
import { adamw, adamw8bit, lion, muon, type Optimizer, sgd } from './index.ts'

// Optimizers against their papers' loops, in double precision: what is left is the order of additions.

const rate = 0.01
const clip = 0.5
const rng = random(5)
const draw = (size: number) => Float64Array.from({ length: size }, () => 2 * rng.next() - 1)

/** The weight after each of three steps. */
async function follow(optimizer: Optimizer, spec: WeightSpec, start: Float64Array, gradients: Float64Array[]) {
  const computation = {
    outputs: {},
    updates: optimizer.update(
      'w',
      spec,
      input('g', spec.shape),
      input('control', [optimizer.control(0, 1).length + 1]),
    ),
  }
  let states: Doubles = { w: start }
  const found: Float64Array[] = []
  for (const [step, g] of gradients.entries()) {
    const control = [...optimizer.control(step, gradients.length), clip]
    states = (await doublesProgram(computation, {}, states).run({ g, control })).states
    found.push(states.w)
  }
  return found
}

const spec = matrix([3, 4], 0.02)
const start = draw(12)
const gradients = [draw(12), draw(12), draw(12)]

function expectClose(found: Float64Array, expected: Float64Array, digits = 12) {
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i], digits)
}

describe('sgd', () => {
  it.each([
    [0.9, false],
    [0.9, true],
    [0, false],
  ])('with a momentum of %s, Nesterov %s, follows its definition', async (momentum, nesterov) => {
    const decay = 0.1
    const found = await follow(
      sgd({ learningRate: rate, momentum, nesterov, weightDecay: decay }),
      spec,
      start,
      gradients,
    )
    let [w, v] = [start, new Float64Array(12)]
    for (const [step, raw] of gradients.entries()) {
      const g = raw.map((x) => x * clip)
      v = v.map((x, i) => momentum * x + g[i])
      w = w.map((x, i) => x - rate * decay * x - rate * (nesterov ? g[i] + momentum * v[i] : v[i]))
      expectClose(found[step], w)
    }
  })

  it('remembers nothing without momentum', () => {
    expect(sgd({ learningRate: rate, momentum: 0 }).states('w', spec)).toEqual([])
  })
})

describe('lion', () => {
  it('follows its definition, and stands still where there is no gradient', async () => {
    const still = gradients.map((g) => g.map((x, i) => (i === 5 ? 0 : x)))
    const found = await follow(lion({ learningRate: rate, weightDecay: 0.1 }), spec, start, still)
    let [w, m] = [start, new Float64Array(12)]
    for (const [step, raw] of still.entries()) {
      const g = raw.map((x) => x * clip)
      w = w.map((x, i) => x - rate * (Math.sign(0.9 * m[i] + 0.1 * g[i]) + 0.1 * x))
      m = m.map((x, i) => 0.99 * x + 0.01 * g[i])
      expectClose(found[step], w)
    }
    expect(found[2][5]).toBeCloseTo(start[5] * (1 - rate * 0.1) ** 3, 12)
  })
})

describe('what all optimizers share', () => {
  const all: [string, (learningRate: number, weightDecay?: number) => Optimizer][] = [
    ['adamw', (learningRate, weightDecay = 0) => adamw({ learningRate, weightDecay })],
    ['adamw8bit', (learningRate, weightDecay = 0) => adamw8bit({ learningRate, weightDecay })],
    ['sgd', (learningRate, weightDecay = 0) => sgd({ learningRate, weightDecay })],
    ['lion', (learningRate, weightDecay = 0) => lion({ learningRate, weightDecay })],
    ['muon', (learningRate, weightDecay = 0) => muon({ learningRate, weightDecay })],
  ]
  const rates = { gradient: 0.5, elements: 0.5, spectrum: 0.5 }

  it.each(all)('%s takes half the step where a weight asks for half the rate', async (_, make) => {
    const [whole] = await follow(make(rate), spec, start, gradients)
    const [half] = await follow(make(rate), { ...spec, rate: rates }, start, gradients)
    expectClose(
      half,
      start.map((w, i) => (w + whole[i]) / 2),
    )
    expect(whole[0]).not.toBe(start[0])
  })

  it.each(all)('%s lets matrices decay and vectors be, whatever rate they ask for', async (_, make) => {
    const nothing = [new Float64Array(12)]
    const [decayed] = await follow(make(rate, 0.3), { ...spec, rate: rates }, start, nothing)
    expectClose(
      decayed,
      start.map((w) => w * (1 - rate * 0.3)),
    )
    const [kept] = await follow(make(rate, 0.3), vector(12, 0), start, nothing)
    expectClose(kept, start)
  })

  it.each(all)('%s updates a weight in place, copying nothing', (_, make) => {
    const optimizer = make(rate, 0.1)
    const control = input('control', [optimizer.control(0, 1).length + 1])
    const specs = { a: matrix([64, 64], 0.02, 'embedding'), b: vector(64, 1) }
    const updates = Object.entries(specs).flatMap(([name, one]) =>
      optimizer.update(name, one, input(`g.${name}`, one.shape), control),
    )
    const { calls, arenaBytes } = plan({ outputs: {}, updates })
    // One call for each weight; what else there is reads numbers off the control.
    const large = calls.filter(({ outputs }) => outputs.some((ref) => ref!.shape.join() !== '1'))
    expect(large.map(({ kernel }) => kernel)).toHaveLength(2)
    for (const call of large) for (const ref of call.outputs) expect(ref!.segment).toBeGreaterThan(0)
    expect(arenaBytes).toBeLessThan(64 * 64 * 4 + 64 * 4 + 12 * 64) // the gradients, and numbers of the control
  })
})
