/**
 * Trains for two steps in a process of its own (moments appear in the first), so that its peak resident memory is that of
 * training. Prints a {@link TrainingMemory}.
 *
 *     node bench/children/train-memory.ts '{"family":"gpt2","config":{…},"batch":4,"tokens":64,"options":{}}'
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { batches } from '../../src/data/index.ts'
import { gpt2, llama } from '../../src/models/index.ts'
import { openBackend } from '../../src/node/index.ts'
import { adamw } from '../../src/optim/index.ts'
import { train } from '../../src/train/index.ts'
import { recipe } from '../runner/models.ts'
import type { TrainingCase, TrainingMemory } from '../runner/training-memory.ts'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

const { family, config, batch, tokens, threads, evaluates, options }: TrainingCase = JSON.parse(process.argv[2])
const model = family === 'gpt2' ? gpt2(config) : llama(config)
const ids = Uint32Array.from({ length: 3 * batch * (tokens + 1) }, (_, i) => (i * 7919) % config.vocabSize)
const data = () => batches(ids, { batch, tokens })

const backend = await openBackend({ threads })
let runtimeBytes = 0
const run = await train(model, data(), {
  ...options,
  steps: 2,
  optimizer: adamw(recipe),
  backend: {
    ...backend,
    allocate(bytes) {
      // The plan is made by now. What it left for the collector is not of the run.
      if (runtimeBytes === 0) {
        collectGarbage()
        runtimeBytes = process.memoryUsage.rss()
      }
      return backend.allocate(bytes)
    },
  },
})
for await (const _ of run);
if (evaluates) await run.evaluate([await data().at(0)])
const plannedBytes = run.memoryBytes + (evaluates ? run.evaluationBytes : 0)
const peakBytes = process.resourceUsage().maxRSS * 1024 // Node gives kilobytes on every system.
console.log(JSON.stringify({ peakBytes, runtimeBytes, plannedBytes } satisfies TrainingMemory))
await backend.close()
