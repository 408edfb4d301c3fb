import { join } from 'node:path'
import { AlippeError, ConfigError, DivergedError } from '../base/index.ts'
import { createState } from '../compiler/index.ts'
import { type Batches, batches, onePass } from '../data/index.ts'
import type { LanguageModel } from '../models/index.ts'
import {
  checkpointPath,
  checkpointSteps,
  checkpointWriter,
  latestCheckpoint,
  loadTensors,
  makeFolder,
  markBest,
  removeFolder,
  writePosition,
} from '../node/index.ts'
import { type Run, SPIKE_WINDOW, type Spike, type StepReport, spikeIn, train } from '../train/index.ts'
import { metricsFile } from './metrics-file.ts'
import { goOn, type Position, readPosition, startOf } from './position.ts'
import { readRecord, recordOf, writeRecord } from './run-file.ts'
import { optimizerOf, savesMidway, trainOptionsOf } from './run-options.ts'
import type { Session, SessionEvent, SessionOptions, SpikeReport } from './session.ts'

/** A checkpoint is good when so many steps behind it were no spike. */
const GOOD_AFTER = 10

/** How often a run goes back to the same checkpoint before it gives up. */
const MOST_ROLLBACKS = 3

/** Opens a training run in a folder, new or resumed. Its steps happen as {@link Session.events} is read. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { folder, backend, model, settings, tokens, tokenizerJson } = options
  const checkpoints = join(folder, 'checkpoints')
  const metrics = metricsFile(join(folder, 'metrics.jsonl'))
  const found = await latestCheckpoint(checkpoints)
  if (found !== undefined && !options.resume) {
    throw new ConfigError(
      `${folder} holds a run already: go on with --resume, choose another folder with --out, or remove it`,
    )
  }
  const record = await recordOf(options)
  const { position, changes } =
    found === undefined
      ? { position: startOf(settings), changes: [] }
      : goOn({
          position: await readPosition(found),
          before: await readRecord(folder),
          now: record,
          source: tokens.train,
          rateOf: (settings, step) => optimizerOf(settings).control(step, settings.steps)[0],
        })
  const data: Batches = batches(tokens.train, { ...settings, state: position.batches })
  const state = found === undefined ? undefined : createState(backend)
  const run = await train(model, data, { ...trainOptionsOf(settings, model), backend, state, from: position.step })
  if (found !== undefined) await restore(run, found)

  const writer = checkpointWriter({
    folder: checkpoints,
    state: run.state,
    weights: Object.keys(model.weights),
    optimizerStates: [...run.optimizerStates.map(({ name }) => name), ...run.emaStates],
    files: { 'config.json': configJson(model), 'tokenizer.json': tokenizerJson },
    keep: settings.keepCheckpoints,
    goodAfter: settings.onSpike === 'rollback' ? GOOD_AFTER : 0,
  })
  const { batch, tokens: length, accumulate, evaluationBatches } = settings
  const warmup = settings.warmup < 1 ? settings.warmup * settings.steps : settings.warmup
  let losses = [...position.losses]
  let wentBackTo = position.rollbacks > 0 ? position.step : undefined
  let stopping = false

  // The same validation batches each time, so that their losses can be compared.
  const evaluate = () => run.evaluate(onePass(tokens.validation, { batch, tokens: length, most: evaluationBatches }))

  const positionAt = (step: number, validationNats?: number): Position => ({
    step,
    validationNats,
    batches: data.state(),
    size: { batch, tokens: length },
    losses: losses.slice(-SPIKE_WINDOW),
    rollbacks: 0,
  })

  const checkpointEvents = () => writer.written().map((each) => ({ kind: 'checkpoint', ...each }) as const)

  async function* events(): AsyncGenerator<SessionEvent> {
    await makeFolder(folder)
    await writeRecord(folder, record)
    await metrics.dropAfter(position.step)
    if (changes.length > 0) await metrics.log({ step: position.step, event: 'resumed', changes })
    try {
      // A run that may have to go back needs somewhere to go back to.
      if (found === undefined && settings.onSpike === 'rollback') await writer.save(positionAt(0))
      for (let next: number | undefined = position.step; next !== undefined; ) next = yield* stepsFrom(next)
    } finally {
      await writer.settle().catch(() => {}) // what comes here has an error of its own, or nobody who listens
    }
  }

  /** Trains on from a step; returns the step that it went back to, or undefined when it came to its end. */
  async function* stepsFrom(from: number): AsyncGenerator<SessionEvent, number | undefined> {
    const steps = run.stepsFrom(from)
    for (let step = from + 1; step <= settings.steps; step++) {
      const report = await stepOrDivergence(steps)
      const isDiverged = report instanceof DivergedError
      if (!isDiverged) {
        const { step, ...figures } = report
        await metrics.log({ step, split: 'train', ...figures })
        yield { kind: 'step', ...report }
      }
      const threshold = step > warmup ? settings.spike : Number.POSITIVE_INFINITY
      const spike = spikeIn(losses, isDiverged ? Number.NaN : report.lossNats, threshold)
      if (spike !== undefined) {
        const told = describe(spike, step, isDiverged ? report.batch : undefined)
        if (isDiverged || settings.onSpike !== 'ignore') {
          await steps.return(undefined)
          await writer.settle()
          yield* checkpointEvents()
          yield { kind: 'spike', ...told }
          const back = await goBack(told)
          yield { kind: 'rollback', ...back }
          return back.step
        }
        await metrics.log({ event: 'spike', ...told })
        yield { kind: 'spike', ...told }
      }
      losses = [...losses.slice(1 - SPIKE_WINDOW), report.lossNats]
      const last = step === settings.steps || stopping
      let validationNats: number | undefined
      if (step === settings.steps || (settings.evaluateEvery > 0 && step % settings.evaluateEvery === 0)) {
        validationNats = await evaluate()
        await metrics.log({ step, split: 'validation', lossNats: validationNats })
        yield { kind: 'evaluation', step, lossNats: validationNats }
      }
      if (last) await writer.save(positionAt(step, validationNats))
      else if (step % settings.saveEvery === 0) await writer.begin(positionAt(step, validationNats))
      yield* checkpointEvents()
      if (last) return undefined
    }
  }

  /** What a step had read: all its batches, or one of them. */
  function describe(spike: Spike, step: number, batch?: number): SpikeReport {
    const { seed, step: next } = data.state()
    const all = Array.from({ length: accumulate }, (_, i) => next - accumulate + i)
    const numbers = batch === undefined ? all : [all[batch]]
    return { step, ...spike, seed, batches: numbers.map((number) => ({ number, starts: data.startsOf(number) })) }
  }

  /**
   * Brings the run back to its newest good checkpoint; the batches go on where they are, behind the spike. What the disk
   * says then is the same, so that a resumed run goes the same way.
   */
  async function goBack(spike: SpikeReport): Promise<{ step: number; path: string }> {
    const steps = await checkpointSteps(checkpoints)
    const isGood = (each: number) => each === wentBackTo || each + GOOD_AFTER <= spike.step
    const step = steps.findLast(isGood) ?? steps[0]
    if (settings.onSpike !== 'rollback' || step === undefined) throw diverged(spike, steps.at(-1))
    const path = checkpointPath(checkpoints, step)
    const before = await readPosition(path)
    if (before.rollbacks === MOST_ROLLBACKS)
      throw diverged(spike, step, `went back to step ${step} ${MOST_ROLLBACKS} times`)
    for (const later of steps.filter((each) => each > step).toReversed()) {
      await removeFolder(checkpointPath(checkpoints, later))
    }
    await markBest(checkpoints)
    losses = [...before.losses]
    const position = { ...positionAt(step, before.validationNats), rollbacks: before.rollbacks + 1 }
    await writePosition(path, position)
    await restore(run, path)
    wentBackTo = step
    await metrics.dropAfter(step)
    await metrics.log({ step, event: 'rollback', spike })
    return { step, path }
  }

  return {
    run,
    from: position.step,
    changes,
    snapshotBytes: savesMidway(settings, position.step) ? writer.bytes : 0,
    events,
    stop: () => {
      stopping = true
    },
  }
}

/** Reads a checkpoint into the state of a run. */
async function restore({ state, model, optimizerStates, emaStates }: Run, path: string): Promise<void> {
  const placesOf = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, state.places.get(name)!]))
  const remembered = [...optimizerStates.map(({ name }) => name), ...emaStates]
  await loadTensors(join(path, 'model.safetensors'), state, placesOf(Object.keys(model.weights)))
  await loadTensors(join(path, 'optim.safetensors'), state, placesOf(remembered))
}

/** The report of the next step, or what it was like when its numbers were no numbers. */
async function stepOrDivergence(steps: AsyncGenerator<StepReport>): Promise<StepReport | DivergedError> {
  try {
    return (await steps.next()).value
  } catch (error) {
    if (error instanceof DivergedError) return error
    throw error
  }
}

function diverged(spike: SpikeReport, kept: number | undefined, tried?: string): AlippeError {
  const { step, lossNats, medianNats, deviations, batches, seed } = spike
  const what = Number.isFinite(lossNats)
    ? `the loss of step ${step} is ${lossNats.toFixed(3)} nats, ${deviations.toFixed(0)} deviations above the recent ${medianNats.toFixed(3)}`
    : `the loss or the gradient of step ${step} is no finite number`
  const numbers = batches.map(({ number }) => number).join(', ')
  const where = kept === undefined ? 'there is no checkpoint yet' : `the checkpoint of step ${kept} is whole`
  const mend = tried
    ? `the run ${tried} without getting further: lower --lr or --clip, or look into the text`
    : 'go on with --resume and --on-spike rollback, which leaves the batch out, or lower --lr'
  return new AlippeError('ALIPPE_DIVERGED', `${what}, at batch ${numbers} of seed ${seed}; ${where}; ${mend}`)
}

/** The config.json of a model. */
export function configJson(model: LanguageModel): string {
  return `${JSON.stringify({ model_type: model.family, ...model.config }, null, 2)}\n`
}
