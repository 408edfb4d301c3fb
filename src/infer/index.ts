export type { TokenConstraint } from './constraint.ts'
export { type GenerateOptions, type Generator, generator } from './generate.ts'
export { type CopyStepOptions, copyStep, type PagedStepOptions, pagedStep } from './paged-model.ts'
export { type SamplingOptions, sample } from './sample.ts'
