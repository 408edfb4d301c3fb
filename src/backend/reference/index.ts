export { type ReferenceOptions, readDoubles, referenceBackend, writeDoubles } from './backend.ts'
export { elementwiseFunctions } from './elementwise.ts'
export { kernels } from './kernels.ts'
export { absent, f64View, type Kernel, read, roundToBf16, type View } from './view.ts'
