import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/backend/index.ts'
import { ConfigError, DivergedError, type Elements } from '../../src/base/index.ts'
import { compile, createState, plan, type State } from '../../src/compiler/index.ts'
import type { Batch } from '../../src/data/index.ts'
import { gpt2, llama } from '../../src/models/index.ts'
import { openBackend } from '../../src/node/index.ts'
import { adamw } from '../../src/optim/index.ts'
import {
  type BatchSource,
  evaluation,
  gradientNoise,
  initialization,
  type Run,
  type StepReport,
  type TrainOptions,
  train,
  trainingStep,
} from '../../src/train/index.ts'
import { always, noise } from './noise.ts'

const shape = { batch: 2, tokens: 16 }
const model = gpt2({ vocabSize: 50, context: 16, width: 32, layers: 2, heads: 2 })
const optimizer = adamw({ learningRate: 1e-2 })
const everything = { dropout: 0.2, ema: 0.9, labelSmoothing: 0.1, zLoss: 1e-3 }

let native: Backend
let oneThread: Backend
beforeAll(async () => {
  native = await openBackend({ threads: 2 })
  oneThread = await openBackend({ threads: 1 })
})
afterAll(async () => {
  await native.close()
  await oneThread.close()
})

const trained = async (data: BatchSource, options: Partial<TrainOptions> = {}) => {
  const run = await train(model, data, { backend: native, steps: 4, optimizer, seed: 7, ...options })
  const reports: StepReport[] = []
  for await (const report of run) reports.push(report)
  return { run, reports }
}

async function contents(state: State, names: Iterable<string>): Promise<Record<string, Elements>> {
  const values: Record<string, Elements> = {}
  for (const name of names) values[name] = (await state.read(name)).slice()
  return values
}

const kept = ({ model, optimizerStates, emaStates }: Run) => [
  ...Object.keys(model.weights),
  ...optimizerStates.map(({ name }) => name),
  ...emaStates,
]

describe('what training adds to the loss', () => {
  it('is none of an evaluation, and is told apart in the reports', async () => {
    const batch = noise(50, shape).next().value
    const { run, reports } = await trained(always(batch), { steps: 1, labelSmoothing: 0.1, zLoss: 0.01 })
    const plain = await trained(always(batch), { steps: 1 })
    const { run: untouched } = await trained(always(batch), { steps: 1, optimizer: adamw({ learningRate: 0 }) })
    // The kernels of evaluation and of the step sum the same logits.
    expect(reports[0].crossEntropyNats).toBeCloseTo(await untouched.evaluate([batch]), 6)
    expect(reports[0].crossEntropyNats).toBe(plain.reports[0].lossNats)
    expect(plain.reports[0].crossEntropyNats).toBe(plain.reports[0].lossNats)
    // ln V is what uniform logits cost, whatever the labels; z·(ln V)² comes on top, with lse near ln V at the start.
    expect(reports[0].lossNats - reports[0].crossEntropyNats).toBeCloseTo(0.01 * Math.log(50) ** 2, 2)
    expect(await run.evaluate([batch])).not.toBe(reports[0].lossNats)
    for (const each of [run, plain.run, untouched]) each.release()
  })

  it('changes nothing at 0: the same calls, and no input more', () => {
    const step = { ...shape, optimizer, clip: 1 }
    const nothing = { labelSmoothing: 0, zLoss: 0, dropout: { rate: 0, seed: 1 }, ema: false }
    const [without, zero] = [step, { ...step, ...nothing }].map((options) => plan(trainingStep(model, options)))
    expect(zero).toEqual(without)
    expect([...without.inputs.keys()].sort()).toEqual(['control', 'ids', 'targets'])
    const dropping = plan(trainingStep(model, { ...step, dropout: { rate: 0.1, seed: 1 } }))
    expect([...dropping.inputs.keys()].sort()).toEqual(['control', 'ids', 'step', 'targets'])
    expect(plan(evaluation(model, shape)).calls.some(({ kernel }) => kernel.startsWith('random'))).toBe(false)
  })

  it('refuses what cannot be', async () => {
    const wrong: [Partial<TrainOptions>, string][] = [
      [{ labelSmoothing: 1 }, 'labelSmoothing must be at least 0 and below 1, got 1'],
      [{ labelSmoothing: Number.NaN }, 'labelSmoothing must be at least 0 and below 1, got NaN'],
      [{ zLoss: -1 }, 'zLoss must be 0 or more, got -1'],
      [{ dropout: 1 }, 'dropout must be at least 0 and below 1, got 1'],
      [{ ema: 1 }, 'train: ema must be at least 0 and below 1, got 1'],
    ]
    for (const [options, message] of wrong) {
      const run = train(model, noise(50, shape), { backend: native, steps: 1, optimizer, ...options })
      await expect(run).rejects.toThrow(new ConfigError(message))
    }
  })
})

describe('dropout in a run', () => {
  it('draws anew for each batch: step · accumulate + i', async () => {
    const batch = noise(50, shape).next().value
    const { run, reports } = await trained(always(batch), { steps: 1, accumulate: 2, dropout: 0.3 })
    const state = createState(native)
    const program = (rate: number, learningRate: number) =>
      compile(
        trainingStep(model, { ...shape, optimizer: adamw({ learningRate }), clip: 1, dropout: { rate, seed: 7 } }),
        { backend: native, state },
      )
    const start = compile(initialization(model, 7), { backend: native, state })
    await start.run()
    const still = program(0.3, 0)
    const lossAt = async (step: number) => {
      const inputs = { ids: batch.inputs, targets: batch.targets, step: [step], control: [0, 1, 1] }
      return (await still.run(inputs)).loss[0]
    }
    const [first, second] = [await lossAt(0), await lossAt(1)]
    expect(first).not.toBe(second)
    expect(reports[0].lossNats).toBe(first * 0.5 + second * 0.5)
    for (const each of [run, start, still, state]) each.release()
  })
})

describe('the gradient noise scale of a run', () => {
  it('comes from the norms of its batches alone and together, and is unknown where there is one a step', async () => {
    const data = noise(50, shape)
    const batches = [data.next().value, data.next().value]
    // Some targets of the second do not count: it has another share.
    batches[1].targets.fill(-1, 0, 7)
    const still = adamw({ learningRate: 0 })
    const norms: number[] = []
    for (const batch of batches) {
      const { run, reports } = await trained(always(batch), { steps: 1, optimizer: still })
      expect(reports[0].noiseScaleTokens).toBeUndefined()
      norms.push(reports[0].gradientNorm)
      run.release()
    }
    const { run, reports } = await trained(always(...batches), { steps: 1, optimizer: still, accumulate: 2 })
    const [first, second] = [32, 25]
    const { signal, noise: variance } = gradientNoise({
      parts: 2,
      targets: first + second,
      partSquare: (norms[0] ** 2 * first + norms[1] ** 2 * second) / (first + second),
      wholeSquare: reports[0].gradientNorm ** 2,
    })
    expect(signal).toBeGreaterThan(0)
    expect(reports[0].noiseScaleTokens! / (variance / signal)).toBeCloseTo(1, 3)
    run.release()
  })
})

describe('a run with everything', () => {
  it.each([1, 2])('goes on as if it had never stopped, with %d batches a step', async (accumulate) => {
    const whole = await trained(noise(50, shape), { ...everything, accumulate, steps: 6 })
    const expected = await contents(whole.run.state, kept(whole.run))

    const data = noise(50, shape)
    const first = await train(model, data, { backend: native, optimizer, seed: 7, ...everything, accumulate, steps: 6 })
    for await (const { step } of first) if (step === 3) break
    const saved = createState(native)
    for (const name of kept(first)) {
      const { shape, dtype } = first.state.places.get(name)!
      saved.ensure([{ name, shape, dtype }])
      saved.write(name, await first.state.read(name))
    }
    const rest = noise(50, shape)
    for (let i = 0; i < 3 * accumulate; i++) rest.next()
    const second = await trained(rest, { ...everything, accumulate, steps: 6, state: saved, from: 3 })
    expect(await contents(saved, kept(second.run))).toEqual(expected)
    expect(second.reports.map(({ lossNats }) => lossNats)).toEqual(
      whole.reports.slice(3).map(({ lossNats }) => lossNats),
    )
    for (const each of [whole.run, first, second.run, saved]) each.release()
  })

  it('gives the same bits with one thread and with two', async () => {
    const one = await trained(noise(50, shape), { ...everything, backend: oneThread })
    const two = await trained(noise(50, shape), everything)
    expect(await contents(one.run.state, kept(one.run))).toEqual(await contents(two.run.state, kept(two.run)))
    for (const { run } of [one, two]) run.release()
  })
})

describe('a loss that is not finite', () => {
  // Reading the last token alone spoils what is computed.
  const untied = llama({ vocabSize: 50, context: 16, width: 32, layers: 1, heads: 2, tied: false })
  const table = 'model.embed_tokens.weight'
  const spoil = async (state: State, value: number) => {
    const values = await state.read(table)
    values[values.length - 1] = value
    state.write(table, values)
  }
  const good: Batch = { ...noise(49, shape).next().value }
  const bad: Batch = { ...good, inputs: good.inputs.map((id, i) => (i === 5 ? 49 : id)) }
  const options = { optimizer, seed: 7, steps: 9 }

  it('stops the run in its step, and names the batch', async () => {
    const run = await train(untied, always(good, good, good, good, bad, good), {
      ...options,
      backend: native,
      accumulate: 3,
    })
    await spoil(run.state, Number.NaN)
    const steps: number[] = []
    const error = await (async () => {
      for await (const { step } of run) steps.push(step)
    })().catch((error) => error)
    expect(steps).toEqual([1])
    expect(error).toBeInstanceOf(DivergedError)
    expect(error).toMatchObject({ code: 'ALIPPE_DIVERGED', step: 2, batch: 1, lossNats: Number.NaN })
    expect(error.message).toContain('the loss of batch 2 of step 2 is NaN')

    // Gradients that were summed up to there are dropped with the next step.
    await spoil(run.state, 0)
    const again = await train(untied, always(good), {
      ...options,
      backend: native,
      accumulate: 3,
      state: run.state,
      from: 1,
    })
    for await (const { lossNats, gradientNorm } of again) expect(Number.isFinite(lossNats + gradientNorm)).toBe(true)
    again.release()
    run.release()
  })

  it('is found where only a gradient is not finite', async () => {
    const run = await train(untied, always(good), { ...options, backend: native })
    const values = await run.state.read('lm_head.weight')
    run.state.write('lm_head.weight', values.fill(1e30)) // all logits are alike; their gradients' squares are infinite
    const error = await (async () => {
      for await (const _ of run);
    })().catch((error) => error)
    expect(error).toBeInstanceOf(DivergedError)
    expect(error).toMatchObject({ step: 1, batch: 0, gradientNorm: Number.POSITIVE_INFINITY })
    expect(error.lossNats).toBeCloseTo(Math.log(50), 3)
    run.release()
  })
})
