import { random } from '../base/index.ts'
import type { Batch } from '../data/index.ts'
import type { BatchSource } from '../train/index.ts'

export interface RandomBatches {
  readonly batch: number
  readonly tokens: number
  readonly packed: boolean
  readonly vocabSize: number
}

/** Endless batches of random ids: time and memory do not depend on what is learned. */
export function randomBatches({ batch, tokens, packed, vocabSize }: RandomBatches): BatchSource {
  const rng = random(1)
  const draw = () => Int32Array.from({ length: batch * tokens }, () => rng.integer(vocabSize))
  const documents = packed ? new Int32Array(batch * tokens) : undefined
  return {
    batch,
    tokens,
    packed,
    *[Symbol.iterator](): Generator<Batch> {
      for (;;) yield { inputs: draw(), targets: draw(), documents, batch, tokens }
    },
  }
}
