import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend, Segment } from '../../src/backend/index.ts'
import { createState, load, plan } from '../../src/compiler/index.ts'
import { llama } from '../../src/models/index.ts'
import { openBackend } from '../../src/node/index.ts'
import { adamw } from '../../src/optim/index.ts'
import { trainingStep } from '../../src/train/index.ts'

const child = join(import.meta.dirname, '..', '..', 'bench', 'children', 'train-memory.ts')

let backend: Backend
beforeAll(async () => {
  backend = await openBackend()
})
afterAll(() => backend.close())

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

  it('is within a tenth of what was printed before it, beside the runtime itself', { timeout: 120_000 }, () => {
    const output = execFileSync(process.execPath, [child, 'small', 'f32', '2'], { encoding: 'utf8' })
    const { peakBytes, runtimeBytes, plannedBytes } = JSON.parse(output)
    const used = peakBytes - runtimeBytes
    // The compiler's own data and V8's heap grow with the program: they are the runtime's, 60 MB here.
    expect(used).toBeLessThan(1.1 * plannedBytes + 60e6)
    expect(used).toBeGreaterThan(0.8 * plannedBytes)
  })
})
