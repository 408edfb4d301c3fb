export { type BatchShape, evaluation, initialization, type StepOptions, trainingStep } from './programs.ts'
export { SPIKE_WINDOW, type Spike, spikeIn } from './spikes.ts'
export { type BatchSource, type Run, type StepReport, type TrainOptions, train } from './train.ts'
