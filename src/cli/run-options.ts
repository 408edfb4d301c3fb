import { ConfigError } from '../base/index.ts'
import { adamw, constantRate, cosine, type Optimizer, type Schedule } from '../optim/index.ts'
import type { TrainOptions } from '../train/index.ts'
import type { RunSettings, SessionSettings } from './run-settings.ts'

type Training = RunSettings['training']

type Made<Name extends 'optimizer' | 'schedule', T extends unknown[], R> = Partial<
  Record<Training[Name], (settings: Training, ...rest: T) => R>
>

/** How the rate goes, by the names of settings. */
const schedules: Made<'schedule', [], Schedule> = {
  cosine: ({ learningRate, warmup, floor }) => cosine(learningRate, { warmup, floor }),
  constant: ({ learningRate }) => constantRate(learningRate),
}

/** Optimizers by the names of settings. */
const optimizers: Made<'optimizer', [Schedule], Optimizer> = {
  adamw: ({ weightDecay }, learningRate) => adamw({ learningRate, weightDecay }),
}

/**
 * The optimizer of a run, with its schedule.
 *
 * @throws ConfigError for one that is not there
 */
export function optimizerOf(settings: Training): Optimizer {
  const schedule = one('schedule', settings.schedule, schedules)(settings)
  return one('optimizer', settings.optimizer, optimizers)(settings, schedule)
}

function one<K extends string, T>(what: string, name: K, table: Partial<Record<K, T>>): T {
  const found = table[name]
  if (found === undefined)
    throw new ConfigError(`${what} ${name} is not there yet; there are ${Object.keys(table).join(', ')}`)
  return found
}

/**
 * What `train` is told of a run's settings.
 *
 * @throws ConfigError for a setting that cannot be had
 */
export function trainOptionsOf(
  settings: SessionSettings,
): Pick<TrainOptions, 'steps' | 'seed' | 'clip' | 'accumulate' | 'precision'> {
  const { steps, seed, clip, accumulate, precision } = settings
  // To be passed on once TrainOptions has them; until then they are refused, so that nobody trains without what was asked.
  const { recompute, memory, dropout, labelSmoothing, zLoss, ema, mup } = settings
  for (const [name, value] of Object.entries({ recompute, memory, dropout, labelSmoothing, zLoss, ema, mup }))
    if (value && value !== 'none') throw new ConfigError(`${name} is not there yet; leave it out`)
  return { steps, seed, clip, accumulate, precision }
}
