import { byteLength } from '../base/index.ts'
import type { LanguageModel } from '../models/index.ts'
import { parameterCount } from '../nn/index.ts'
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

/** Node with this program and its plans: 150 to 250 MB on every machine that was looked at. */
const RUNTIME_BYTES = 300e6

/** What `train` is told of a run's settings. Of the memory, Node and the copies for checkpoints take their part. */
export function trainOptionsOf(settings: SessionSettings, model: LanguageModel): Omit<TrainOptions, 'backend'> {
  const { steps, seed, clip, accumulate, precision, recompute, dropout, labelSmoothing, zLoss, ema } = settings
  const optimizer = optimizerOf(settings)
  const elsewhere = RUNTIME_BYTES + copyBytes(settings, model, optimizer)
  const memory = settings.memory === undefined ? undefined : Math.max(0, settings.memory - elsewhere)
  return { optimizer, steps, seed, clip, accumulate, precision, recompute, memory, dropout, labelSmoothing, zLoss, ema }
}

/** Whether a checkpoint is due before the last step. */
export function savesMidway({ steps, saveEvery }: SessionSettings, from = 0): boolean {
  return Math.floor((steps - 1) / saveEvery) * saveEvery > from
}

/** Bytes of the copy that checkpoints are written from while the run goes on. */
function copyBytes(settings: SessionSettings, { weights }: LanguageModel, optimizer: Optimizer): number {
  if (!savesMidway(settings)) return 0
  const kept = Object.entries(weights).flatMap(([name, spec]) => optimizer.states(name, spec))
  const remembered = kept.reduce((sum, { shape, dtype }) => sum + byteLength(dtype, shape), 0)
  return remembered + 4 * parameterCount(weights) * (settings.ema > 0 ? 2 : 1)
}
