/**
 * Trains for two steps in a process of its own, so that its peak resident memory is that of training. Prints
 * `{"peakBytes", "runtimeBytes", "plannedBytes"}`: at the end, before the engine was opened, and what the plan needs.
 *
 *     node bench/children/train-memory.ts SETUP PRECISION THREADS
 */
import { batches } from '../../src/data/index.ts'
import { gpt2 } from '../../src/models/index.ts'
import { openBackend } from '../../src/node/index.ts'
import { train } from '../../src/train/index.ts'
import { optimizer, randomBatch, recipe, setups } from '../runner/models.ts'

const [name, precision, threads] = process.argv.slice(2)
const setup = setups[name as keyof typeof setups]
const resident = () => process.resourceUsage().maxRSS * 1024 // Node gives kilobytes on every system.

const runtimeBytes = resident()
const backend = await openBackend({ threads: Number(threads) })
const run = await train(gpt2(setup.config), batches(randomBatch(setup).inputs, setup), {
  backend,
  steps: 2,
  optimizer: optimizer(),
  clip: recipe.clip,
  precision: precision as 'f32' | 'bf16',
})
for await (const _ of run);
const plannedBytes = run.plans[0].arenaBytes + run.state.bytes + backend.workspaceBytes
console.log(JSON.stringify({ peakBytes: resident(), runtimeBytes, plannedBytes }))
await backend.close()
