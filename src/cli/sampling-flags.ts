import type { Command } from 'commander'
import { ConfigError } from '../base/index.ts'
import type { SamplingOptions } from '../infer/index.ts'
import { numberIn, wholeNumber } from './engine.ts'

/** What the command line says about how tokens are drawn. */
export interface SamplingFlags {
  readonly temperature: number
  readonly topK: number
  readonly topP: number
  readonly minP: number
  readonly typical: number
  readonly mirostat?: number
  readonly repeatPenalty: number
  readonly presencePenalty: number
  readonly frequencyPenalty: number
  readonly dry: number
  readonly logitBias: Readonly<Record<number, number>>
}

/** Adds a flag for each way of drawing. */
export function withSampling(command: Command): Command {
  const any = numberIn(Number.NEGATIVE_INFINITY)
  return command
    .option('--temperature <t>', '0 takes the likeliest token each time', numberIn(0), 0.8)
    .option('--top-k <k>', 'draw from the k likeliest tokens only; 0: from all', wholeNumber(0), 0)
    .option('--top-p <p>', 'draw from the likeliest tokens that reach this probability', numberIn(0, 1), 1)
    .option('--min-p <p>', 'draw from tokens at least this share as likely as the likeliest', numberIn(0, 1), 0)
    .option(
      '--typical <p>',
      'draw from tokens of nearly the expected surprise that reach this probability',
      numberIn(0, 1),
      1,
    )
    .option(
      '--mirostat <bits>',
      'keep the surprise near so many bits, in the place of the four cuts above',
      numberIn(0),
    )
    .option('--repeat-penalty <x>', 'divide the logits of tokens that the text has', numberIn(0), 1)
    .option('--presence-penalty <x>', 'take x from the logits of tokens that were written', any, 0)
    .option('--frequency-penalty <x>', 'take x from them for each time that they were written', any, 0)
    .option('--dry <x>', 'make what goes on with a repetition less likely', numberIn(0), 0)
    .option('--logit-bias <id=x>', 'add x to the logit of a token id; may be given several times', bias, {})
}

export function samplingOptions(flags: SamplingFlags): SamplingOptions {
  return {
    temperature: flags.temperature,
    topK: flags.topK,
    topP: flags.topP,
    minP: flags.minP,
    typicalP: flags.typical,
    mirostat: flags.mirostat === undefined ? undefined : { tau: flags.mirostat },
    repetitionPenalty: flags.repeatPenalty,
    presencePenalty: flags.presencePenalty,
    frequencyPenalty: flags.frequencyPenalty,
    dry: flags.dry === 0 ? undefined : { multiplier: flags.dry },
    logitBias: flags.logitBias,
  }
}

function bias(text: string, before: Readonly<Record<number, number>>): Record<number, number> {
  const [, id, value] = /^(\d+)=(\S+)$/.exec(text) ?? []
  const number = value === '-inf' ? Number.NEGATIVE_INFINITY : Number(value)
  if (id === undefined || Number.isNaN(number))
    throw new ConfigError(`--logit-bias must be a token id and a number, such as 42=-1.5 or 42=-inf, got ${text}`)
  return { ...before, [Number(id)]: number }
}
