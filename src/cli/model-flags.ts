import type { Command } from 'commander'
import { wholeNumber } from './engine.ts'

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
  return command
    .option('--model <name>', 'llama, gpt2, or a published size such as gpt2-124m', 'llama')
    .option('--depth <n>', 'layers; the width follows: 64 a layer', wholeNumber(1))
    .option('--width <n>', 'model width', wholeNumber(1))
    .option('--heads <n>', 'attention heads', wholeNumber(1))
    .option('--key-value-heads <n>', 'heads of keys and values', wholeNumber(1))
    .option('--context <n>', 'the most tokens that the model reads at once', wholeNumber(1))
    .option('--vocab <n>', 'tokens of the vocabulary', wholeNumber(257), 2048)
}
