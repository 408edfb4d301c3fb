import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openOnnxGpt2 } from '../../bench/peers/onnx-gpt2.ts'
import { openPython } from '../../bench/peers/python.ts'
import type { Backend } from '../../src/backend/index.ts'
import { compile, createState, type State } from '../../src/compiler/index.ts'
import { batches } from '../../src/data/index.ts'
import { gpt2, gpt2Sizes, type LanguageModel, llama, logits } from '../../src/models/index.ts'
import { stateWeights } from '../../src/nn/index.ts'
import { loadPublished, openBackend, savePublished, saveTensors } from '../../src/node/index.ts'
import { adamw } from '../../src/optim/index.ts'
import { input } from '../../src/tensor/index.ts'
import { initialization, train } from '../../src/train/index.ts'
import { against } from '../tokenizers/oracles.ts'
import { realTokens } from './real-text.ts'

// GPT-2 124M with our initial weights, through a file in the published layout, in three implementations.

const size = gpt2Sizes['gpt2-124m']
const model = gpt2(size)
const shape = { batch: 2, tokens: 64 }
const short = { batch: 2, tokens: 32 }
const recipe = { learningRate: 3e-4, weightDecay: 0.1, clip: 1 }
// A decay that shows in ten steps.
const strongDecay = { ...recipe, weightDecay: 10 }
const folder = mkdtempSync(join(tmpdir(), 'alippe-parity-'))
const tokens = realTokens(4096)

const python = await openPython('pytorch_train.py', 2)
const torch = 'why' in python ? undefined : python
const onnx = await openOnnxGpt2(size, shape, model.weights, 2)

let backend: Backend
let ids: Int32Array
beforeAll(async () => {
  backend = await openBackend({ threads: 2 })
  ids = (await batches(tokens, { ...shape, seed: 3 }).at(0)).inputs
  const state = await initialState(model)
  await savePublished(folder, model, state, { prefixed: true })
  state.release()
}, 120_000)
afterAll(async () => {
  rmSync(folder, { recursive: true })
  if (!('why' in onnx)) await onnx.close()
  await torch?.close()
  await backend.close()
})

async function initialState(of: LanguageModel): Promise<State> {
  const state = createState(backend)
  const program = compile(initialization(of, 1), { backend, state })
  await program.run()
  program.release()
  return state
}

async function publishedState(): Promise<State> {
  const state = createState(backend)
  await loadPublished(folder, model, state)
  return state
}

/** Ours, with weights that were read back. */
async function ourLogits(state: State): Promise<Float32Array> {
  const computation = { outputs: { logits: logits(model, stateWeights(model.weights), input('ids', [2, 64], 'i32')) } }
  const program = compile(computation, { backend, state })
  const outputs = await program.run({ ids })
  program.release()
  return outputs.logits as Float32Array
}

interface Size {
  readonly width: number
  readonly layers: number
  readonly vocabSize: number
}

/**
 * How far right logits are from exact ones, as a share of their size: the standard deviation. Each of the 4·L + 1 products
 * that follow each other adds at most 4·C numbers in f32, which are √(4·C) roundings of 2⁻²⁴ of a result where they are
 * independent; norms keep the share.
 */
const share = ({ width, layers }: Size) => 2 ** -24 * Math.sqrt(4 * width) * Math.sqrt(4 * layers + 1)

/** Both sides err, and of n numbers the furthest is √(2·ln n) deviations out. */
function logitBound(deviation: number): number {
  const furthest = Math.sqrt(2 * Math.log(shape.batch * shape.tokens * size.vocabSize))
  return Math.SQRT2 * share(size) * deviation * furthest
}

/**
 * How far two losses can lie apart after up to ten steps, as a share of them: a loss errs as its logits do, whose deviation is
 * at most 1 here, and by its own sum over the batch; each step that its weights have behind them adds as much again.
 */
const lossBound = (of: Size) =>
  10 * Math.SQRT2 * (share(of) / Math.log(of.vocabSize) + 2 ** -24 * Math.sqrt(short.batch * short.tokens))

async function expectEqualLogits(name: string, theirs: Float32Array): Promise<void> {
  const state = await publishedState()
  const ours = await ourLogits(state)
  state.release()
  expect(theirs).toHaveLength(ours.length)
  let worst = 0
  let squares = 0
  for (const [i, value] of ours.entries()) {
    worst = Math.max(worst, Math.abs(value - theirs[i]))
    squares += value * value
  }
  const deviation = Math.sqrt(squares / ours.length)
  console.log(
    `logits of gpt2-124m against ${name}: worst ${worst.toExponential(2)} of ${deviation.toFixed(3)}, bound ${logitBound(deviation).toExponential(2)}`,
  )
  expect(deviation).toBeGreaterThan(0.1)
  expect(worst).toBeLessThan(1e-3)
  expect(worst).toBeLessThan(logitBound(deviation))
}

describe('a published GPT-2 of 124M parameters', () => {
  it('is read in parts, bit for bit', { timeout: 120_000 }, async () => {
    const [before, after] = [await initialState(model), await publishedState()]
    for (const name of Object.keys(model.weights)) {
      const [a, b] = [await before.read(name), await after.read(name)]
      expect(Buffer.compare(new Uint8Array(a.buffer), new Uint8Array(b.buffer)), name).toBe(0)
    }
    before.release()
    after.release()
  })
})

against('logits in onnxruntime', 'why' in onnx ? onnx.why : undefined, () => {
  it('are ours', { timeout: 120_000 }, async () => {
    if ('why' in onnx) return
    const state = await publishedState()
    const weights = new Map<string, { shape: readonly number[]; values: Float32Array }>()
    for (const [name, { shape }] of Object.entries(model.weights))
      weights.set(name, { shape, values: (await state.read(name)) as Float32Array })
    state.release()
    await expectEqualLogits(`onnxruntime ${onnx.version}`, await onnx.logits(weights, ids))
  })
})

/** Holds ten losses of ours against PyTorch's, from the same file of weights, on the same batches; gives ours. */
async function expectEqualLosses(
  of: LanguageModel,
  config: Size,
  state: State,
  path: string,
  settings = recipe,
): Promise<number[]> {
  const data = () => batches(tokens, { ...short, seed: 3 })
  const run = await train(of, data(), { backend, steps: 10, optimizer: adamw(settings), clip: settings.clip, state })
  const ours: number[] = []
  for await (const { lossNats } of run) ours.push(lossNats)
  run.release()
  await torch!.request({ op: 'open', family: of.family, config, ...short, ...settings })
  await torch!.request({ op: 'load', path })
  const theirs: number[] = []
  for (let i = 0; i < 10; i++) {
    const batch = await data().at(i)
    await torch!.request({ op: 'batch', ids: [...batch.inputs], targets: [...batch.targets] })
    theirs.push((await torch!.request<{ loss: number }>({ op: 'step', setting: 'f32' })).loss)
  }
  const worst = Math.max(...ours.map((loss, i) => Math.abs(loss / theirs[i] - 1)))
  console.log(
    `ten losses of ${of.family} against pytorch ${torch!.version}: ${ours.map((loss) => loss.toFixed(4)).join(' ')}; ` +
      `worst ${worst.toExponential(2)} of them, bound ${lossBound(config).toExponential(2)}`,
  )
  expect(worst).toBeLessThan(1e-3)
  expect(worst).toBeLessThan(lossBound(config))
  return ours
}

against('PyTorch', 'why' in python ? python.why : undefined, () => {
  it('gives the logits of GPT-2 124M', { timeout: 240_000 }, async () => {
    const path = join(folder, 'logits')
    await torch!.request({ op: 'open', config: size, ...shape, ...recipe })
    await torch!.request({ op: 'load', path: join(folder, 'model.safetensors') })
    await torch!.request({ op: 'batch', ids: [...ids], targets: [...ids] })
    await torch!.request({ op: 'logits', path })
    const bytes = new Uint8Array(readFileSync(path))
    await expectEqualLogits(`pytorch ${torch!.version}`, new Float32Array(bytes.buffer))
  })

  it('gives the first ten losses of GPT-2 124M on real text', { timeout: 600_000 }, async () => {
    const state = await publishedState()
    const ours = await expectEqualLosses(model, size, state, join(folder, 'model.safetensors'))
    state.release()
    expect(ours[9]).toBeLessThan(ours[0] - 1)
  })

  it.each([true, false])('gives the first ten losses of a Llama, tied: %s', { timeout: 120_000 }, async (tied) => {
    const small = { vocabSize: 4096, context: 64, width: 256, layers: 4, heads: 8, keyValueHeads: 2, hidden: 704 }
    const config = { ...small, ropeTheta: 10000, tied }
    const of = llama(config)
    const state = await initialState(of)
    const path = join(folder, 'llama.safetensors')
    await saveTensors(path, state, Object.keys(of.weights))
    const ours = await expectEqualLosses(of, config, state, path, strongDecay)
    state.release()
    expect(ours[9]).toBeLessThan(ours[0])
  })
})
