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

/** What `train` is told of a run's settings. */
export function trainOptionsOf(settings: SessionSettings): Omit<TrainOptions, 'backend'> {
  const { steps, seed, clip, accumulate, precision, recompute, memory, dropout, labelSmoothing, zLoss, ema } = settings
  return {
    optimizer: optimizerOf(settings),
    ...{ steps, seed, clip, accumulate, precision, recompute, memory, dropout, labelSmoothing, zLoss, ema },
  }
}
