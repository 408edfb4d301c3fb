export { type BatchShape, evaluation, initialization, type StepOptions, trainingStep } from './programs.ts'
export { type BatchSource, type Run, type StepReport, type TrainOptions, train } from './train.ts'
