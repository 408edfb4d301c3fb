import { expect, it } from 'vitest'
import { parameterCount } from '../nn/index.ts'
import { planSweep } from './sweep-plan.ts'

const request = { budgets: [3e12, 3e11], sizes: 5, vocabSize: 512, batch: 8, tokens: 128 }

it('gives each budget its sizes, each with the tokens that the budget leaves', () => {
  const runs = planSweep(request)
  expect(runs).toHaveLength(10)
  expect(new Set(runs.map(({ name }) => name)).size).toBe(10)
  for (const [i, { model, parameters, nonEmbedding, steps, tokens, name }] of runs.entries()) {
    const budget = i < 5 ? 3e11 : 3e12
    expect(tokens).toBe(steps * 8 * 128)
    // Half a step is what rounding to whole steps may change.
    expect(Math.abs((6 * parameters * tokens) / budget - 1)).toBeLessThanOrEqual(0.51 / steps)
    expect(steps).toBeGreaterThanOrEqual(150)
    expect(parameters).toBe(parameterCount(model.weights))
    expect(parameters - nonEmbedding).toBe(512 * (model.config.hidden_size as number))
    expect(model.context).toBe(128)
    expect(name).toMatch(/^[\d.]+[kM]-[\d.]+[kM]$/)
  }
  const sizes = runs.map(({ parameters }) => parameters)
  expect(sizes.slice(0, 5)).toEqual(sizes.slice(0, 5).sort((a, b) => a - b))
  // √(3e12 / 120): the sizes of the second curve lie on both sides.
  expect(sizes[5]).toBeLessThan(158e3)
  expect(sizes[9]).toBeGreaterThan(158e3)
})

it('takes the sizes that are nearest to 20 tokens a parameter', () => {
  const near = planSweep({ ...request, budgets: [1e13], sizes: 3 })
  const all = planSweep({ ...request, budgets: [1e13], sizes: 100 })
  const distance = (run: (typeof all)[number]) => Math.abs(Math.log(run.parameters / Math.sqrt(1e13 / 120)))
  const furthest = Math.max(...near.map(distance))
  for (const run of all) expect(near.some(({ name }) => name === run.name)).toBe(distance(run) <= furthest)
})

it('refuses a budget that three sizes cannot share', () => {
  expect(() => planSweep({ ...request, budgets: [1e12, 1e9] })).toThrow(
    /--budgets must be 1.4e11 or more, so that three sizes have 150 steps of 8 × 128 tokens, got 1000000000; smaller --batch/,
  )
})
