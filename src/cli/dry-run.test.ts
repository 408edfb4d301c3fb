import { describe, expect, it } from 'vitest'
import { referenceBackend } from '../backend/reference/index.ts'
import { buildModel, gpt2, gpt2Sizes, type LanguageModel, llama } from '../models/index.ts'
import { type DryRunOptions, dryRun } from './dry-run.ts'
import { dryRunText } from './dry-run-text.ts'
import { parametersOf } from './run-figures.ts'
import { runSettings, type SessionSettings } from './run-settings.ts'
import { plain } from './terminal.ts'

const peaks = async () => ({ f32: 100, bf16: 200, int8: 0, readGBs: 10 })
const allocated: number[] = []
const reference = referenceBackend()
const backend: DryRunOptions['backend'] = {
  ...reference,
  isa: 'none',
  workspaceBytes: 1000,
  peaks,
  allocate(bytes) {
    allocated.push(bytes)
    return reference.allocate(bytes)
  },
}
const usual = { ...runSettings.parse({}).training, precision: 'f32' } as SessionSettings
const tiny = llama({ vocabSize: 300, context: 16, width: 16, layers: 2, heads: 2 })
const huge = llama({ vocabSize: 300, context: 16, width: 16_384, layers: 64, heads: 128 })

function dry(more: Partial<SessionSettings>, options: Partial<DryRunOptions> = {}, model: LanguageModel = tiny) {
  const settings = { ...usual, batch: 2, tokens: 8, steps: 10, ...more }
  return dryRun({ model, settings, derived: {}, backend, packed: false, measure: false, ...options })
}

describe('parameters by where they are', () => {
  it('of GPT-2 124M are those of the published model', () => {
    // 50257·768 + 1024·768; 12·(12·768² + 13·768); the last norm.
    expect(parametersOf(gpt2(gpt2Sizes['gpt2-124m']))).toEqual({
      embeddings: 39_383_808,
      blocks: 85_054_464,
      head: 1536,
      total: 124_439_808,
    })
  })

  it('count an output embedding of its own to the head', () => {
    const size = { vocabSize: 300, context: 16, width: 32, layers: 2, heads: 2 }
    expect(parametersOf(llama(size))).toMatchObject({ embeddings: 9600, head: 32 })
    expect(parametersOf(llama({ ...size, tied: false }))).toMatchObject({ embeddings: 9600, head: 9632 })
  })
})

describe('a dry run', () => {
  it('knows the memory by kind without having it', async () => {
    allocated.length = 0
    const { memory, model } = await dry({})
    expect(allocated).toEqual([])
    expect(memory.weights).toBe(4 * model.parameters.total)
    expect(memory.optimizer).toBe(8 * model.parameters.total)
    expect(memory).toMatchObject({ gradientSums: 0, runningMean: 0, otherState: 0, checkpoints: 0, workspace: 1000 })
    const { total, ...kinds } = memory
    const sum = Object.values(kinds).reduce((a, b) => a + b)
    // State is padded to 64 bytes a value: at most so much lies between the kinds and their total.
    expect(total - sum).toBeGreaterThanOrEqual(0)
    expect(total - sum).toBeLessThan(64 * 3 * Object.keys(tiny.weights).length)
  })

  it('knows the running mean of the weights, smaller moments, and checkpoints that are written meanwhile', async () => {
    const { memory, model } = await dry({ ema: 0.99, optimizer: 'adamw-8bit', saveEvery: 5 })
    const weights = 4 * model.parameters.total
    expect(memory).toMatchObject({ weights, runningMean: weights })
    // Two bytes a weight and a scale for every 256 of them, whole scales for each weight.
    expect(memory.optimizer).toBeGreaterThan(weights / 2)
    expect(memory.optimizer).toBeLessThan(0.6 * weights)
    expect(memory.checkpoints).toBe(2 * weights + memory.optimizer)
  })

  it('knows the sums of gradients of steps of several batches, and their work', async () => {
    const [once, many] = [await dry({}), await dry({ accumulate: 3 })]
    expect(many.memory.gradientSums).toBe(4 * many.model.parameters.total)
    expect(many.step.tokens).toBe(3 * once.step.tokens)
    expect(many.step.flops / once.step.flops).toBeGreaterThan(2.5)
    expect(many.step.flops / once.step.flops).toBeLessThan(3.1)
    expect(many.step.bytesMoved).toBeGreaterThan(2 * once.step.bytesMoved)
    expect(many.run).toEqual({
      steps: 10,
      tokens: 480,
      flops: 10 * many.step.flops,
      bytesMoved: 10 * many.step.bytesMoved,
    })
  })

  it('measures a step, of packed rows too, and of two batches for many', async () => {
    for (const packed of [false, true]) {
      const { measured, notMeasured, model, step } = await dry({ accumulate: 4 }, { measure: true, packed })
      expect(notMeasured).toBeNull()
      const { stepMilliseconds, runMilliseconds, tokensPerSecond, percentOfPeak, peakGFLOPs } = measured!
      expect(stepMilliseconds).toBeGreaterThan(0)
      expect(runMilliseconds).toBeCloseTo(10 * stepMilliseconds)
      expect(tokensPerSecond).toBeCloseTo((1000 * step.tokens) / stepMilliseconds)
      expect(peakGFLOPs).toBe(100)
      expect(percentOfPeak).toBeCloseTo((100 * 6 * model.parameters.total * tokensPerSecond) / 100e9)
    }
  })

  it('says why nothing was measured', async () => {
    expect((await dry({})).notMeasured).toBe('not asked for')
    // Two hundred thousand million weights: planned, and never asked of the machine.
    const { measured, notMeasured } = await dry({}, { measure: true }, huge)
    expect(measured).toBeNull()
    expect(notMeasured).toMatch(/^the run needs [\d.]+ TB, and [\d.]+ .B are free$/)
  })

  it('is told in 80 columns', async () => {
    const model = buildModel({ model: 'llama', depth: 12, vocabSize: 50_000, context: 2048 })
    const derived = { batch: 1024, accumulate: 128, steps: 1_000_000, learningRate: 0.0023 }
    const long = await dry(
      { ...derived, optimizer: 'adamw' },
      { derived, why: 'bf16, the faster of: f32 527 GFLOP/s, bf16 1015 GFLOP/s' },
      model,
    )
    for (const report of [long, await dry({}, { measure: true }), await dry({}, { measure: true }, huge)]) {
      const lines = dryRunText(report, plain).split('\n')
      expect(lines.filter((line) => line.length > 80)).toEqual([])
    }
    const text = dryRunText(long, plain)
    expect(text).toMatch(/^model +llama, layers 12, width 768, heads 12, context 2048, vocabulary 50000$/m)
    expect(text).toMatch(/^step +1024 × 8 tokens, 128 times over, adamw, cosine$/m)
    expect(text).toMatch(/^derived +batch 1024, accumulate 128, steps 1000000, learningRate 0.0023$/m)
    expect(text).toMatch(/^weights +493 MB$/m)
    expect(text).toMatch(/^computed +[\d.]+ TFLOP +[\d.]+ EFLOP$/m)
    expect(text).toContain('No step was measured: not asked for.')
    expect(text).not.toContain('running mean')
  })
})
