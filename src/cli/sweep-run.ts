import type { CpuBackend } from '../backend/cpu/index.ts'
import { duration, quantity } from '../base/index.ts'
import { onePass } from '../data/index.ts'
import { trainingFlops } from '../scaling/index.ts'
import type { PreparedTokens } from './corpus.ts'
import { openSession } from './open-session.ts'
import { progressDisplay } from './progress.ts'
import { runSettings, type SessionSettings } from './run-settings.ts'
import type { SweepRow } from './sweep-file.ts'
import type { PlannedSweepRun } from './sweep-plan.ts'
import { isLive } from './terminal.ts'

/** What is the same for all runs of a sweep. */
export interface SweepRunFlags {
  readonly batch: number
  readonly tokens: number
  readonly lr: number
  readonly seed: number
  readonly evaluationBatches: number
  readonly json?: boolean
}

/** All that a run depends on beside model and tokens. */
export function sweepSettings(
  { batch, tokens, lr, seed, evaluationBatches }: SweepRunFlags,
  steps: number,
): SessionSettings {
  const own = { batch, tokens, steps, seed, learningRate: lr, warmup: 0.03, evaluateEvery: 0, evaluationBatches }
  return { ...runSettings.parse({}).training, ...own, precision: 'f32', saveEvery: 1000 }
}

interface RunPlace {
  readonly flags: SweepRunFlags
  readonly prepared: PreparedTokens
  readonly backend: CpuBackend
  readonly folder: string
  /** Asks for an end after the current step. */
  readonly signal: AbortSignal
}

/** Trains one model to its end, from its newest checkpoint where there is one; undefined when `signal` stopped it. */
export async function trainSweepRun(
  { name, model, parameters, nonEmbedding, steps, tokens }: PlannedSweepRun,
  { flags, prepared, backend, folder, signal }: RunPlace,
): Promise<SweepRow | undefined> {
  const settings = sweepSettings(flags, steps)
  const { tokenizerJson } = prepared
  const session = await openSession({ folder, backend, model, settings, tokens: prepared, tokenizerJson, resume: true })
  const output = process.stdout
  const display = !flags.json && isLive(output) ? progressDisplay({ output, steps }) : undefined
  signal.addEventListener('abort', session.stop)
  let lossNats: number | undefined
  let milliseconds = 0
  let read = 0
  try {
    for await (const event of session.events()) {
      if (event.kind === 'step') {
        milliseconds += event.milliseconds
        read += event.tokens
        display?.step(event)
      } else if (event.kind === 'evaluation') lossNats = event.lossNats
    }
  } finally {
    signal.removeEventListener('abort', session.stop)
    display?.end()
  }
  if (session.from === steps) {
    // It came to its end, but its line was not written.
    const { batch, evaluationBatches } = settings
    const most = { batch, tokens: settings.tokens, most: evaluationBatches }
    lossNats = await session.run.evaluate(onePass(prepared.validation, most))
  }
  const countedFlops = session.run.flopsPerStep * steps
  session.run.release()
  if (lossNats === undefined) return undefined
  const flops = trainingFlops(parameters, tokens)
  const flopsPerSecond = read === 0 ? undefined : trainingFlops(parameters, read) / (milliseconds / 1000)
  if (!flags.json) {
    const speed = flopsPerSecond === undefined ? [] : [duration(milliseconds), quantity(flopsPerSecond, 'FLOP/s')]
    const counted = `${quantity(countedFlops, 'FLOP')} counted, ${(countedFlops / flops).toFixed(2)} of 6·N·D`
    console.log(`  ${[`loss ${lossNats.toFixed(4)}`, ...speed, counted].join(' · ')}`)
  }
  return { name, parameters, nonEmbedding, tokens, lossNats, flops, countedFlops, flopsPerSecond }
}
