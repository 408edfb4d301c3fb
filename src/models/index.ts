export { type Gpt2Config, gpt2, gpt2Sizes } from './gpt2.ts'
export { type LlamaConfig, llama } from './llama.ts'
export { logits } from './logits.ts'
export type { LanguageModel } from './model.ts'
