import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Backend } from '../backend/index.ts'
import { random } from '../base/index.ts'
import { type TokenSource, tokenSource } from '../data/index.ts'
import { llama } from '../models/index.ts'
import { openBackend } from '../node/index.ts'
import { openSession } from './open-session.ts'
import { runSettings, type SessionSettings } from './run-settings.ts'
import type { SessionEvent, SessionOptions } from './session.ts'

let backend: Backend
let oneThread: Backend
let root: string
let folder: string
let count = 0
beforeAll(async () => {
  backend = await openBackend({ threads: 2 })
  oneThread = await openBackend({ threads: 1 })
  root = await mkdtemp(join(tmpdir(), 'alippe-'))
})
afterAll(async () => {
  await backend.close()
  await oneThread.close()
  await rm(root, { recursive: true, force: true })
})
beforeEach(() => {
  folder = join(root, String(count++))
})

const model = llama({ vocabSize: 16, context: 16, width: 16, layers: 1, heads: 2 })
const usual: SessionSettings = {
  ...runSettings.parse({}).training,
  batch: 4,
  tokens: 8,
  steps: 120,
  seed: 1,
  learningRate: 0.02,
  warmup: 10,
  weightDecay: 0,
  clip: 1,
  accumulate: 1,
  precision: 'f32',
  evaluateEvery: 20,
  evaluationBatches: 1,
  saveEvery: 20,
  keepCheckpoints: 2,
  onSpike: 'stop',
  spike: 15,
}

/** Ten tokens over and over, read as they lie; inside of some batches of four rows of eight anything at all. */
function text(...poisoned: number[]): TokenSource & { name: string } {
  const rng = random(5)
  const ids = Uint32Array.from({ length: 32 * 400 + 1 }, (_, i) =>
    poisoned.includes(Math.floor(i / 32)) && i % 32 > 0 ? rng.integer(16) : i % 10,
  )
  return { ...tokenSource(ids), ordered: true, name: 'tens' }
}

const optionsOf = (
  settings: Partial<SessionSettings> = {},
  { train = text(), ...more }: Partial<SessionOptions> & { train?: TokenSource } = {},
): SessionOptions => ({
  folder,
  backend,
  model,
  settings: { ...usual, ...settings },
  tokens: { train, validation: text(), name: 'tens' },
  tokenizerJson: '{}',
  resume: false,
  ...more,
})

/** Runs a session to its end, or to an event; returns what it told, and what it threw. */
async function play(options: SessionOptions, until: (event: SessionEvent) => boolean = () => false) {
  const session = await openSession(options)
  const events: SessionEvent[] = []
  let error: Error | undefined
  try {
    for await (const event of session.events()) {
      events.push(event)
      if (until(event)) break
    }
  } catch (caught) {
    error = caught as Error
  }
  session.run.release()
  return { events, error, changes: session.changes, from: session.from, snapshotBytes: session.snapshotBytes }
}

const kinds = (events: readonly SessionEvent[], ...wanted: string[]) =>
  events.filter(({ kind }) => wanted.includes(kind)).map(({ kind, step }) => `${kind} ${step}`)
const bits = (step: number, of = folder) =>
  ['model.safetensors', 'optim.safetensors'].map((file) =>
    readFileSync(join(of, 'checkpoints', String(step).padStart(6, '0'), file)).toString('base64'),
  )
const checkpoints = () =>
  readdirSync(join(folder, 'checkpoints'))
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
const metrics = () =>
  readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

describe('checkpoints', () => {
  it('are written beside training, kept to the newest and the best, and are what a waiting run would write', async () => {
    const { events, snapshotBytes } = await play(optionsOf())
    expect(kinds(events, 'checkpoint')).toEqual([20, 40, 60, 80, 100, 120].map((step) => `checkpoint ${step}`))
    const losses = events.flatMap((event) => (event.kind === 'evaluation' ? [event] : []))
    const best = losses.reduce((least, each) => (each.lossNats < least.lossNats ? each : least))
    expect(checkpoints()).toEqual([...new Set([best.step, 100, 120])].sort((a, b) => a - b))
    expect(JSON.parse(readFileSync(join(folder, 'checkpoints', 'best.json'), 'utf8'))).toEqual({
      step: best.step,
      validationNats: best.lossNats,
    })
    expect(snapshotBytes).toBe(
      3 * 4 * Object.values(model.weights).reduce((n, { shape }) => n + shape.reduce((a, b) => a * b), 0),
    )
    // The one of step 100 was copied and written while steps went on: a run that ends there writes the state itself.
    const whole = folder
    folder = join(root, 'to-100')
    const stopped = await openSession(optionsOf())
    for await (const event of stopped.events()) if (event.kind === 'step' && event.step === 100) stopped.stop()
    stopped.run.release()
    expect(bits(100)).toEqual(bits(100, whole))
  })

  it('need no copy in a run that writes none before its end', async () => {
    expect((await play(optionsOf({ steps: 3, saveEvery: 3 }))).snapshotBytes).toBe(0)
  })
})

describe('a spike', () => {
  const poisoned = () => text(72)

  it('ends the run in its step, and names the batch and where its rows begin', async () => {
    const { events, error } = await play(optionsOf({}, { train: poisoned() }))
    const spike = events.at(-1)
    expect(spike).toMatchObject({
      kind: 'spike',
      step: 73,
      seed: 1,
      batches: [{ number: 72, starts: [72 * 32, 72 * 32 + 8, 72 * 32 + 16, 72 * 32 + 24] }],
    })
    expect(error?.message).toMatch(
      /^the loss of step 73 is \d\.\d+ nats, \d+ deviations above the recent \d\.\d+, at batch 72 of seed 1; the checkpoint of step 60 is whole; go on with --resume and --on-spike rollback/,
    )
    expect(error).toMatchObject({ code: 'ALIPPE_DIVERGED' })
    expect(checkpoints().at(-1)).toBe(60)
  })

  it('can be let pass, with a line of the metrics', async () => {
    const { events, error } = await play(optionsOf({ onSpike: 'ignore' }, { train: poisoned() }))
    expect(error).toBeUndefined()
    expect(kinds(events, 'spike', 'rollback')).toEqual(['spike 73'])
    expect(events.at(-1)).toMatchObject({ kind: 'checkpoint', step: 120 })
    expect(metrics().filter(({ event }) => event === 'spike')).toMatchObject([{ step: 73, batches: [{ number: 72 }] }])
  })

  it('takes the run back to a good checkpoint, and on behind the batch', async () => {
    const { events, error } = await play(optionsOf({ onSpike: 'rollback' }, { train: poisoned() }))
    expect(error).toBeUndefined()
    expect(kinds(events, 'spike', 'rollback')).toEqual(['spike 73', 'rollback 60'])
    // Every step is told once, the last time it happened; the event stays.
    const told = metrics()
    expect(told.filter(({ split }) => split === 'train').map(({ step }) => step)).toEqual(
      Array.from({ length: 120 }, (_, i) => i + 1),
    )
    expect(told.filter(({ event }) => event === 'rollback')).toMatchObject([
      { step: 60, spike: { step: 73, batches: [{ number: 72 }] } },
    ])
    // It equals a run whose step 61 reads batch 73: the same text without batches 60 to 72.
    const whole = folder
    folder = join(root, 'cut')
    const { length, read } = poisoned()
    const ids = Uint32Array.from(await read(0, length))
    const cut = tokenSource(Uint32Array.from([...ids.subarray(0, 60 * 32), ...ids.subarray(73 * 32)]))
    // The row before the cut has its last target behind it.
    const train: TokenSource = {
      ...cut,
      ordered: true,
      read: async (start, n) => {
        const found = Uint32Array.from(await cut.read(start, n))
        if (start < 60 * 32 && start + n > 60 * 32) found[60 * 32 - start] = ids[60 * 32]
        return found
      },
    }
    await play(optionsOf({}, { train }))
    expect(bits(120)).toEqual(bits(120, whole))
  })

  it('is the same story when the run is killed on its way', async () => {
    const options = () => optionsOf({ onSpike: 'rollback' }, { train: text(92, 95), resume: true })
    const { events } = await play(options())
    expect(kinds(events, 'spike', 'rollback')).toEqual(['spike 93', 'rollback 80', 'spike 83', 'rollback 80'])
    const whole = folder
    for (const until of [
      (event: SessionEvent) => event.kind === 'step' && event.step === 90,
      (event: SessionEvent) => event.kind === 'spike',
      (event: SessionEvent) => event.kind === 'rollback',
      (event: SessionEvent) => event.kind === 'step' && event.step === 110,
    ]) {
      folder = join(root, `killed-${count++}`)
      await play(options(), until)
      await play(options(), until)
      const { error } = await play(options())
      expect(error).toBeUndefined()
      expect(bits(120)).toEqual(bits(120, whole))
    }
  })

  it('right behind a checkpoint makes that one doubtful', async () => {
    const { events } = await play(optionsOf({ onSpike: 'rollback', saveEvery: 35 }, { train: poisoned() }))
    // The one of step 70 was 3 steps old.
    expect(kinds(events, 'checkpoint', 'rollback').slice(0, 4)).toEqual([
      'checkpoint 0',
      'checkpoint 35',
      'checkpoint 70',
      'rollback 35',
    ])
    expect(metrics().at(-1)).toMatchObject({ step: 120 })
  })

  it('that comes again and again ends the run', async () => {
    const all = Array.from({ length: 300 }, (_, i) => 92 + i)
    const { events, error } = await play(optionsOf({ onSpike: 'rollback' }, { train: text(...all) }))
    expect(kinds(events, 'rollback')).toEqual(['rollback 80', 'rollback 80', 'rollback 80'])
    expect(error?.message).toMatch(/the run went back to step 80 3 times without getting further: lower --lr/)
    expect(checkpoints().at(-1)).toBe(80)
  })
})

describe('a loss that is no number', () => {
  // The second step meets weights of 1e30 and more.
  const wild = { learningRate: 1e30, warmup: 0, clip: 0 }

  it('ends the run, also one that ignores spikes', async () => {
    for (const onSpike of ['stop', 'ignore'] as const) {
      folder = join(root, `nan-${onSpike}`)
      const { events, error } = await play(optionsOf({ ...wild, onSpike }))
      expect(kinds(events, 'spike').length).toBe(1)
      expect(error?.message).toMatch(
        /the loss or the gradient of step \d+ is no finite number, at batch \d+ of seed 1; there is no checkpoint yet/,
      )
    }
  })

  it('takes the run back to its beginning, gradients that were summed included, until it gives up', async () => {
    const { events, error } = await play(optionsOf({ ...wild, accumulate: 2, onSpike: 'rollback' }))
    expect(kinds(events, 'rollback')).toEqual(['rollback 0', 'rollback 0', 'rollback 0'])
    // The first step after each way back has weights as they were at the beginning.
    const first = events.flatMap((event) => (event.kind === 'step' && event.step === 1 ? [event.lossNats] : []))
    expect(first).toHaveLength(4)
    for (const loss of first) expect(Math.abs(loss - Math.log(16))).toBeLessThan(0.2)
    expect(error?.message).toMatch(/went back to step 0 3 times/)
  })
})

describe('going on with other settings', () => {
  async function half(): Promise<void> {
    const session = await openSession(optionsOf())
    for await (const { kind, step } of session.events()) if (kind === 'step' && step === 60) session.stop()
    session.run.release()
  }

  it('on more threads gives the same bits, and says so', async () => {
    await play(optionsOf())
    const whole = folder
    folder = join(root, 'threads')
    await half()
    const { changes, from } = await play(optionsOf({}, { backend: oneThread, resume: true }))
    expect(from).toBe(60)
    expect(changes).toEqual(['threads 2 → 1: the same bits'])
    expect(bits(120)).toEqual(bits(120, whole))
    expect(metrics().filter(({ event }) => event === 'resumed')).toMatchObject([{ step: 60, changes }])
  })

  it('reads the very next rows in batches of another size', async () => {
    await half()
    const starts: number[] = []
    const train: TokenSource = {
      ...text(),
      read(start, n) {
        starts.push(start)
        return text().read(start, n)
      },
    }
    const { changes, error } = await play(optionsOf({ batch: 6, steps: 70 }, { train, resume: true }))
    expect(error).toBeUndefined()
    expect(starts).toEqual(Array.from({ length: 60 }, (_, i) => 60 * 32 + i * 8))
    expect(changes[0]).toBe('batch 4 → 6: the order stays, and goes on at the very next row')
    expect(changes).toContain(
      'tokens of a step 32 → 48: the learning rate goes by steps; --steps 100 reads as many tokens as were planned',
    )
    expect(changes.find((change) => change.startsWith('steps 120 → 70'))).toMatch(/steps up to 60 stay as they were/)
    expect(changes.find((change) => change.startsWith('learning rate of the next step'))).toBeDefined()
    // Once more, with what is by now usual: nothing has changed, and nothing is moved again.
    starts.length = 0
    const again = await play(optionsOf({ batch: 6, steps: 72 }, { train, resume: true }))
    expect(again.from).toBe(70)
    expect(starts[0]).toBe(60 * 32 + 480)
  })

  it('tells what another precision, rate or text means', async () => {
    await half()
    const { changes } = await play(
      optionsOf({ learningRate: 0.01, precision: 'bf16', seed: 2, saveEvery: 50 }, { resume: true }),
      () => true,
    )
    expect(changes).toEqual([
      'seed 1 → 2: the order of the data stays that of seed 1',
      'learningRate 0.02 → 0.01: steps up to 60 stay as they were, from here on it trains otherwise',
      'precision f32 → bf16: the same order of the data, another rounding; losses agree, but not bit for bit',
      expect.stringMatching(/^learning rate of the next step 0\.0\d+ → 0\.0\d+: /),
    ])
    const other = optionsOf({}, { resume: true })
    const session = await play({ ...other, tokens: { ...other.tokens, name: 'others' } }, () => true)
    expect(session.changes).toContain('data tens → others: another text, read from its beginning')
  })

  it('refuses another model, and names both', async () => {
    await half()
    const wider = llama({ vocabSize: 16, context: 16, width: 32, layers: 1, heads: 2 })
    await expect(openSession(optionsOf({}, { model: wider, resume: true }))).rejects.toThrow(
      /the run has hidden_size 16.*, and this command asks for hidden_size 32.*: a run keeps its model/,
    )
    await expect(openSession(optionsOf({}, { tokenizerJson: '{"other":1}', resume: true }))).rejects.toThrow(
      /tokenizer \(SHA-256\) 44136fa3.*asks for tokenizer \(SHA-256\) /,
    )
  })

  it('leaves no trace when it is only planned', async () => {
    await openSession(optionsOf()).then(({ run }) => run.release())
    expect(existsSync(folder)).toBe(false)
  })
})
