import { appendFile, mkdir, readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import type { Backend } from '../backend/index.ts'
import { ConfigError, FormatError } from '../base/index.ts'
import { createState } from '../compiler/index.ts'
import { type Batches, type BatchesState, batches, onePass, type TokenSource } from '../data/index.ts'
import { type LanguageModel, modelFromConfig } from '../models/index.ts'
import { latestCheckpoint, loadTensors, pruneCheckpoints, readJson, saveCheckpoint } from '../node/index.ts'
import { adamw, cosine } from '../optim/index.ts'
import { type Run, type StepReport, train } from '../train/index.ts'
import type { SessionSettings } from './run-settings.ts'

export interface SessionOptions {
  readonly folder: string
  readonly backend: Backend
  readonly model: LanguageModel
  readonly settings: SessionSettings
  readonly tokens: { readonly train: TokenSource; readonly validation: TokenSource }
  /** The text of tokenizer.json, kept beside the weights. */
  readonly tokenizerJson: string
  /** Goes on from the newest checkpoint in the folder, where there is one. */
  readonly resume: boolean
}

/** What a session tells while it trains. */
export type SessionEvent =
  | ({ readonly kind: 'step' } & StepReport)
  | { readonly kind: 'evaluation'; readonly step: number; readonly lossNats: number }
  | { readonly kind: 'checkpoint'; readonly step: number; readonly path: string }

/** A training run in a folder: `metrics.jsonl`, `checkpoints/000200/…`. */
export interface Session {
  readonly run: Run
  /** Steps that were done before this session. */
  readonly from: number
  /** Trains to the end, or to the step after `stop` was called; there is a checkpoint when it returns. */
  events(): AsyncGenerator<SessionEvent>
  /** Asks for an end after the current step. */
  stop(): void
}

interface Position {
  readonly step: number
  readonly batches: BatchesState
}

const KEPT_CHECKPOINTS = 2

/** Opens a training run in a folder, new or resumed. Its steps happen as {@link Session.events} is read. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { folder, backend, model, settings, tokens, tokenizerJson } = options
  const checkpoints = join(folder, 'checkpoints')
  const metrics = join(folder, 'metrics.jsonl')

  const optimizer = adamw({
    learningRate: cosine(settings.learningRate, { warmup: settings.warmup }),
    weightDecay: settings.weightDecay,
  })
  const found = await latestCheckpoint(checkpoints)
  if (found !== undefined && !options.resume) {
    throw new ConfigError(
      `${folder} holds a run already: go on with --resume, choose another folder with --out, or remove it`,
    )
  }
  let position: Position = { step: 0, batches: { seed: settings.seed, step: 0 } }
  const state = found === undefined ? undefined : createState(backend)
  if (state !== undefined && found !== undefined) {
    position = positionFrom(await readJson(join(found, 'state.json')), found)
    const moments = Object.entries(model.weights).flatMap(([name, spec]) =>
      optimizer.states(name).map((each) => [each, spec] as const),
    )
    await loadTensors(join(found, 'model.safetensors'), state, model.weights)
    await loadTensors(join(found, 'optim.safetensors'), state, Object.fromEntries(moments))
  }
  const data: Batches = batches(tokens.train, { ...settings, state: position.batches })
  const run = await train(model, data, { ...settings, backend, optimizer, state, from: position.step })
  let stopping = false

  const save = async (step: number): Promise<string> => {
    const path = await saveCheckpoint(checkpoints, step, {
      state: run.state,
      weights: Object.keys(model.weights),
      optimizerStates: run.optimizerStates,
      position: { step, batches: data.state() } satisfies Position,
      files: { 'config.json': configJson(model), 'tokenizer.json': tokenizerJson },
    })
    await pruneCheckpoints(checkpoints, KEPT_CHECKPOINTS)
    return path
  }

  // The same validation batches each time, so that their losses can be compared.
  const { batch, tokens: length, evaluationBatches } = settings
  const evaluate = () => run.evaluate(onePass(tokens.validation, { batch, tokens: length, most: evaluationBatches }))

  async function* events(): AsyncGenerator<SessionEvent> {
    await mkdir(folder, { recursive: true })
    await dropMetricsAfter(metrics, position.step)
    for await (const report of run) {
      const { step, ...figures } = report
      await log({ step, split: 'train', ...figures })
      yield { kind: 'step', ...report }
      const last = step === settings.steps || stopping
      if (step === settings.steps || (settings.evaluateEvery > 0 && step % settings.evaluateEvery === 0)) {
        const lossNats = await evaluate()
        await log({ step, split: 'validation', lossNats })
        yield { kind: 'evaluation', step, lossNats }
      }
      if (last || step % settings.saveEvery === 0) yield { kind: 'checkpoint', step, path: await save(step) }
      if (last) return
    }
  }

  const log = (entry: Record<string, unknown>) =>
    appendFile(metrics, `${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`)

  return {
    run,
    from: position.step,
    events,
    stop: () => {
      stopping = true
    },
  }
}

/** The config.json of a model. */
export function configJson(model: LanguageModel): string {
  return `${JSON.stringify({ model_type: model.family, ...model.config }, null, 2)}\n`
}

function positionFrom(json: Record<string, unknown>, folder: string): Position {
  const { step, batches } = json as { step?: unknown; batches?: Partial<BatchesState> }
  if (![step, batches?.step, batches?.seed].every(Number.isSafeInteger)) {
    throw new FormatError(`${join(folder, 'state.json')}: step, batches.step and batches.seed must be whole numbers`)
  }
  return json as unknown as Position
}

/** A run that goes on from a checkpoint writes the steps after it again; one that begins anew, all of them. */
async function dropMetricsAfter(path: string, step: number): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => '')
  let kept = 0
  for (const line of text.split('\n')) {
    let entry: { step?: number }
    try {
      entry = JSON.parse(line)
    } catch {
      break
    }
    if (!(entry.step! <= step)) break
    kept += Buffer.byteLength(line) + 1
  }
  if (kept < Buffer.byteLength(text)) await truncate(path, kept)
}

/** A model and its tokenizer, as a checkpoint folder holds them. */
export async function openModel(path: string, backend: Backend) {
  const folder = (await latestCheckpoint(join(path, 'checkpoints'))) ?? path
  const model = modelFromConfig(await readJson(join(folder, 'config.json')))
  const state = createState(backend)
  await loadTensors(join(folder, 'model.safetensors'), state, model.weights)
  const tokenizerText = await readFile(join(folder, 'tokenizer.json'), 'utf8').catch(() => {
    throw new ConfigError(`${folder}: there is no tokenizer.json beside the model`)
  })
  return { model, state, tokenizerText, folder }
}
