export type { TokenConstraint } from './constraint.ts'
export { type GenerateOptions, type Generator, generator } from './generate.ts'
export type { DryOptions, MirostatOptions, SamplingOptions } from './sampling/options.ts'
export { sample } from './sampling/sample.ts'
