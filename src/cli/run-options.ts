import { ConfigError } from '../base/index.ts'
import {
  adamw,
  adamw8bit,
  constant,
  cosine,
  linear,
  lion,
  muon,
  type Optimizer,
  type Schedule,
  sgd,
  wsd,
} from '../optim/index.ts'
import type { TrainOptions } from '../train/index.ts'
import type { RunSettings, SessionSettings } from './run-settings.ts'

type Training = RunSettings['training']

/** How the rate goes, by the names of settings. */
const schedules: Readonly<Record<Training['schedule'], (settings: Training) => Schedule>> = {
  cosine: ({ learningRate, warmup, floor }) => cosine(learningRate, { warmup, floor }),
  wsd: ({ learningRate, warmup, floor, decay }) => wsd(learningRate, { warmup, floor, decay }),
  linear: ({ learningRate, warmup, floor }) => linear(learningRate, { warmup, floor }),
  constant: ({ learningRate, warmup }) => constant(learningRate, { warmup }),
}

/** Optimizers by the names of settings. */
const optimizers = { adamw, 'adamw-8bit': adamw8bit, muon, sgd, lion } as const satisfies Readonly<
  Record<Training['optimizer'], unknown>
>

/**
 * The optimizer of a run, with its schedule.
 *
 * @throws ConfigError for numbers that its schedule cannot have
 */
export function optimizerOf(settings: Training): Optimizer {
  const { optimizer, schedule, weightDecay } = settings
  return optimizers[optimizer]({ learningRate: schedules[schedule](settings), weightDecay })
}

/**
 * What `train` is told of a run's settings.
 *
 * @throws ConfigError for a setting that cannot be had
 */
export function trainOptionsOf(
  settings: SessionSettings,
): Omit<TrainOptions, 'backend' | 'optimizer' | 'state' | 'from'> {
  const { steps, seed, clip, accumulate, precision, dropout, labelSmoothing, zLoss, ema } = settings
  // To be passed on once they can be had; until then they are refused, so that nobody trains without what was asked.
  const { recompute, memory, mup } = settings
  for (const [name, value] of Object.entries({ recompute, memory, mup }))
    if (value && value !== 'none') throw new ConfigError(`${name} is not there yet; leave it out`)
  return { steps, seed, clip, accumulate, precision, dropout, labelSmoothing, zLoss, ema }
}
