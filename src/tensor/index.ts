export { gradients } from './gradients.ts'
export { IDENTITY } from './operation.ts'
export { type AdamwAttributes, type AdamwUpdate, adamwStep } from './ops/adamw.ts'
export { type Adamw8bitUpdate, adamw8bitStep, scalesShape } from './ops/adamw-8bit.ts'
export { type AttentionOptions, attention } from './ops/attention.ts'
export * from './ops/elementwise.ts'
export { gather, pick, scatterAdd, scatterAddOperation } from './ops/gather.ts'
export {
  linearCrossEntropy,
  linearCrossEntropyBackward,
  type Regularization,
  type RegularizedCrossEntropy,
  regularizedCrossEntropy,
} from './ops/linear-cross-entropy.ts'
export { activations, type MatmulOptions, matmul, matmulOperation } from './ops/matmul.ts'
export { concat, concatOperation, pad, padOperation, slice, split, transpose } from './ops/movement.ts'
export { layerNorm, layerNormBackward, type NormOptions, rmsNorm, rmsNormBackward } from './ops/norm.ts'
export { packedMatmulOperation } from './ops/packed-matmul.ts'
export {
  type CacheDType,
  copyPages,
  PAGE,
  type PagedCache,
  type PagePlaces,
  pagedAttention,
  pageShapes,
} from './ops/paged-attention.ts'
export { dropout, type RandomKey, randomNormal, randomUniform } from './ops/random.ts'
export { argmax, globalNorm, max, mean, type ReduceOptions, sum, sumSquares, sumTo } from './ops/reduce.ts'
export { reshape } from './ops/reshape.ts'
export { type RotaryOptions, rotary } from './ops/rotary.ts'
export { softmax } from './ops/softmax.ts'
export { type Origin, scope } from './origin.ts'
export { constant, input, state } from './source.ts'
export { type TapRequest, tap, traced } from './tap.ts'
export { type Attributes, type Node, type Operation, type Source, type Spec, Tensor } from './tensor.ts'
