import { ConfigError } from '../base/index.ts'
import {
  adamw,
  adamw8bit,
  type CommonOptions,
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
const schedules: Record<Training['schedule'], (peak: number, options: Training) => Schedule> = {
  cosine,
  wsd,
  linear,
  constant,
}

/** Optimizers by the names of settings. */
const optimizers: Record<Training['optimizer'], (options: CommonOptions) => Optimizer> = {
  adamw,
  'adamw-8bit': adamw8bit,
  muon,
  sgd,
  lion,
}

/** The optimizer of a run, with its schedule. */
export function optimizerOf(settings: Training): Optimizer {
  const { learningRate, weightDecay } = settings
  const schedule = schedules[settings.schedule](learningRate, settings)
  return optimizers[settings.optimizer]({ learningRate: schedule, weightDecay })
}

type Told = 'steps' | 'seed' | 'clip' | 'accumulate' | 'precision' | 'dropout' | 'labelSmoothing' | 'zLoss' | 'ema'

/**
 * What `train` is told of a run's settings.
 *
 * @throws ConfigError for a setting that cannot be had
 */
export function trainOptionsOf(settings: SessionSettings): Pick<TrainOptions, Told> {
  const { steps, seed, clip, accumulate, precision, dropout, labelSmoothing, zLoss, ema } = settings
  // To be passed on once TrainOptions has them; until then they are refused, so that nobody trains without what was asked.
  const { recompute, memory } = settings
  for (const [name, value] of Object.entries({ recompute, memory }))
    if (value !== undefined && value !== 'none') throw new ConfigError(`${name} is not there yet; leave it out`)
  return { steps, seed, clip, accumulate, precision, dropout, labelSmoothing, zLoss, ema }
}
