import { type Shape, ShapeError, shapeText, sizeOf } from '../../base/index.ts'
import { apply, operation } from '../operation.ts'
import { signature } from '../signature.ts'
import type { Tensor } from '../tensor.ts'
import type { AdamwAttributes, AdamwUpdate } from './adamw.ts'

/** Elements that share a scale. */
const BLOCK = 256

const shapes = signature(
  'weight: …, m: u8 …, mScale: S, v: u8 …, vScale: S, gradient: …, control: f32 4 -> ' +
    'weight: …, m: u8 …, mScale: S, v: u8 …, vScale: S',
)

const adamw8bitOperation = operation({
  name: 'adamw-8bit',
  attributes: ['beta1', 'beta2', 'epsilon', 'weightDecay', 'rate'],
  shapes(inputs) {
    const outputs = shapes.infer('adamw-8bit', inputs)
    const [weight, , scales] = outputs
    const expected = scalesShape(weight.shape)
    if (scales.shape[0] !== expected[0]) {
      throw new ShapeError(
        'adamw-8bit',
        `a weight ${shapeText(weight.shape)} has scales ${shapeText(expected)}, one for ${BLOCK} elements, got ${shapeText(scales.shape)}`,
      )
    }
    return outputs
  },
  inPlace: [0, 1, 2, 3, 4].map((i): [number, number] => [i, i]),
  flops: ([weight]) => 48 * sizeOf(weight!.shape),
})

/**
 * The shape of the scales of a weight's moments: one for each 256 elements, the last of which may be fewer.
 *
 * @example
 * scalesShape([2, 300]) // [3]
 */
export function scalesShape(weight: Shape): Shape {
  return [Math.ceil(sizeOf(weight) / BLOCK)]
}

/** Moments as codes u8 of the weight's shape, and what a code of 1 stands for in each block. */
export interface Adamw8bitUpdate extends AdamwUpdate {
  /** {@link scalesShape} */
  readonly mScale: Tensor
  readonly vScale: Tensor
}

/**
 * One step of Adam with decoupled weight decay, its moments kept in 8 bits: a floating-point code for each element times a
 * scale for each block of 256, v as its square root. The weight's step reads the moments before they are rounded.
 *
 * @param at weight, f32; m and v, u8 codes of its shape; their scales, f32
 * @param gradient of the weight's shape
 * @param control `[4]`: learning rate, 1 / (1 − beta1^t), 1 / (1 − beta2^t), factor of the gradient
 * @returns the five after the step
 * @throws ShapeError when shapes or dtypes disagree
 * Cost: 16 bytes a weight, in place.
 * Source: Dettmers et al. 2022 ("8-bit Optimizers via Block-wise Quantization"), §2.1; the codes are kernels/README.md's.
 *
 * @example
 * const codes = convert(zeros([2]), 'u8')
 * const at = { weight: constant([3, 3], [2]), m: codes, mScale: zeros([1]), v: codes, vScale: zeros([1]) }
 * const options = { beta1: 0, beta2: 0, epsilon: 0, weightDecay: 0 }
 * const after = adamw8bitStep(at, constant([4, -4], [2]), constant([0.5, 1, 1, 1], [4]), options)
 * after.weight // [2.5, 3.5]
 * after.m // [127, 255]; the greatest code, and with its sign bit
 */
export function adamw8bitStep(
  at: Adamw8bitUpdate,
  gradient: Tensor,
  control: Tensor,
  { rate = 1, ...attributes }: AdamwAttributes,
): Adamw8bitUpdate {
  const inputs = [at.weight, at.m, at.mScale, at.v, at.vScale, gradient, control]
  const [weight, m, mScale, v, vScale] = apply(adamw8bitOperation, inputs, { ...attributes, rate })
  return { weight, m, mScale, v, vScale }
}
