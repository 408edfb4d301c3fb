import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { batches } from '../src/data/index.ts'
import { gpt2 } from '../src/models/index.ts'
import { parameterCount } from '../src/nn/index.ts'
import { checkpointWriter } from '../src/node/index.ts'
import { train } from '../src/train/index.ts'
import type { Bench } from './runner/contract.ts'
import { interleave, type Sampler } from './runner/interleave.ts'
import { optimizer, randomBatch, recipe, type Setup } from './runner/models.ts'
import { compare, figure, median } from './runner/statistics.ts'

// Some steps with a checkpoint among them, and as many without, in turn. The writing must be over when the clock stops, so
// that nothing of it is forgotten. Between two checkpoints of a real run lie more steps than are measured here.

const setup: Setup = {
  name: '30M',
  config: { vocabSize: 8192, context: 256, width: 512, layers: 8, heads: 8 },
  batch: 8,
  tokens: 128,
}

/** Steps from one checkpoint to the next, of which the share is taken. */
const INTERVAL = 100

const bench: Bench = {
  title: 'How much slower training is because of its checkpoints: written beside it, and while it waits.',
  async *cases({ backend, quick, progress }) {
    const model = gpt2(setup.config)
    const steps = quick ? 3 : 8
    const rounds = quick ? 3 : 7
    const run = await train(model, batches(randomBatch(setup).inputs, setup), {
      backend,
      steps: 1e6,
      optimizer: optimizer(),
      clip: recipe.clip,
    })
    const folder = mkdtempSync(join(tmpdir(), 'alippe-bench-'))
    const writer = checkpointWriter({
      folder,
      state: run.state,
      weights: Object.keys(model.weights),
      optimizerStates: run.optimizerStates.map(({ name }) => name),
      files: {},
      keep: 1,
      goodAfter: 0,
    })
    const reports = run.stepsFrom(0)
    let step = 0
    const sample =
      (write: () => Promise<void>): Sampler =>
      async () => {
        progress(`step ${step}`)
        const start = performance.now()
        for (let i = 0; i < steps; i++) {
          await reports.next()
          step++
          if (i === 0) await write()
        }
        await writer.settle()
        return performance.now() - start
      }
    const { none, beside, waiting } = await interleave(
      {
        none: sample(async () => {}),
        beside: sample(() => writer.begin({ step })),
        waiting: sample(() => writer.save({ step })),
      },
      { rounds },
    )
    await reports.return(undefined)
    run.release()
    rmSync(folder, { recursive: true })

    const stepMs = median(none) / steps
    const slowdown = (samples: number[]) => samples.map((ms, i) => (100 * (ms - none[i])) / (INTERVAL * stepMs))
    const megabytes = (writer.bytes / 1e6).toFixed(0)
    yield compare({
      case: `${(parameterCount(model.weights) / 1e6).toFixed(0)}M, a checkpoint every ${INTERVAL} steps, slowdown`,
      ours: figure(slowdown(beside), '%'),
      peers: { 'training that waits': slowdown(waiting) },
      target: 'value <= 3',
      lessIsBetter: true,
      note: `${megabytes} MB a checkpoint; a step takes ${stepMs.toFixed(0)} ms`,
    })
  },
}
export default bench
