import { adamw } from './adamw.ts'
import { adamw8bit } from './adamw-8bit.ts'
import { attention, attentionBackward } from './attention.ts'
import { elementwise } from './elementwise.ts'
import { fill } from './fill.ts'
import { gather, pick, pickBackward, scatterAdd } from './gather.ts'
import { interleave } from './interleave.ts'
import { linearCrossEntropy, linearCrossEntropyBackward } from './linear-cross-entropy.ts'
import { matmul } from './matmul.ts'
import { concat, pad, slice, transpose } from './move.ts'
import { layerNorm, layerNormBackward, rmsNorm, rmsNormBackward } from './norm.ts'
import { packedMatmul } from './packed-matmul.ts'
import { copyPages, pagedAttention } from './paged-attention.ts'
import { randomNormal, randomUniform } from './random.ts'
import { argmax, max, sum, sumSquares } from './reduce.ts'
import { rotary } from './rotary.ts'
import { softmax, softmaxBackward } from './softmax.ts'
import type { Kernel } from './view.ts'

/** Every kernel by name, in the order of kernels/README.md. */
export const kernels: ReadonlyMap<string, Kernel> = new Map(
  Object.entries({
    elementwise,
    fill,
    sum,
    max,
    'sum-squares': sumSquares,
    argmax,
    transpose,
    slice,
    pad,
    concat,
    gather,
    'scatter-add': scatterAdd,
    pick,
    'pick-backward': pickBackward,
    matmul,
    'packed-matmul': packedMatmul,
    interleave,
    'paged-attention': pagedAttention,
    'copy-pages': copyPages,
    softmax,
    'softmax-backward': softmaxBackward,
    'layer-norm': layerNorm,
    'layer-norm-backward': layerNormBackward,
    'rms-norm': rmsNorm,
    'rms-norm-backward': rmsNormBackward,
    rotary,
    attention,
    'attention-backward': attentionBackward,
    'linear-cross-entropy': linearCrossEntropy,
    'linear-cross-entropy-backward': linearCrossEntropyBackward,
    adamw,
    'adamw-8bit': adamw8bit,
    'random-uniform': randomUniform,
    'random-normal': randomNormal,
  }),
)
