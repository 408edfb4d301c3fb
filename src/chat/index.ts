export * from './encode-chat.ts'
export * from './stop-text.ts'
export * from './strftime.ts'
export * from './template.ts'
