import { parseArgs } from 'node:util'
import type { Backend } from '../../src/backend/index.ts'
import { batches, world } from '../../src/data/index.ts'
import { llama } from '../../src/models/index.ts'
import { openBackend } from '../../src/node/index.ts'
import { adamw, cosine } from '../../src/optim/index.ts'
import { train } from '../../src/train/index.ts'

// Whether training in bf16 is training: its curve of losses beside that in f32, with the same first weights and batches,
// and how far curves lie apart that begin with other weights. `node test/training/precision.ts --steps 1000`.

export interface Comparison {
  /** Mean over the seeds of the loss in bf16 minus that in f32, at the end of the run, nats a token. */
  readonly difference: number
  /** Its standard error. */
  readonly differenceError: number
  /** Standard deviation between the seeds in f32, at the end. */
  readonly noise: number
  /** Loss in f32 at the beginning, and at the end. */
  readonly first: number
  readonly last: number
}

/** Trains small models of several seeds in both precisions on the same bytes of the world's stories. */
export async function comparePrecisions(
  backend: Backend,
  steps: number,
  seeds: readonly number[],
): Promise<Comparison> {
  const stories = world()
  const text = Array.from({ length: 2000 }, (_, i) => stories.document(i).text).join('\n')
  const tokens = Uint32Array.from(new TextEncoder().encode(text))
  const model = llama({ vocabSize: 256, context: 64, width: 64, layers: 2, heads: 2 })
  const curve = async (precision: 'f32' | 'bf16', seed: number) => {
    const data = batches(tokens, { batch: 8, tokens: 64, seed: 1 })
    const optimizer = adamw({ learningRate: cosine(3e-3) })
    const run = await train(model, data, { backend, steps, optimizer, precision, seed })
    const losses: number[] = []
    for await (const { lossNats } of run) losses.push(lossNats)
    run.release()
    return losses
  }
  const ends: { f32: number; bf16: number; first: number }[] = []
  for (const seed of seeds) {
    const [f32, bf16] = [await curve('f32', seed), await curve('bf16', seed)]
    ends.push({ f32: mean(f32.slice(-steps / 4)), bf16: mean(bf16.slice(-steps / 4)), first: f32[0] })
  }
  const differences = ends.map(({ f32, bf16 }) => bf16 - f32)
  return {
    difference: mean(differences),
    differenceError: deviation(differences) / Math.sqrt(seeds.length),
    noise: deviation(ends.map(({ f32 }) => f32)),
    first: ends[0].first,
    last: mean(ends.map(({ f32 }) => f32)),
  }
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

function deviation(values: readonly number[]): number {
  const centre = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1))
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { steps: { type: 'string', default: '1000' } } })
  const backend = await openBackend()
  console.log(await comparePrecisions(backend, Number(values.steps), [1, 2, 3, 4, 5]))
  await backend.close()
}
