export { type GradientNoise, type GradientNorms, gradientNoise, type NoiseScale, noiseScale } from './noise-scale.ts'
export {
  type BatchShape,
  emaName,
  evaluation,
  initialization,
  type Objective,
  type StepOptions,
  trainingStep,
  type UpdateOptions,
} from './programs.ts'
export { SPIKE_WINDOW, type Spike, spikeIn } from './spikes.ts'
export { type BatchSource, type Run, type StepReport, type TrainOptions, train } from './train.ts'
