export { type Assigned, assign } from './assign.ts'
export {
  type CalibratedBlock,
  type CalibrateOptions,
  calibrate,
  type InputStatistics,
  type ReadWeight,
} from './calibrate.ts'
export { evaluateQuantized, type QualityReport, type StoredModel } from './evaluate.ts'
export type { GptqOptions } from './gptq.ts'
export {
  bitsPerWeight,
  type Method,
  methods,
  type QuantizedLayer,
  type QuantizedWeights,
  type QuantizeOptions,
  type QuantizeProgress,
  quantize,
} from './quantize.ts'
