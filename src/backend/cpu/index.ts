export * from './encode.ts'
export * from './native.ts'
export * from './wasm.ts'
export * from './worker.ts'
