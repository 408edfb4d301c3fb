import { describe, expect, it } from 'vitest'
import { sizeOf } from '../../src/base/index.ts'
import { plan } from '../../src/compiler/index.ts'
import { gpt2, type LanguageModel, llama } from '../../src/models/index.ts'
import { divide, input } from '../../src/tensor/index.ts'
import { batchLoss, gradientSum, type Objective } from '../../src/train/programs.ts'
import { type Doubles, doublesProgram } from '../doubles.ts'
import { uniformValues } from '../random-values.ts'

// Every weight of whole models against central differences of the loss, all in f64.

const shape = { batch: 2, tokens: 4 }
const ids = [3, 1, 4, 1, 5, 2, 6, 5]
const targets = [1, 4, -1, 5, 2, 6, 5, 0]
const documents = [0, 0, 1, 1, 0, 1, 1, 2]
const size = { vocabSize: 7, context: 4, width: 4, layers: 2, heads: 2 }
const everything: Objective = { labelSmoothing: 0.2, zLoss: 0.1, dropout: { rate: 0.25, seed: 3 } }

/** Half a unit in the last place of 1 in f64. */
const u = 2 ** -53
const h = 2 ** -15

/** Values of a size at which every curve of the model bends; gains lie around 1. */
function weightsOf(model: LanguageModel): Doubles {
  const entries = Object.entries(model.weights).map(([name, spec], i): [string, Float64Array] => {
    const around = spec.initial.kind === 'constant' ? spec.initial.value : 0
    return [name, uniformValues(sizeOf(spec.shape), i + 1, around - 0.7, around + 0.7)]
  })
  return Object.fromEntries(entries)
}

describe('the gradient of a whole model equals central differences', () => {
  it.each<[string, LanguageModel, boolean, Objective]>([
    ['gpt2, rows of one text', gpt2(size), false, {}],
    ['gpt2, packed rows and everything that training adds', gpt2(size), true, everything],
    ['llama, rows of one text', llama({ ...size, keyValueHeads: 1, hidden: 5 }), false, {}],
    [
      'llama untied, packed rows and everything that training adds',
      llama({ ...size, keyValueHeads: 1, hidden: 5, tied: false }),
      true,
      everything,
    ],
  ])('%s', { timeout: 60_000 }, async (_, model, packed, objective) => {
    const batch = { ...shape, packed, ...objective }
    const given = { ids, targets, documents, step: [9], keep: [0], share: [1] }
    const values = weightsOf(model)
    const { states } = await doublesProgram(gradientSum(model, batch), {}, values).run(given)

    const weights = Object.fromEntries(
      Object.entries(model.weights).map(([name, spec]) => [name, input(name, spec.shape)]),
    )
    const { total, count } = batchLoss(model, weights, batch, batch)
    const computation = { outputs: { loss: divide(total, count) } }
    const program = doublesProgram(computation)
    const lossAt = async () => (await program.run({ ...given, ...values })).outputs.loss[0]
    // Each operation adds half a unit of relative error to a number that moves the loss by no more than its own size;
    // up and down: 8·√n·u for n of them (Higham & Mary 2019, theorem 2.4).
    const rounding = (8 * Math.sqrt(plan(computation).flops) * u * (await lossAt())) / h

    for (const [name, numbers] of Object.entries(values)) {
      const gradient = states[`${name}.gradient`]
      const greatest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      expect(greatest, `${name} has no gradient to compare`).toBeGreaterThan(1e-4)
      for (let i = 0; i < numbers.length; i++) {
        const x = numbers[i]
        const lossBeside = async (distance: number) => {
          numbers[i] = x + distance
          const beside = await lossAt()
          numbers[i] = x
          return beside
        }
        const slope = ((await lossBeside(h)) - (await lossBeside(-h))) / (2 * h)
        const wideSlope = ((await lossBeside(2 * h)) - (await lossBeside(-2 * h))) / (4 * h)
        // Differences over h are off by h²f‴/6 + O(h⁴), over 2h by four times that: they differ by three times the error.
        const tolerance = Math.abs(wideSlope - slope) + rounding
        expect(tolerance, 'a tolerance that hides mistakes').toBeLessThan(1e-6)
        expect(Math.abs(gradient[i] - slope), `${name}[${i}]: ${gradient[i]} against ${slope}`).toBeLessThan(tolerance)
      }
    }
  })
})
