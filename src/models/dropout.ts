import { dropout, type RandomKey, type Tensor } from '../tensor/index.ts'

/** Which values a model drops while it is trained. */
export interface DropoutOptions {
  /** The probability that an element becomes zero; below 1. */
  readonly rate: number
  /** The first place draws from its stream, each further one from the next stream. */
  readonly key: RandomKey
}

/**
 * Dropout for one pass through a model: each use is a place of its own, whose numbers depend on key and place alone, so
 * that a resumed run and a recomputed block draw the same again. Without options, or at rate 0, values stay what they are.
 *
 * Source: the places are GPT-2's, after the embeddings and at the end of both residual branches: Radford et al. 2018, §4.1.
 */
export function dropoutPlaces(options: DropoutOptions | undefined): (x: Tensor) => Tensor {
  if (options === undefined) return (x) => x
  const { rate, key } = options
  let { stream } = key
  return (x) => dropout(x, rate, { ...key, stream: stream++ })
}
