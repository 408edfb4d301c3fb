export { type AdamwOptions, adamw } from './adamw.ts'
export { adamw8bit } from './adamw-8bit.ts'
export { type LionOptions, lion } from './lion.ts'
export { type MuonOptions, muon } from './muon.ts'
export type { CommonOptions, Optimizer, OptimizerState } from './optimizer.ts'
export {
  constant,
  cosine,
  type FallOptions,
  linear,
  type Schedule,
  type WarmupOptions,
  type WsdOptions,
  wsd,
} from './schedule.ts'
export { type SgdOptions, sgd } from './sgd.ts'
