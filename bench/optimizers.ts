import { compile, createState, type Program, type State } from '../src/compiler/index.ts'
import { gpt2, gpt2Sizes } from '../src/models/index.ts'
import { initialUpdates, matrix, parameterCount, type WeightSpecs } from '../src/nn/index.ts'
import { adamw, adamw8bit, lion, muon, type Optimizer, sgd } from '../src/optim/index.ts'
import { input, multiply, state as stateOf, type Tensor } from '../src/tensor/index.ts'
import type { Bench, Context } from './runner/contract.ts'
import { interleave } from './runner/interleave.ts'
import { compare, figure, median } from './runner/statistics.ts'

// One step of each optimizer on the weights of GPT-2 124M, gradients given. All but Muon only move memory: GB/s, each buffer
// counted once in and once out, as part of what a plain loop that multiplies numbers in place reaches in turn with it. Muon is
// bound by its products: GFLOP/s, as part of the peak.

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
    else if (context.quick) context.skip('muon', 'left out by --quick')
  },
}
export default bench

/** GB/s of steps, and of the loop in turn with them. */
async function measure({ backend, quick }: Context, specs: WeightSpecs, optimizer: Optimizer) {
  const state = createState(backend)
  const step = await stepProgram(state, specs, optimizer)
  const numbers = stateOf('numbers', [64 << 20])
  const loop = compile({ outputs: {}, updates: [[numbers, multiply(numbers, input('by', [1]))]] }, { backend, state })
  const control = [...optimizer.control(10, 100), 1]
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
  const step = await stepProgram(state, specs, optimizer)
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

/** A program that takes one step; weights and gradients hold numbers, for memory that was never written costs nothing to read. */
async function stepProgram(state: State, specs: WeightSpecs, optimizer: Optimizer): Promise<Program> {
  const { backend } = state
  const gradients = Object.fromEntries(
    Object.entries(specs).map(([name, { shape }]) => [`${name}.gradient`, matrix(shape, 0.01)]),
  )
  const updates = [...initialUpdates(specs, 1), ...initialUpdates(gradients, 2)]
  const initial = compile({ outputs: {}, updates }, { backend, state })
  await initial.run()
  initial.release()
  const control = input('control', [optimizer.control(0, 1).length + 1])
  const step = Object.entries(specs).flatMap(([name, spec]): [Tensor, Tensor][] =>
    optimizer.update(name, spec, stateOf(`${name}.gradient`, spec.shape), control),
  )
  return compile({ outputs: {}, updates: step }, { backend, state })
}
