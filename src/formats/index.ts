export * from './floats.ts'
export * from './json.ts'
export * from './safetensors.ts'
export * from './sentencepiece.ts'
