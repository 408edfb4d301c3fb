import { random } from '../../src/base/index.ts'
import type { Batch } from '../../src/data/index.ts'
import type { BatchShape, BatchSource } from '../../src/train/index.ts'

/** Batches of random ids: nothing to learn but themselves. */
export function noise(vocabSize: number, shape: BatchShape): Generator<Batch, never> & BatchShape {
  return Object.assign(drawn(vocabSize, shape), shape)
}

function* drawn(vocabSize: number, { batch, tokens }: BatchShape): Generator<Batch, never> {
  const rng = random(1)
  for (;;) {
    const ids = Int32Array.from({ length: batch * (tokens + 1) }, () => rng.integer(vocabSize))
    const rows = Array.from({ length: batch }, (_, row) => ids.subarray(row * (tokens + 1), (row + 1) * (tokens + 1)))
    const inputs = Int32Array.from(rows.flatMap((row) => [...row.subarray(0, tokens)]))
    const targets = Int32Array.from(rows.flatMap((row) => [...row.subarray(1)]))
    yield { inputs, targets, batch, tokens }
  }
}

/** The same batches, again and again. */
export function always(...batches: Batch[]): BatchSource {
  const { batch, tokens } = batches[0]
  const cycle = function* () {
    for (;;) yield* batches
  }
  return Object.assign(cycle(), { batch, tokens })
}
