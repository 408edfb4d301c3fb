import { random } from '../../src/base/index.ts'
import type { Batch } from '../../src/data/index.ts'
import type { BatchShape } from '../../src/train/index.ts'

/** Nats a token that nobody can know: the next one is one of four, with 1/2, 1/4, 1/8 and 1/8. */
export const entropyNats = 1.75 * Math.LN2

/** Endless batches of a Markov chain over `vocabSize` ids: soon learned, and never to below {@link entropyNats}. */
export function chain(vocabSize: number, shape: BatchShape, seed = 1): Generator<Batch, never> & BatchShape {
  const rules = random(9)
  const next = Array.from({ length: vocabSize }, () => Array.from({ length: 4 }, () => rules.integer(vocabSize)))
  const draws = function* (): Generator<Batch, never> {
    const { batch, tokens } = shape
    const rng = random(seed)
    for (;;) {
      const [inputs, targets] = [new Int32Array(batch * tokens), new Int32Array(batch * tokens)]
      let id = 0
      for (let i = 0; i < inputs.length; i++) {
        if (i % tokens === 0) id = rng.integer(vocabSize)
        inputs[i] = id
        id = next[id][Math.min(3, Math.floor(-Math.log2(1 - rng.next())))]
        targets[i] = id
      }
      yield { inputs, targets, batch, tokens }
    }
  }
  return Object.assign(draws(), shape)
}
