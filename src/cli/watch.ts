import { join } from 'node:path'
import type { CpuBackend } from '../backend/cpu/index.ts'
import { duration, quantity } from '../base/index.ts'
import { recomputedText } from '../compiler/index.ts'
import type { StageReport } from '../data/index.ts'
import { generator } from '../infer/index.ts'
import { parameterCount } from '../nn/index.ts'
import type { Corpus, PreparedTokens } from './corpus.ts'
import { curve, type Point } from './curve.ts'
import { progressDisplay } from './progress.ts'
import type { SessionSettings } from './run-settings.ts'
import type { Session } from './session.ts'
import { spikeText } from './spike-text.ts'
import { stopExitCodes, stopSignals } from './stop-signals.ts'
import { painter } from './terminal.ts'

interface Watched {
  readonly session: Session
  readonly settings: SessionSettings
  readonly prepared: PreparedTokens
  readonly corpus: Pick<Corpus, 'title'>
  readonly backend: CpuBackend
  readonly folder: string
  /** What the user types to go on after an interruption. */
  readonly goOn: string
  /** Metrics as JSON lines in place of pictures. */
  readonly json?: boolean
}

/** Says what is going to happen, before it does: text, model, memory, work. */
export function describeRun({ session, prepared, corpus, backend, settings, folder }: Watched): void {
  const { run, from, changes, snapshotBytes } = session
  const snapshotText =
    snapshotBytes > 0
      ? `; ${quantity(snapshotBytes, 'B')} of it for checkpoints, which are written while it trains`
      : ''
  const parameters = parameterCount(run.model.weights)
  const { documents, tokens } = prepared.index.splits.train
  const seen = settings.steps * settings.batch * settings.tokens * settings.accumulate
  const lines = [
    `text      ${corpus.title}`,
    `tokens    ${quantity(tokens)} in ${quantity(documents)} documents, vocabulary ${prepared.tokenizer.vocabSize}`,
    `model     ${run.model.family}, ${quantity(parameters)} parameters`,
    `engine    ${backend.name}, ${backend.threads} ${backend.threads === 1 ? 'thread' : 'threads'}, ${settings.precision}`,
    `memory    ${quantity(run.memoryBytes + run.evaluationBytes + snapshotBytes, 'B')} beside the program itself${snapshotText}`,
    `work      ${quantity(run.flopsPerStep, 'FLOP')} a step, ${settings.steps} steps, ${quantity(seen)} tokens`,
    `folder    ${folder}`,
  ]
  if (prepared.entropyNatsPerToken !== undefined) {
    lines.push(
      `limit     ${prepared.entropyNatsPerToken.toFixed(3)} nats a token: the entropy of the text; no model can do better`,
    )
  }
  const again = recomputedText(run.plans[0])
  if (again !== null) lines.push(`again     ${again}: computed a second time to save memory`)
  if (from > 0) lines.push(`resumed   after step ${from}`)
  lines.push(...changes.map((change) => `changed   ${change}`))
  for (const { dropped, changed } of prepared.reports ?? []) {
    const said = (word: string, reasons: StageReport['dropped']) =>
      Object.entries(reasons).map(([reason, { documents }]) => `${word.padEnd(10)}${quantity(documents)} × ${reason}`)
    lines.push(...said('skipped', dropped), ...said('mended', changed))
  }
  console.log(lines.join('\n'))
}

/** How many steps lie between two samples. */
const SAMPLES_OF_A_RUN = 6

/**
 * Trains and shows it: a progress line, samples of what the model writes, at the end the curve of the loss. Ctrl-C once
 * ends after the current step with a checkpoint, twice at once.
 *
 * @returns whether the run came to its end
 */
export async function watchSession({
  session,
  settings,
  prepared,
  backend,
  folder,
  goOn,
  json,
}: Watched): Promise<boolean> {
  const output = process.stdout
  const paint = painter(output)
  const { run } = session
  const perToken = 6 * parameterCount(run.model.weights)
  const peaks = await backend.peaks()
  const display = json
    ? undefined
    : progressDisplay({
        output,
        steps: settings.steps,
        flopsPerStep: perToken * settings.batch * settings.tokens * settings.accumulate,
        peakFlops: peaks[settings.precision] * 1e9,
      })
  const losses: Point[] = []
  const evaluations: Point[] = []
  const writer = generator(run.model, run.state)
  const sampleEvery = Math.ceil(settings.steps / SAMPLES_OF_A_RUN)
  const started = performance.now()

  const signals = stopSignals(() => {
    display?.print('Saving a checkpoint after this step (Ctrl-C again ends at once) …')
    session.stop()
  })
  try {
    for await (const event of session.events()) {
      if (json) console.log(JSON.stringify(event))
      if (event.kind === 'step') {
        losses.push([event.step, event.lossNats])
        display?.step(event)
        if (display && event.step % sampleEvery === 0 && event.step < settings.steps) {
          const text = await writeSample(writer, prepared)
          display.print(`${paint('dim', `step ${event.step} writes:`)} ${text}`)
        }
      } else if (event.kind === 'evaluation') {
        evaluations.push([event.step, event.lossNats])
        display?.validation(event.lossNats)
      } else if (event.kind === 'spike') {
        display?.print(paint('yellow', await spikeText(event, prepared)))
      } else if (event.kind === 'rollback') {
        dropAfter(losses, event.step)
        dropAfter(evaluations, event.step)
        display?.print(`Back to step ${event.step}; the run goes on with the batches behind these.`)
      }
    }
  } finally {
    signals.release()
    display?.end()
    writer.release()
  }
  const last = losses[losses.length - 1]?.[0] ?? session.from
  const isWhole = last === settings.steps
  if (signals.received !== undefined && !isWhole) process.exitCode = stopExitCodes[signals.received]
  if (json) {
    if (!isWhole) console.error(`alippe: stopped after step ${last}; go on with: ${goOn}`)
    return isWhole
  }
  const limit = prepared.entropyNatsPerToken
  console.log(
    curve(losses, {
      logX: true,
      width: Math.min(output.columns ?? 80, 100),
      height: 14,
      title: 'loss, nats a token',
      points: evaluations,
      limit: limit === undefined ? undefined : { value: limit, label: 'entropy of the text' },
      paint,
    }),
  )
  if (!isWhole) {
    console.log(
      `Stopped after step ${last}; the checkpoint is in ${join(folder, 'checkpoints')}. Go on with:\n  ${goOn}`,
    )
    return false
  }
  console.log(`Trained in ${duration(performance.now() - started)}; the model is in ${folder}.`)
  return true
}

function dropAfter(points: Point[], step: number): void {
  while (points.length > 0 && points[points.length - 1][0] > step) points.pop()
}

/** A document that the model writes by itself, on one line. */
async function writeSample(
  writer: ReturnType<typeof generator>,
  { tokenizer, index }: PreparedTokens,
): Promise<string> {
  const end = index.separator ?? 0
  const ids: number[] = []
  const options = { maxTokens: 48, temperature: 0.7, stop: [end], vocabSize: tokenizer.vocabSize }
  for await (const id of writer.generate([end], options)) ids.push(id)
  return tokenizer.decode(ids).trim().replaceAll('\n', ' ⏎ ')
}
