import type { Optimizer, Schedule } from '../optim/index.ts'
import { adamw, adamw8bit, constant, cosine, linear, lion, muon, sgd, wsd } from '../optim/index.ts'
import type { TrainOptions } from '../train/index.ts'
import type { RunSettings, SessionSettings } from './run-settings.ts'

type Training = RunSettings['training']

/** How the rate goes, by the names of settings. */
const schedules: Readonly<Record<Training['schedule'], (settings: Training) => Schedule>> = {
  cosine: ({ learningRate, ...options }) => cosine(learningRate, options),
  wsd: ({ learningRate, ...options }) => wsd(learningRate, options),
  linear: ({ learningRate, ...options }) => linear(learningRate, options),
  constant: ({ learningRate, ...options }) => constant(learningRate, options),
}

/** Optimizers by the names of settings. */
const optimizers = { adamw, 'adamw-8bit': adamw8bit, muon, sgd, lion } as const satisfies Record<
  Training['optimizer'],
  unknown
>

/** The optimizer of a run, with its schedule. */
export function optimizerOf(settings: Training): Optimizer {
  const { optimizer, schedule, weightDecay } = settings
  return optimizers[optimizer]({ learningRate: schedules[schedule](settings), weightDecay })
}

/** What `train` is told of a run's settings. */
export function trainOptionsOf(settings: SessionSettings): Omit<TrainOptions, 'backend'> {
  const { steps, seed, clip, accumulate, precision, recompute, memory, dropout, labelSmoothing, zLoss, ema } = settings
  return {
    optimizer: optimizerOf(settings),
    ...{ steps, seed, clip, accumulate, precision, recompute, memory, dropout, labelSmoothing, zLoss, ema },
  }
}
