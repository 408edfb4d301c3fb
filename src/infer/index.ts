export type { TokenConstraint } from './constraint.ts'
export { type GenerateOptions, type Generator, generator } from './generate.ts'
export { type SamplingOptions, sample } from './sample.ts'
