/**
 * Trains GPT-2 124M on what this repository says about itself, and watches the memory of the process: for people, and for
 * full-size.test.ts. Prints a line a step; ends with code 1 and the reasons when memory grows or the loss does not fall.
 *
 *     npx node test/training/soak.ts --steps 200 --batch 2 --tokens 128 --precision f32
 */
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { batches } from '../../src/data/index.ts'
import { gpt2, gpt2Sizes } from '../../src/models/index.ts'
import { openBackend } from '../../src/node/index.ts'
import { adamw, cosine } from '../../src/optim/index.ts'
import { train } from '../../src/train/index.ts'
import { realTokens } from './real-text.ts'

/** What a process holds after a step. */
interface Sample {
  readonly lossNats: number
  readonly residentBytes: number
  /** Of JavaScript, after its collector ran, typed arrays included. */
  readonly heapBytes: number
  /** Of arenas and state. */
  readonly engineBytes: number
}

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '200' },
    batch: { type: 'string', default: '2' },
    tokens: { type: 'string', default: '128' },
    precision: { type: 'string', default: 'f32' },
  },
})
const [steps, batch, tokens] = [values.steps, values.batch, values.tokens].map(Number)

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

const backend = await openBackend()
let engineBytes = 0
const data = batches(realTokens(4096), { batch, tokens, seed: 1 })
const run = await train(gpt2(gpt2Sizes['gpt2-124m']), data, {
  backend: {
    ...backend,
    allocate(bytes) {
      const segment = backend.allocate(bytes)
      const { release } = segment
      engineBytes += bytes
      return Object.assign(segment, {
        release() {
          engineBytes -= bytes
          release()
        },
      })
    },
  },
  steps,
  precision: values.precision as 'f32' | 'bf16',
  optimizer: adamw({ learningRate: cosine(3e-4) }),
})
console.log(`${backend.name}, ${backend.threads} threads; B ${batch} T ${tokens} ${values.precision}`)

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`
const samples: Sample[] = []
for await (const { step, lossNats, milliseconds } of run) {
  collectGarbage()
  const { rss, heapUsed, external } = process.memoryUsage()
  const heap = heapUsed + external
  samples.push({ lossNats, residentBytes: rss, heapBytes: heap, engineBytes })
  console.log(
    `step ${step}  loss ${lossNats.toFixed(4)}  resident ${megabytes(rss)}  heap ${megabytes(heap)}  ` +
      `engine ${megabytes(engineBytes)}  ${(milliseconds / 1000).toFixed(2)} s`,
  )
}
await backend.close()

// The first step touches all memory, and the second runs what the first compiled.
const settled = samples[1]
const most = (of: (sample: Sample) => number) => Math.max(...samples.slice(1).map(of)) - of(settled)
const quarter = Math.ceil(samples.length / 4)
const mean = (part: readonly Sample[]) => part.reduce((sum, { lossNats }) => sum + lossNats, 0) / part.length
const [first, last] = [mean(samples.slice(0, quarter)), mean(samples.slice(-quarter))]
const grown = {
  resident: most((sample) => sample.residentBytes),
  heap: most((sample) => sample.heapBytes),
  engine: most((sample) => sample.engineBytes),
}
console.log(
  `since step 2 resident grew by ${megabytes(grown.resident)}, heap by ${megabytes(grown.heap)}, engine by ${megabytes(grown.engine)}; ` +
    `loss from ${first.toFixed(3)} to ${last.toFixed(3)} (means of ${quarter} steps)`,
)
const problems = [
  // The runtime compiles what has become hot, and keeps it.
  grown.resident > 8e6 && 'resident memory grows',
  grown.heap > 1e6 && 'the heap grows',
  grown.engine !== 0 && 'a step allocates memory of the engine',
  !(last < first - 0.3) && 'the loss does not fall',
].filter((problem) => problem !== false)
for (const problem of problems) console.error(problem)
process.exitCode = problems.length === 0 ? 0 : 1
