import type { ChatTemplate } from '../chat/index.ts'
import type { InferenceEngine } from '../infer/index.ts'
import type { Tokenizer } from '../tokenizers/index.ts'

/** A model that a server answers with. */
export interface ServedModel {
  /** The name that requests call it by. */
  readonly id: string
  readonly engine: InferenceEngine
  readonly tokenizer: Tokenizer
  /** Conversations to text; without one there are completions only. */
  readonly template?: ChatTemplate
  /** The template as the model carries it, for those who ask. */
  readonly chatTemplateText?: string
  /** Tokens that a text may have, prompt and all. */
  readonly context: number
  /** The id that stands before every text, where the model wants one. */
  readonly beginId?: number
  /** Ids that end a text. */
  readonly stopIds: readonly number[]
  /** Seconds since 1970 when it was loaded. */
  readonly created: number
}
