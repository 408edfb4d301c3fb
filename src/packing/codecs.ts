import type { PackedDType } from '../base/index.ts'
import type { Codec } from './codec.ts'
import { int8 } from './int8.ts'
import { nf4 } from './nf4.ts'
import { q2_k } from './q2_k.ts'
import { q4_0 } from './q4_0.ts'
import { q4_1 } from './q4_1.ts'
import { q4_k } from './q4_k.ts'
import { q5_k } from './q5_k.ts'
import { q6_k } from './q6_k.ts'
import { q8_0 } from './q8_0.ts'
import { f8e4m3, f8e5m2 } from './scaled-float8.ts'

/** How a row of each packed dtype is written and read. The q… ones are ggml's, byte for byte. */
export const codecs: Readonly<Record<PackedDType, Codec>> = {
  int8,
  f8e4m3,
  f8e5m2,
  nf4,
  q8_0,
  q4_0,
  q4_1,
  q2_k,
  q4_k,
  q5_k,
  q6_k,
}
