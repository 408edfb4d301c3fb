import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AlippeError } from '../src/base/index.ts'
import { compile, createState, load, type Program, plan } from '../src/compiler/index.ts'
import { type Gpt2Config, gpt2 } from '../src/models/index.ts'
import { parameterCount } from '../src/nn/index.ts'
import { openBackend, saveTensors } from '../src/node/index.ts'
import { initialization, trainingStep } from '../src/train/index.ts'
import { openPython, type PythonPeer } from './peers/python.ts'
import type { Bench, Case, Context } from './runner/contract.ts'
import { interleave, type Sampler } from './runner/interleave.ts'
import { optimizer, randomBatch, recipe, type Setup, setups } from './runner/models.ts'
import { compare, figure } from './runner/statistics.ts'

// Everybody trains the same GPT-2 on the same batch with the same AdamW and clipping, starting from the same weights; the
// first losses must agree. FLOPs of a token are counted as 6·N for N parameters, the convention of the field: attention
// and recomputation come on top and are not counted.

const precisions = ['f32', 'bf16'] as const
type Precision = (typeof precisions)[number]

// Where PyTorch is not installed, its figures on this kind of machine stand in for it: PyTorch 2.13 did 44 % of the bf16
// peak (compiled) and 28 % of the f32 peak at 124M, 40 % of the bf16 peak at small and 17 % at tiny. The goals are 1.5, 2.4,
// 1.6 and 2 times as much.
const goals: Readonly<Record<string, string>> = {
  'gpt2-124m f32 B4 T256': 'percentOfPeak >= 75',
  'gpt2-124m bf16 B4 T256': 'percentOfPeak >= 66',
  'gpt2-124m f32 B1 T1024': 'percentOfPeak >= 67.5',
  'gpt2-124m bf16 B1 T1024': 'percentOfPeak >= 59.4',
  'small bf16 B16 T256': 'percentOfPeak >= 64',
  'tiny bf16 B32 T128': 'percentOfPeak >= 34',
}

/** PyTorch's settings; f32 at sizes where a step of it takes seconds, and compiling, are no part of a short look. */
function settingsOf({ name }: Setup, quick: boolean): string[] {
  if (!quick) return ['f32', 'bf16', 'bf16 compile']
  return name === 'tiny' ? ['f32', 'bf16'] : []
}

const bench: Bench = {
  title: 'Training steps of GPT-2 at three sizes, f32 and bf16, beside PyTorch: tokens a second, and % of peak.',
  async *cases(context) {
    const { quick, threads } = { ...context, threads: context.backend.threads }
    const chosen = Object.values<Setup>(setups).filter(({ name }) => !(quick && name === 'gpt2-124m'))
    if (quick) context.skip('gpt2-124m, torch.compile, PyTorch at size small', 'left out by --quick')
    const peer = await openPython('pytorch_train.py', threads)
    if ('why' in peer) context.skip('pytorch', peer.why)
    for (const setup of chosen.toReversed()) {
      if (precisions.some((precision) => context.wants(title(setup, precision)))) {
        yield* measure(context, setup, 'why' in peer ? undefined : peer)
      }
    }
    const scaled = quick ? [setups.small] : [setups.small, setups['gpt2-124m']]
    for (const setup of scaled) for (const precision of precisions) yield* measureThreads(context, setup, precision)
    if (!('why' in peer)) await peer.close()
  },
}
export default bench

const title = ({ name, batch, tokens }: Setup, precision: Precision) => `${name} ${precision} B${batch} T${tokens}`

/** All competitors at one size, interleaved; a case for each of our precisions. */
async function* measure(context: Context, setup: Setup, peer: PythonPeer | undefined): AsyncGenerator<Case> {
  const { backend, machine, quick } = context
  const model = gpt2(setup.config)
  const shape = { batch: setup.batch, tokens: setup.tokens }
  const state = createState(backend)
  const initial = compile(initialization(model, 1), { backend, state })
  const computation = trainingStep(model, { ...shape, optimizer: optimizer(), clip: recipe.clip })
  const used = machine.peak.bf16 > 0 ? precisions : precisions.slice(0, 1)
  if (used.length < precisions.length) context.skip('bf16', 'the machine has no instruction for products of bf16')

  const { inputs: ids, targets } = randomBatch(setup)
  const programs = new Map<string, Program>()
  const samplers: Record<string, Sampler> = {}
  const losses: Record<string, number> = {}
  for (const precision of used) {
    const program = load(plan(computation, { precision }), state)
    programs.set(precision, program)
    const run = async (steps: number) => {
      const start = performance.now()
      let loss = Number.NaN
      for (let i = 0; i < steps; i++) {
        const outputs = await program.run({ ids, targets, control: optimizer().control(i, steps) })
        if (i === 0) loss = outputs.loss[0]
      }
      return { loss, seconds: (performance.now() - start) / 1000 }
    }
    await initial.run()
    samplers[precision] = await sampler(context, setup, run, (loss) => (losses[precision] = loss))
  }
  const version = `pytorch ${peer?.version}`
  if (peer !== undefined) {
    await peer.request({ op: 'open', config: setup.config, ...shape, ...recipe })
    await peer.request({ op: 'batch', ids: [...ids], targets: [...targets] })
    await initial.run()
    const folder = mkdtempSync(join(tmpdir(), 'alippe-bench-'))
    const path = join(folder, 'model.safetensors')
    await saveTensors(path, state, Object.keys(model.weights))
    for (const setting of settingsOf(setup, quick)) {
      const name = `${version} ${setting}`
      const run = (steps: number) => peer.request<{ loss: number; seconds: number }>({ op: 'step', setting, steps })
      try {
        await peer.request({ op: 'load', path })
        context.progress(`${setup.name}: ${name}`)
        samplers[name] = await sampler(context, setup, run, (loss) => (losses[name] = loss))
      } catch (error) {
        context.skip(name, (error as Error).message)
      }
    }
    rmSync(folder, { recursive: true })
  }
  expectEqualLosses(setup, losses)

  const samples = await interleave(samplers, { rounds: 5 })
  for (const program of [initial, ...programs.values()]) program.release()
  state.release()
  const flops = 6 * parameterCount(model.weights)
  const theirs = Object.entries(samples).filter(([name]) => name.startsWith('pytorch'))
  for (const precision of used) {
    const note = `first loss ${losses[precision].toFixed(5)}, equal to the peers' within ${tolerance(setup.config, setup, precision).toExponential(1)}`
    yield compare({
      case: title(setup, precision),
      ours: figure(samples[precision], 'tokens/s', (machine.peak[precision] * 1e9) / flops),
      peers: Object.fromEntries(theirs),
      target: goals[title(setup, precision)],
      note: theirs.length > 0 ? note : undefined,
    })
  }
}

/** All threads against one. */
async function* measureThreads(context: Context, setup: Setup, precision: Precision): AsyncGenerator<Case> {
  const { backend, quick } = context
  const name = `${title(setup, precision)}, ${backend.threads} threads of one`
  if (!context.wants(name)) return
  if (backend.threads === 1) return context.skip(name, 'the machine gives one thread')
  const alone = await openBackend({ threads: 1 })
  const model = gpt2(setup.config)
  const { inputs: ids, targets } = randomBatch(setup)
  const seconds: Record<string, Sampler> = {}
  const opened: { release(): void }[] = []
  for (const [label, engine] of [['all', backend] as const, ['one', alone] as const]) {
    const state = createState(engine)
    const initial = compile(initialization(model, 1), { backend: engine, state })
    await initial.run()
    const step = trainingStep(model, {
      batch: setup.batch,
      tokens: setup.tokens,
      optimizer: optimizer(),
      clip: recipe.clip,
    })
    const program = load(plan(step, { precision }), state)
    const inputs = { ids, targets, control: optimizer().control(0, 1) }
    await program.run(inputs)
    seconds[label] = async () => {
      const start = performance.now()
      await program.run(inputs)
      return performance.now() - start
    }
    opened.push(initial, program, state)
  }
  const samples = await interleave(seconds, { rounds: quick ? 5 : 9 })
  for (const each of opened) each.release()
  await alone.close()
  // Neighbours in time are compared with each other: the machine's speed drifts.
  yield compare({
    case: name,
    ours: figure(
      samples.one.map((one, i) => one / samples.all[i]),
      'times as fast',
    ),
    target: backend.threads === 2 ? 'value >= 1.9' : undefined,
  })
}

type Steps = (steps: number) => Promise<{ loss: number; seconds: number }>

/** Makes the first step, whose loss it hands on, then settles on how many steps make up a sample. */
async function sampler(
  { quick }: Context,
  { batch, tokens }: Setup,
  run: Steps,
  onFirstLoss: (loss: number) => void,
): Promise<Sampler> {
  onFirstLoss((await run(1)).loss) // Slow: memory is touched for the first time, code is compiled.
  const { seconds } = await run(1)
  const steps = Math.max(1, Math.min(50, Math.round((quick ? 0.3 : 1) / seconds)))
  return async () => (batch * tokens * steps) / (await run(steps)).seconds
}

/**
 * How far two right first losses can lie apart, in nats. Each of the 4·L + 1 products that follow each other rounds its
 * operands with unit u (2⁻⁹ for bf16, 2⁻²⁴ for f32, where √K of K additions adds up); the errors are independent, so they
 * grow with the square root of their number and reach the loss through logits that deviate by at most 0.55 at the start
 * (src/models/settings.ts: half a percent of ln V at most from their variance). The mean over the tokens makes them smaller,
 * which is left out; its own f32 sum adds 2⁻²⁴·√(B·T) of the loss.
 */
function tolerance({ width, layers, vocabSize }: Gpt2Config, { batch, tokens }: Setup, precision: string): number {
  const unit = precision.startsWith('bf16') ? 2 * 2 ** -9 : 2 ** -24 * Math.sqrt(4 * width)
  const deviation = Math.sqrt(2 * 0.005 * Math.log(vocabSize))
  return deviation * unit * Math.sqrt(4 * layers + 1) + 2 ** -24 * Math.sqrt(batch * tokens) * Math.log(vocabSize)
}

/** @throws AlippeError when a competitor computes something else than our f32 does */
function expectEqualLosses(setup: Setup, losses: Readonly<Record<string, number>>): void {
  for (const [name, loss] of Object.entries(losses)) {
    const allowed = tolerance(setup.config, setup, name.includes('bf16') ? 'bf16' : 'f32')
    if (!(Math.abs(loss - losses.f32) <= allowed)) {
      throw new AlippeError(
        'ALIPPE_BENCH',
        `train: ${setup.name}: the first loss is ${losses.f32} for our f32 but ${loss} for ${name}; expected at most ${allowed.toExponential(1)} between them`,
      )
    }
  }
}
