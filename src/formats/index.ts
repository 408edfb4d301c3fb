export * from './json.ts'
export * from './safetensors.ts'
