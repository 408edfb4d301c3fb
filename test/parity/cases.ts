import { cases as adamw } from './adamw.ts'
import { cases as adamw8bit } from './adamw-8bit.ts'
import { cases as attention } from './attention.ts'
import type { ParityCase } from './case.ts'
import { cases as elementwise } from './elementwise.ts'
import { cases as fill } from './fill.ts'
import { cases as gather } from './gather.ts'
import { cases as linearCrossEntropy } from './linear-cross-entropy.ts'
import { cases as matmul } from './matmul.ts'
import { cases as move } from './move.ts'
import { cases as norm } from './norm.ts'
import { cases as packedMatmul } from './packed-matmul.ts'
import { cases as pagedAttention } from './paged-attention.ts'
import { cases as random } from './random.ts'
import { cases as reduce } from './reduce.ts'
import { cases as rotary } from './rotary.ts'
import { cases as softmax } from './softmax.ts'

/** Every case of every kernel, in the order of kernels/README.md. */
export const cases: readonly ParityCase[] = [
  ...elementwise,
  ...fill,
  ...reduce,
  ...move,
  ...gather,
  ...matmul,
  ...pagedAttention,
  ...softmax,
  ...norm,
  ...packedMatmul,
  ...rotary,
  ...attention,
  ...linearCrossEntropy,
  ...adamw,
  ...adamw8bit,
  ...random,
]
