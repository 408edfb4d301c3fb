import { ConfigError } from '../../../base/index.ts'
import type { Language } from '../world-document.ts'
import { type GenerationTask, generation } from './generation.ts'
import { type InContextTask, inContext } from './in-context.ts'
import { type MultipleChoiceTask, multipleChoice } from './multiple-choice.ts'
import { type RecallTask, recall } from './recall.ts'
import type { TaskSource } from './sample.ts'

export interface EvaluationTasks {
  'multiple-choice': MultipleChoiceTask
  generation: GenerationTask
  'in-context': InContextTask
  recall: RecallTask
}

export interface EvaluationOptions {
  /** How many tasks, at most; default 100. Fewer come when the world has no more questions of that sort. */
  readonly count?: number
  /** Which set; default 0. The same seed gives the same tasks. */
  readonly seed?: number
  readonly language?: Language
  /** Only questions that documents (never) ask; default both. For multiple-choice and generation. */
  readonly heldOut?: boolean
  /** Examples of an in-context task, 0 to 256; default 8. */
  readonly shots?: number
  /** Length of a recall prompt in UTF-8; default 4096. */
  readonly bytes?: number
  /** Where a recall needle lies, 0 to 1; default: spread evenly. */
  readonly depth?: number
}

/** @throws ConfigError for an unknown kind, and options out of range */
export function evaluation<K extends keyof EvaluationTasks>(
  kind: K,
  source: TaskSource,
  { count = 100, seed = 0, ...options }: EvaluationOptions,
): readonly EvaluationTasks[K][] {
  checkSet(count, seed)
  const wanted = { count, ...options }
  const makers: { [Each in keyof EvaluationTasks]: () => EvaluationTasks[Each][] } = {
    'multiple-choice': () => multipleChoice(source, seed, wanted),
    generation: () => generation(source, seed, wanted),
    'in-context': () => inContext(source, seed, wanted),
    recall: () => recall(source, seed, wanted),
  }
  if (!Object.hasOwn(makers, kind))
    throw new ConfigError(`evaluation: kinds are ${Object.keys(makers).join(', ')}; got ${kind}`)
  return makers[kind]()
}

/** @throws ConfigError for a count or a seed that is no whole number from 0 on */
export function checkSet(count: number, seed: number): void {
  for (const [name, value] of Object.entries({ count, seed })) {
    if (Number.isSafeInteger(value) && value >= 0) continue
    throw new ConfigError(`tasks: ${name} must be a whole number from 0 on, got ${value}`)
  }
}
