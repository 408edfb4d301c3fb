import { afterAll, describe, expect, it } from 'vitest'
import { type TrainingCase, trainingMemory } from '../../bench/runner/training-memory.ts'
import type { Backend, Segment } from '../../src/backend/index.ts'
import { createState, load, plan } from '../../src/compiler/index.ts'
import { gpt2Sizes, llama } from '../../src/models/index.ts'
import { nativeRefusal, openBackend } from '../../src/node/index.ts'
import { adamw } from '../../src/optim/index.ts'
import { trainingStep } from '../../src/train/index.ts'
import { against } from '../tokenizers/oracles.ts'

const backend = await openBackend()
afterAll(() => backend.close())

// WebAssembly's memory is a part of the runtime's own, and grows as it likes.
const whyNot = backend.name.includes('native') ? undefined : `the engine is ${backend.name}: ${nativeRefusal()}`

// Runs of more than 1 GB, each in a process of its own. `options` are those of `train`.
const gpt2Tiny = { vocabSize: 512, context: 128, width: 128, layers: 4, heads: 4 }
const llamaTiny = { vocabSize: 4096, context: 1024, width: 128, layers: 8, heads: 4, keyValueHeads: 2 }
const cases: Record<string, Omit<TrainingCase, 'threads'>> = {
  'gpt2-124m, f32': { family: 'gpt2', config: gpt2Sizes['gpt2-124m'], batch: 1, tokens: 32 },
  'gpt2-124m, bf16': {
    family: 'gpt2',
    config: gpt2Sizes['gpt2-124m'],
    batch: 1,
    tokens: 64,
    options: { precision: 'bf16' },
  },
  'gpt2, f32': { family: 'gpt2', config: gpt2Tiny, batch: 256, tokens: 128 },
  'gpt2, bf16': { family: 'gpt2', config: gpt2Tiny, batch: 320, tokens: 128, options: { precision: 'bf16' } },
  'gpt2 that evaluates': { family: 'gpt2', config: gpt2Tiny, batch: 256, tokens: 128, evaluates: true },
  'gpt2 of many layers': { family: 'gpt2', config: { ...gpt2Tiny, layers: 24 }, batch: 56, tokens: 128 },
  'llama of long rows': { family: 'llama', config: llamaTiny, batch: 16, tokens: 1024 },
  'llama, accumulating': {
    family: 'llama',
    config: { ...llamaTiny, tied: false },
    batch: 64,
    tokens: 256,
    options: { accumulate: 2 },
  },
}

// What computing again saves is saved for real. The chosen memory is what the run, evaluating included, may take.
for (const recompute of ['selective', 'block', 'sqrt'] as const) {
  const more = { batch: recompute === 'selective' ? 384 : 768, tokens: 128, options: { recompute } }
  Object.assign(cases, { [`gpt2, recompute ${recompute}`]: { family: 'gpt2', config: gpt2Tiny, ...more } })
}
const memory = 1.6e9
cases['gpt2 within 1.6 GB'] = { family: 'gpt2', config: gpt2Tiny, batch: 512, tokens: 128, options: { memory } }

describe('the memory of a run', () => {
  it('that was planned is what is allocated', () => {
    const allocated: Segment[] = []
    const counting: Backend = {
      ...backend,
      allocate(bytes) {
        const segment = backend.allocate(bytes)
        allocated.push(segment)
        return segment
      },
    }
    const model = llama({ vocabSize: 300, context: 64, width: 64, layers: 3, heads: 4, keyValueHeads: 2 })
    const step = plan(trainingStep(model, { batch: 4, tokens: 64, optimizer: adamw({ learningRate: 1e-3 }), clip: 1 }))
    const state = createState(counting)
    const program = load(step, state)
    const total = allocated.reduce((sum, { bytes }) => sum + bytes, 0)
    expect(total).toBe(step.arenaBytes + state.bytes)
    // State is padded to 64 bytes a value; nothing else is added.
    expect(state.bytes - step.stateBytes).toBeLessThan(64 * step.states.length)
    expect(state.bytes).toBeGreaterThanOrEqual(step.stateBytes)
    program.release()
    state.release()
  })
})

against('the memory of a process that trains', whyNot, () => {
  const shown = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`
  it.each(Object.entries(cases))('of %s is what it said', { timeout: 240_000 }, async (name, each) => {
    const { peakBytes, runtimeBytes, plannedBytes } = await trainingMemory({ ...each, threads: 2 } as TrainingCase)
    const used = peakBytes - runtimeBytes
    console.log(
      `${name}: planned ${shown(plannedBytes)}, used ${shown(used)}: ${((100 * used) / plannedBytes).toFixed(1)} %`,
    )
    // Arena and state are resident to the last page. Of the 42 MB that kernels may use beside their buffers, shapes decide how
    // much is touched, from 8 MB on; the runtime's own heap grows by a few MB.
    expect(plannedBytes).toBeGreaterThan(1e9)
    expect(Math.abs(used / plannedBytes - 1)).toBeLessThan(0.03)
  })
})
