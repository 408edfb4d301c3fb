import { ShapeError, shapeText, sizeOf } from '../../base/index.ts'
import { apply, operation } from '../operation.ts'
import { signature } from '../signature.ts'
import type { Tensor } from '../tensor.ts'

const shared = signature('x: B T H D, positions: i32 T, factors?: P -> y: B T H D')
const perSequence = signature('x: B T H D, positions: i32 B T, factors?: P -> y: B T H D')

const rotaryOperation = operation({
  name: 'rotary',
  attributes: ['theta', 'inverse', 'interleaved'],
  shapes: (inputs) => (inputs[1]!.shape.length === 1 ? shared : perSequence).infer('rotary', inputs),
  inPlace: [[0, 0]],
  flops: ([x]) => 6 * sizeOf(x!.shape),
  gradient: ({ inputs: [, positions, factors], attributes }, [dy]) => [
    apply(rotaryOperation, factors === undefined ? [dy!, positions] : [dy!, positions, factors], {
      ...attributes,
      inverse: attributes.inverse === 1 ? 0 : 1,
    })[0],
    undefined,
  ],
})

export interface RotaryOptions {
  /** The base of the wavelengths. */
  readonly theta?: number
  /** Pairs are neighbours (2j, 2j + 1), as in Meta's own code, rather than halves (j, j + D/2), as in Hugging Face's. */
  readonly interleaved?: boolean
  /** `[D/2]`: how many times slower each pair turns than the base says; Llama 3.1 reads longer texts by them. */
  readonly factors?: Tensor
}

/**
 * Rotary position embedding: pair j of each head turns by position · theta^(−2j/D), so that the product of a query and a
 * key depends on the distance between them alone.
 *
 * @param x `[B, T, H, D]`, D even
 * @param positions `[T]` or `[B, T]`, i32
 * @returns `[B, T, H, D]`
 * @throws ShapeError when D is odd, or factors are not D/2
 * Source: Su et al. 2021, §3.2.
 *
 * @example
 * rotary(constant([1, 2], [1, 1, 1, 2]), constant([0], [1], 'i32')) // [[[[1, 2]]]]; position 0 does not turn
 */
export function rotary(
  x: Tensor,
  positions: Tensor,
  { theta = 10000, interleaved = false, factors }: RotaryOptions = {},
): Tensor {
  if (x.rank === 4 && x.shape[3] % 2 !== 0) throw new ShapeError('rotary', `D must be even, got ${shapeText(x.shape)}`)
  if (factors !== undefined && factors.shape[0] * 2 !== x.shape[3])
    throw new ShapeError('rotary', `factors must be [${x.shape[3] / 2}], got ${shapeText(factors.shape)}`)
  return apply(rotaryOperation, factors === undefined ? [x, positions] : [x, positions, factors], {
    theta,
    inverse: 0,
    interleaved: interleaved ? 1 : 0,
  })[0]
}
