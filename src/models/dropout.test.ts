import { describe, expect, it } from 'vitest'
import { referenceBackend } from '../backend/reference/index.ts'
import { compile, plan } from '../compiler/index.ts'
import { stateWeights } from '../nn/index.ts'
import { input, ones } from '../tensor/index.ts'
import { dropoutPlaces } from './dropout.ts'
import { gpt2, type LanguageModel, llama } from './index.ts'

const count = 40_000
const rate = 0.3

/** What two places make of ones at a step. */
async function placesAt(step: number): Promise<number[][]> {
  const drop = dropoutPlaces({ rate, key: { seed: 5, stream: 7, step: input('step', [1], 'i32') } })
  const outputs = { first: drop(ones([count])), second: drop(ones([count])) }
  const program = compile({ outputs }, { backend: referenceBackend() })
  const { first, second } = await program.run({ step: [step] })
  program.release()
  return [[...first], [...second]]
}

const dropped = (values: number[]) => values.filter((value) => value === 0).length

describe('dropout', () => {
  it('drops at its rate, and keeps the mean', async () => {
    // Of independent draws, both stray by more than four standard errors once in 16,000 seeds.
    const error = Math.sqrt((rate * (1 - rate)) / count)
    for (const values of await placesAt(3)) {
      expect(Math.abs(dropped(values) / count - rate)).toBeLessThan(4 * error)
      const mean = values.reduce((sum, value) => sum + value) / count
      expect(Math.abs(mean - 1)).toBeLessThan((4 * error) / (1 - rate))
      expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]))
    }
  })

  it('draws the same at the same step and place, and independently at any other', async () => {
    const [first, second] = await placesAt(3)
    expect(await placesAt(3)).toEqual([first, second])
    const [later] = await placesAt(4)
    const both = rate * rate
    const error = Math.sqrt((both * (1 - both)) / count)
    for (const other of [second, later]) {
      const together = first.filter((value, i) => value === 0 && other[i] === 0).length
      expect(Math.abs(together / count - both)).toBeLessThan(4 * error)
    }
  })

  const size = { vocabSize: 20, context: 8, width: 8, layers: 3, heads: 2 }
  it.each<[string, LanguageModel]>([
    ['gpt2', gpt2(size)],
    ['llama', llama(size)],
  ])('has a place after the embeddings of %s and two in each block, each with a stream of its own', (_, model) => {
    const dropout = { rate, key: { seed: 5, stream: 7, step: input('step', [1], 'i32') } }
    const features = model.features(stateWeights(model.weights), input('ids', [2, 8], 'i32'), { dropout })
    const draws = plan({ outputs: { features } }).calls.filter(({ kernel }) => kernel === 'random-uniform')
    expect(draws.map(({ outputs }) => outputs[0]!.shape)).toEqual(draws.map(() => [2, 8, 8]))
    expect(draws.map(({ attributes }) => attributes[1])).toEqual([7, 8, 9, 10, 11, 12, 13])
  })

  it('refuses what is no probability', () => {
    for (const wrong of [-0.1, 1, Number.NaN]) {
      const drop = dropoutPlaces({ rate: wrong, key: { seed: 1, stream: 0 } })
      expect(() => drop(ones([2]))).toThrow(`dropout must be at least 0 and below 1, got ${wrong}`)
    }
  })
})
