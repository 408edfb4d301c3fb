export { attentionWeights, causalAttention, mergeHeads, splitHeads } from './heads.ts'
export { conv1d, linear } from './linear.ts'
export { documentPositions } from './positions.ts'
export {
  type Initial,
  initialUpdates,
  matrix,
  parameterCount,
  type StepRates,
  type StoredWeight,
  type StoredWeights,
  stateWeights,
  storedShape,
  vector,
  type WeightRole,
  type WeightSpec,
  type WeightSpecs,
  type Weights,
  within,
} from './weights.ts'
