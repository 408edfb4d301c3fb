import type { Command } from 'commander'
import { withFlags } from './run-flags.ts'
import { fields } from './run-settings.ts'

/** The flags that say which model; what is left out follows from `--model` and `--depth`. */
export interface ModelFlags {
  readonly model: string
  readonly vocab: number
  readonly depth?: number
  readonly width?: number
  readonly heads?: number
  readonly keyValueHeads?: number
  readonly context?: number
}

/** Adds the flags of a model. */
export function withModel(command: Command): Command {
  return withFlags(command, { ...fields.model, vocabulary: fields.tokenizer.vocabulary })
}
