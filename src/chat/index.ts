export * from './strftime.ts'
export * from './template.ts'
