export * from './encode.ts'
export * from './native.ts'
