import { type Computation, compile, createState, type Program, type State } from '../src/compiler/index.ts'
import { gpt2, gpt2Sizes } from '../src/models/index.ts'
import { initialUpdates, matrix, parameterCount, type WeightSpecs } from '../src/nn/index.ts'
import { adamw, adamw8bit, lion, muon, type Optimizer, sgd } from '../src/optim/index.ts'
import { input, multiply, state as stateOf, type Tensor } from '../src/tensor/index.ts'
import type { Bench, Context } from './runner/contract.ts'
import { interleave } from './runner/interleave.ts'
import { compare, figure, median } from './runner/statistics.ts'

// One step of each optimizer on the weights of GPT-2 124M, gradients given. All but Muon only move memory: GB/s, each buffer
// counted once in and once out, as part of what a plain loop reaches that doubles numbers in place, in turn with it. Reading
// and writing in place is faster than reading alone: a line that is written back was fetched anyway.

const optimizers: Readonly<Record<string, Optimizer>> = {
  adamw: adamw({ learningRate: 1e-4 }),
  'adamw-8bit': adamw8bit({ learningRate: 1e-4 }),
  sgd: sgd({ learningRate: 1e-4, weightDecay: 0.1 }),
  lion: lion({ learningRate: 1e-4 }),
}

const bench: Bench = {
  title: 'One step of each optimizer on the weights of GPT-2 124M: GB/s beside a loop that reads and writes in place.',
  async *cases(context) {
    const { weights } = gpt2(gpt2Sizes['gpt2-124m'])
    const whole = { all: matrix([parameterCount(weights) / 64, 64], 0.02) } // what 148 calls cost beside one
    const cases: [string, WeightSpecs, Optimizer, string?][] = [
      ...Object.entries(optimizers).map(([name, one]): [string, WeightSpecs, Optimizer, string] => [
        `${name}, 148 weights`,
        weights,
        one,
        'percentOfPeak >= 80',
      ]),
      ['adamw, as one weight', whole, optimizers.adamw],
    ]
    for (const [title, specs, optimizer, target] of cases) {
      if (!context.wants(title)) continue
      const { loop, step, milliseconds } = await measure(context, specs, optimizer)
      yield compare({
        case: title,
        ours: figure(step, 'GB/s', median(loop)),
        target,
        note: `${milliseconds.toFixed(1)} ms a step; the loop reads and writes ${median(loop).toFixed(1)} GB/s`,
        ...(target === undefined ? { detail: true } : {}),
      })
    }
    if (context.wants('muon') && !context.quick) yield await muonCase(context, weights)
    else context.skip('muon', 'left out')
  },
}
export default bench

/** A program that takes one step, and one that doubles and halves the first weight in place, in turn. */
async function measure({ backend, quick }: Context, specs: WeightSpecs, optimizer: Optimizer) {
  const state = createState(backend)
  const step = stepProgram(state, specs, optimizer)
  await run(state, { outputs: {}, updates: [...initialUpdates(specs, 1), ...initialUpdates(gradientsOf(specs), 2)] })
  const numbers = stateOf('loop', [64 << 20])
  const loop = compile({ outputs: {}, updates: [[numbers, multiply(numbers, input('by', [1]))]] }, { backend, state })
  const control = [...optimizer.control(10, 100), 1]
  const [first, ...others] = loop.plan.calls
  if (first === undefined || others.length > 0) throw new Error('the loop is not one call')
  const timed = async (program: Program, inputs: Record<string, number[]>) => {
    const start = performance.now()
    await program.run(inputs)
    return program.plan.bytesMoved / (performance.now() - start) / 1e6
  }
  const samples = await interleave(
    { loop: () => timed(loop, { by: [1] }), step: () => timed(step, { control }) },
    { rounds: quick ? 5 : 15, warmups: 2 },
  )
  const milliseconds = step.plan.bytesMoved / median(samples.step) / 1e6
  for (const one of [loop, step, state]) one.release()
  return { loop: samples.loop, step: samples.step, milliseconds }
}

async function muonCase({ backend, machine }: Context, specs: WeightSpecs) {
  const state = createState(backend)
  const optimizer = muon({ learningRate: 1e-4 })
  const step = stepProgram(state, specs, optimizer)
  await run(state, { outputs: {}, updates: [...initialUpdates(specs, 1), ...initialUpdates(gradientsOf(specs), 2)] })
  const samples: number[] = []
  for (let i = -1; i < 3; i++) {
    const start = performance.now()
    await step.run({ control: [...optimizer.control(10, 100), 1] })
    if (i >= 0) samples.push(step.plan.flops / (performance.now() - start) / 1e6)
  }
  const milliseconds = step.plan.flops / median(samples) / 1e6
  step.release()
  state.release()
  return compare({
    case: 'muon f32, 148 weights',
    ours: figure(samples, 'GFLOP/s', machine.peak.f32),
    note: `${milliseconds.toFixed(0)} ms a step, ${(step.plan.flops / 1e12).toFixed(2)} TFLOP`,
  })
}

const gradientName = (name: string) => `${name}.gradient`

const gradientsOf = (specs: WeightSpecs): WeightSpecs =>
  Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [gradientName(name), matrix(shape, 0.01)]))

function stepProgram(state: State, specs: WeightSpecs, optimizer: Optimizer): Program {
  const control = input('control', [optimizer.control(0, 1).length + 1])
  const updates = Object.entries(specs).flatMap(([name, spec]): [Tensor, Tensor][] =>
    optimizer.update(name, spec, stateOf(gradientName(name), spec.shape), control),
  )
  return compile({ outputs: {}, updates }, { backend: state.backend, state })
}

async function run(state: State, computation: Computation): Promise<void> {
  const program = compile(computation, { backend: state.backend, state })
  await program.run()
  program.release()
}
