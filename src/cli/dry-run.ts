import type { CpuBackend } from '../backend/cpu/index.ts'
import type { Backend } from '../backend/index.ts'
import { AlippeError, quantity } from '../base/index.ts'
import { recomputedText } from '../compiler/index.ts'
import type { LanguageModel } from '../models/index.ts'
import { type Run, train } from '../train/index.ts'
import { randomBatches } from './random-batches.ts'
import type { ResolvedRun } from './resolve-run.ts'
import { bytesMovedOf, type MemoryKinds, memoryOf, type ParameterCounts, parametersOf } from './run-figures.ts'
import { savesMidway, trainOptionsOf } from './run-options.ts'
import type { SessionSettings } from './run-settings.ts'

export interface DryRunOptions {
  readonly model: LanguageModel
  readonly settings: SessionSettings
  /** Settings that followed from the size of the model. */
  readonly derived: ResolvedRun['derived']
  readonly backend: CpuBackend
  /** Why the precision is what it is, where `auto` chose it. */
  readonly why?: string
  /** Whether rows hold several documents. */
  readonly packed: boolean
  /** Whether steps are run to see how long they take. */
  readonly measure: boolean
  /** Called before steps are run, which can take a minute. */
  readonly onMeasure?: () => void
}

/** What a run would be; the contract of `alippe train --dry-run --json`. */
export interface DryRun {
  readonly model: {
    readonly family: string
    readonly parameters: ParameterCounts
    readonly config: LanguageModel['config']
  }
  readonly settings: SessionSettings
  readonly derived: ResolvedRun['derived']
  readonly engine: { readonly backend: string; readonly threads: number; readonly precision?: string }
  /** Bytes. */
  readonly memory: MemoryKinds
  /** What the forward forgets and the backward computes again, in words; null when nothing. */
  readonly recomputed: string | null
  /** FLOPs counted call by call, and bytes that kernels read and write. */
  readonly step: { readonly tokens: number; readonly flops: number; readonly bytesMoved: number }
  readonly run: { readonly steps: number; readonly tokens: number; readonly flops: number; readonly bytesMoved: number }
  /** From steps that were run on random tokens; null when none was. */
  readonly measured: Measured | null
  readonly notMeasured: string | null
}

export interface Measured {
  readonly stepMilliseconds: number
  /** Of the whole run, without evaluations and checkpoints. */
  readonly runMilliseconds: number
  readonly tokensPerSecond: number
  /** Six FLOPs for each parameter and token, of what the machine can do at best in this precision. */
  readonly percentOfPeak: number
  readonly peakGFLOPs: number
}

/** Plans a run, and measures a few of its steps where there is memory for them. Reads no text, leaves nothing behind. */
export async function dryRun(options: DryRunOptions): Promise<DryRun> {
  const { model, settings, derived, backend } = options
  const planned = await openRun(options, withoutMemory(backend))
  const { steps, accumulate } = settings
  const memory = memoryOf(planned, {
    workspace: backend.workspaceBytes,
    runtime: process.memoryUsage.rss(),
    saves: savesMidway(settings),
  })
  const tokens = settings.batch * settings.tokens * accumulate
  const step = { tokens, flops: planned.flopsPerStep, bytesMoved: bytesMovedOf(planned, accumulate) }
  const parameters = parametersOf(model)
  const measured = options.measure ? await measureStep(options, planned, parameters) : 'not asked for'
  return {
    model: { family: model.family, parameters, config: model.config },
    settings,
    derived,
    engine: { backend: backend.name, threads: backend.threads, precision: options.why },
    memory,
    recomputed: recomputedText(planned.plans[0]),
    step,
    run: { steps, tokens: tokens * steps, flops: step.flops * steps, bytesMoved: step.bytesMoved * steps },
    ...(typeof measured === 'string' ? { measured: null, notMeasured: measured } : { measured, notMeasured: null }),
  }
}

function openRun({ model, settings, packed }: DryRunOptions, backend: Backend): Promise<Run> {
  const { batch, tokens } = settings
  const data = randomBatches({ batch, tokens, packed, vocabSize: model.vocabSize })
  return train(model, data, { ...trainOptionsOf(settings, model), backend })
}

/** A backend that gives no memory and computes nothing, to know what a run needs before it has it. */
function withoutMemory(backend: CpuBackend): Backend {
  return {
    ...backend,
    allocate: (bytes) => ({ bytes, write() {}, read: async (_, length) => new Uint8Array(length), release() {} }),
    load: () => ({ run: async () => {}, release() {} }),
  }
}

/** After the first, which touches its memory for the first time, so many steps or for so long. */
const MEASURED_STEPS = 7
const MEASURED_MILLISECONDS = 2000

/** Runs a few steps; or says why not. Of many batches that make up a step two are run, and the rest taken to be alike. */
async function measureStep(
  options: DryRunOptions,
  planned: Run,
  { total: parameters }: ParameterCounts,
): Promise<Measured | string> {
  const { backend, settings } = options
  const free = process.availableMemory()
  if (planned.memoryBytes > free)
    return `the run needs ${quantity(planned.memoryBytes, 'B')}, and ${quantity(free, 'B')} are free`
  options.onMeasure?.()
  const accumulate = Math.min(settings.accumulate, 2)
  const times: number[] = []
  try {
    const run = await openRun({ ...options, settings: { ...settings, steps: MEASURED_STEPS + 1, accumulate } }, backend)
    for await (const { step, milliseconds } of run) {
      if (step === 1) continue
      times.push(milliseconds)
      if (times.reduce((sum, each) => sum + each) > MEASURED_MILLISECONDS) break
    }
    run.release()
  } catch (error) {
    if (error instanceof AlippeError) return error.message
    throw error
  }
  const stepMilliseconds = (times.sort((a, b) => a - b)[times.length >> 1] * settings.accumulate) / accumulate
  const peaks = await backend.peaks()
  const peakGFLOPs = peaks[settings.precision]
  const tokensPerSecond = (1000 * settings.batch * settings.tokens * settings.accumulate) / stepMilliseconds
  return {
    stepMilliseconds,
    runMilliseconds: stepMilliseconds * settings.steps,
    tokensPerSecond,
    percentOfPeak: (100 * 6 * parameters * tokensPerSecond) / (peakGFLOPs * 1e9),
    peakGFLOPs,
  }
}
