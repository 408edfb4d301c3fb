import { sizeOf } from '../../base/index.ts'
import { apply, operation } from '../operation.ts'
import { signature } from '../signature.ts'
import type { Tensor } from '../tensor.ts'

export interface NormOptions {
  /** Added to the variance (or mean square) so that a row of zeros does not divide by zero. */
  readonly epsilon?: number
}

const layerNormOperation = operation({
  name: 'layer-norm',
  attributes: ['epsilon'],
  shapes: signature('x: … C, gain: C, bias?: C -> y: … C'),
  flops: ([x]) => 8 * sizeOf(x!.shape),
  gradient({ inputs: [x, gain, bias], attributes }, [dy]) {
    const [dx, dGain, dBias] = apply(layerNormBackward, [x, gain, dy!, null], attributes)
    return [dx, dGain, bias ? dBias : undefined]
  },
})

export const layerNormBackward = operation({
  name: 'layer-norm-backward',
  attributes: ['epsilon'],
  shapes: signature('x: … C, gain: C, dy: … C, residual?: … C -> dx: … C, dgain: C, dbias: C'),
  inPlace: [
    [0, 3],
    [0, 2],
  ],
  flops: ([x]) => 14 * sizeOf(x!.shape),
})

/**
 * Layer normalisation over the last axis: (x − mean) / √(variance + epsilon) · gain + bias.
 *
 * @param x `[…, C]`
 * @param gain `[C]`
 * @param bias `[C]`, or none
 * @returns `[…, C]`; mean and (biased) variance in f32
 * Cost: about 8·C FLOPs a row; reads x once, writes once.
 * Source: Ba, Kiros & Hinton 2016, §3.
 *
 * @example
 * layerNorm(constant([1, 3], [1, 2]), ones([2]), null, { epsilon: 0 }) // [[-1, 1]]
 */
export function layerNorm(
  x: Tensor,
  gain: Tensor,
  bias: Tensor | null = null,
  { epsilon = 1e-5 }: NormOptions = {},
): Tensor {
  return apply(layerNormOperation, [x, gain, bias], { epsilon })[0]
}

const rmsNormOperation = operation({
  name: 'rms-norm',
  attributes: ['epsilon'],
  shapes: signature('x: … C, gain: C -> y: … C'),
  flops: ([x]) => 4 * sizeOf(x!.shape),
  gradient: ({ inputs: [x, gain], attributes }, [dy]) => apply(rmsNormBackward, [x, gain, dy!, null], attributes),
})

export const rmsNormBackward = operation({
  name: 'rms-norm-backward',
  attributes: ['epsilon'],
  shapes: signature('x: … C, gain: C, dy: … C, residual?: … C -> dx: … C, dgain: C'),
  inPlace: [
    [0, 3],
    [0, 2],
  ],
  flops: ([x]) => 10 * sizeOf(x!.shape),
})

/**
 * Root-mean-square normalisation over the last axis: x / √(mean(x²) + epsilon) · gain.
 *
 * @param x `[…, C]`
 * @param gain `[C]`
 * @returns `[…, C]`; the mean in f32
 * Cost: 4·C FLOPs a row; reads x once, writes once.
 * Source: Zhang & Sennrich 2019, §4.
 *
 * @example
 * rmsNorm(constant([3, -3], [1, 2]), ones([2]), { epsilon: 0 }) // [[1, -1]]
 */
export function rmsNorm(x: Tensor, gain: Tensor, { epsilon = 1e-5 }: NormOptions = {}): Tensor {
  return apply(rmsNormOperation, [x, gain], { epsilon })[0]
}
