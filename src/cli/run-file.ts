import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError, FormatError } from '../base/index.ts'
import { sha256 } from '../data/index.ts'
import { writeAtomically } from '../node/index.ts'
import type { SessionSettings } from './run-settings.ts'
import type { SessionOptions } from './session.ts'

/** `run.json`: what a run is made of, so that a resumed one knows what has changed. */
export interface RunRecord {
  readonly model: Readonly<Record<string, unknown>>
  /** SHA-256 of tokenizer.json. */
  readonly tokenizer: string
  readonly data: { readonly name: string; readonly tokens: number }
  readonly engine: { readonly name: string; readonly threads: number }
  readonly settings: SessionSettings
}

/**
 * What a change of each setting means for a run that goes on: it is refused (`kept`), nothing for the weights (`none`),
 * nothing for their bits either way (`same`), other batches, the same in the same order, another rounding, or other training from there on.
 */
const effects: Readonly<
  Record<keyof SessionSettings, 'kept' | 'none' | 'same' | 'batches' | 'order' | 'rounding' | 'training' | 'seed'>
> = {
  batch: 'batches',
  tokens: 'batches',
  accumulate: 'order',
  steps: 'training',
  ratio: 'none',
  seed: 'seed',
  precision: 'rounding',
  optimizer: 'kept',
  learningRate: 'training',
  schedule: 'training',
  warmup: 'training',
  floor: 'training',
  decay: 'training',
  weightDecay: 'training',
  clip: 'training',
  dropout: 'training',
  labelSmoothing: 'training',
  zLoss: 'training',
  ema: 'training',
  mup: 'kept',
  recompute: 'same',
  memory: 'same',
  onSpike: 'none',
  spike: 'none',
  keepCheckpoints: 'none',
  evaluateEvery: 'none',
  evaluationBatches: 'none',
  saveEvery: 'none',
}

const settingNames = Object.keys(effects) as (keyof SessionSettings)[]

export async function recordOf(options: SessionOptions): Promise<RunRecord> {
  const { model, settings, tokens, tokenizerJson, backend } = options
  return {
    model: { family: model.family, ...model.config },
    tokenizer: await sha256(tokenizerJson),
    data: { name: tokens.name, tokens: tokens.train.length },
    engine: { name: backend.name, threads: backend.threads },
    settings: Object.fromEntries(settingNames.map((name) => [name, settings[name]])) as unknown as SessionSettings,
  }
}

export async function writeRecord(folder: string, record: RunRecord): Promise<void> {
  await writeAtomically(join(folder, 'run.json'), new TextEncoder().encode(`${JSON.stringify(record, null, 2)}\n`))
}

/** @throws FormatError when there is none that can be read */
export async function readRecord(folder: string): Promise<RunRecord> {
  const path = join(folder, 'run.json')
  let record: Partial<RunRecord>
  try {
    record = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw new FormatError(`${path}: cannot be read, so nothing can be compared with it (${(error as Error).message})`)
  }
  const { model, tokenizer, data, engine, settings } = record
  if (typeof tokenizer !== 'string' || [model, data, engine, settings].some((each) => typeof each !== 'object')) {
    throw new FormatError(`${path}: must have model, tokenizer, data, engine and settings`)
  }
  return record as RunRecord
}

/** The precision of the run in a folder; undefined where there is none. */
export async function begunPrecision(folder: string): Promise<SessionSettings['precision'] | undefined> {
  const record = await readRecord(folder).catch(() => undefined) // what is wrong with it is said where it is needed
  return record?.settings.precision
}

/** What is known of the place at which a run goes on. */
export interface GoingOn {
  /** The step that it goes on after. */
  readonly step: number
  /** What becomes of the order of the data, where batches have another size. */
  readonly order: string
  /** The learning rate of the next step: as it would have been, and as it is. */
  readonly rates: readonly [before: number, now: number]
}

/**
 * What has changed in a run that goes on, a line each, with what stays as it was.
 *
 * @throws ConfigError when the model, the tokenizer or the optimizer is another
 */
export function changesSince(before: RunRecord, now: RunRecord, { step, order, rates }: GoingOn): string[] {
  requireSame('model', before.model, now.model)
  requireSame('tokenizer', { 'tokenizer (SHA-256)': before.tokenizer }, { 'tokenizer (SHA-256)': now.tokenizer })
  for (const name of settingNames.filter((each) => effects[each] === 'kept')) {
    requireSame(name, { [name]: before.settings[name] }, { [name]: now.settings[name] })
  }
  const [ema, emaNow] = [before.settings.ema, now.settings.ema]
  if (ema > 0 !== emaNow > 0) requireSame('running mean of the weights, or goes without', { ema }, { ema: emaNow })
  const changes: string[] = []
  const add = (name: string, was: unknown, is: unknown, meaning: string) => {
    if (was !== is) changes.push(`${name} ${was} → ${is}: ${meaning}`)
  }
  const rounding = 'the same order of the data, another rounding; losses agree, but not bit for bit'
  add('engine', before.engine.name, now.engine.name, rounding)
  add('threads', before.engine.threads, now.engine.threads, 'the same bits')
  add('data', before.data.name, now.data.name, 'another text, read from its beginning')
  const first = `steps up to ${step} stay as they were, from here on it trains otherwise`
  const { seed } = before.settings
  const meanings = {
    same: 'the same bits',
    batches: order,
    order: 'the same batches in the same order, another number of them to a step',
    rounding,
    training: first,
    seed: `the order of the data stays that of seed ${seed}`,
  }
  for (const name of settingNames) {
    const effect = effects[name]
    if (effect !== 'none' && effect !== 'kept') add(name, before.settings[name], now.settings[name], meanings[effect])
  }
  const [perStep, perStepNow] = [tokensOfStep(before.settings), tokensOfStep(now.settings)]
  const left = (before.settings.steps - step) * perStep
  add(
    'tokens of a step',
    perStep,
    perStepNow,
    `the learning rate goes by steps; --steps ${step + Math.ceil(left / perStepNow)} reads as many tokens as were planned`,
  )
  add('learning rate of the next step', rate(rates[0]), rate(rates[1]), first)
  return changes
}

const tokensOfStep = ({ batch, tokens, accumulate }: SessionSettings) => batch * tokens * accumulate
const rate = (value: number) => value.toPrecision(3)

function requireSame(
  what: string,
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
): void {
  const names = new Set([...Object.keys(before), ...Object.keys(now)])
  const differing = [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(now[name]))
  if (differing.length === 0) return
  const list = (from: Readonly<Record<string, unknown>>) =>
    differing.map((name) => `${name} ${from[name] ?? 'none'}`).join(', ')
  throw new ConfigError(
    `the run has ${list(before)}, and this command asks for ${list(now)}: a run keeps its ${what}; ` +
      'give the same settings, or begin another run with --out',
  )
}
