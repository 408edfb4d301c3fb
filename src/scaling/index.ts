export type { Differentiable, Evaluation } from './differentiable.ts'
export { type Estimate, estimateOf } from './estimate.ts'
export { hasOptimum, type LawExponents, lawExponents } from './exponents.ts'
export {
  fitIsoFlop,
  type IsoFlopCurve,
  type IsoFlopFit,
  type IsoFlopMinimum,
  type PowerLaw,
} from './fit-iso-flop.ts'
export { fitScalingLaw, type ScalingFit, type ScalingFitOptions } from './fit-scaling-law.ts'
export {
  KAPLAN_COMPUTE_EXPONENT,
  lossOf,
  type PublishedLaw,
  publishedLaws,
  type ScalingLaw,
  trainingFlops,
} from './law.ts'
export { type LbfgsOptions, lbfgs, type Minimum } from './lbfgs.ts'
export { type ComputePlan, type ComputeRequest, type PlannedRun, planCompute } from './plan-compute.ts'
export type { ScalingPoint } from './scaling-points.ts'
