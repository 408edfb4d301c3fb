import { afterAll, describe, expect, it } from 'vitest'
import type { Attribute } from '../../src/backend/index.ts'
import type { DType, Shape } from '../../src/base/index.ts'
import { openBackend } from '../../src/node/index.ts'
import { exact, f32, i32, integers, type Operand, type ParityCase, result } from '../parity/case.ts'
import { judge } from '../parity/judge.ts'
import { prepare, run } from '../parity/run.ts'

// Shapes large enough for the paths that share one reduction, one table or one row among many tasks. Numbers are small
// integers, so every sum is exact in f32 in any order: the answer must be the reference's, to the last bit.

const small = integers(-8, 9)
const ignored = (outputs: number) => () => Array.from({ length: outputs }, () => 'ignore' as const)

function many(
  kernel: string,
  inputs: readonly Operand[],
  outputs: readonly (Shape | readonly [Shape, DType])[],
  attributes: readonly Attribute[] = [],
  more: Partial<ParityCase> = {},
): ParityCase {
  const shapes = inputs.map(({ shape }) => `[${shape}]`).join(' ')
  return {
    name: `${kernel} ${shapes} to [${outputs[0]}]${more.aliases ? ' in place' : ''}`,
    kernel,
    inputs,
    outputs: outputs.map((output) =>
      Array.isArray(output[0]) ? result(output[0] as Shape, output[1] as DType) : result(output as Shape),
    ),
    attributes,
    bound: exact,
    ...more,
  }
}

const ids = (limit: number) => integers(-1, limit + 1)

const cases: readonly ParityCase[] = [
  many('sum', [f32([3000, 300], small)], [[1, 300]]),
  many('sum', [f32([3000, 300], small)], [[3000, 1]]),
  many('sum', [f32([3000, 301], small)], [[1, 1]]),
  many('sum', [f32([40, 70, 30, 11], small)], [[1, 70, 1, 11]]),
  many('sum', [f32([40, 70, 30, 11], small)], [[40, 1, 30, 1]]),
  many('sum', [f32([2, 9, 50_000], small)], [[2, 1, 1]]),
  many('sum', [f32([9, 2, 50_000], small)], [[1, 2, 50_000]]),
  many('max', [f32([3000, 300], small)], [[1, 300]]),
  many('max', [f32([2, 200_000], small)], [[2, 1]]),
  many('sum-squares', [f32([150_001], small)], [[]]), // at most 64 a place: below 2^24
  many('argmax', [f32([300, 1001], small)], [[[300], 'i32']]),
  many('transpose', [f32([300, 521], small)], [[521, 300]], [[1, 0]]),
  many('transpose', [f32([7, 65, 3, 130], small)], [[130, 3, 7, 65]], [[3, 2, 0, 1]]),
  many('concat', [f32([200, 300], small), f32([200, 5], small)], [[200, 305]], [1]),
  many('scatter-add', [f32([50, 300], small), i32([900], ids(50)), f32([900, 300], small)], [[50, 300]], [], {
    aliases: [[0, 0]],
  }),
  many('scatter-add', [f32([900, 24], small), i32([2000], ids(900)), f32([2000, 24], small)], [[900, 24]]),
]

const engines = [
  await openBackend({ threads: 1 }),
  await openBackend({ threads: 3 }),
  await openBackend({ backend: 'wasm', threads: 2 }),
]
afterAll(() => Promise.all(engines.map((engine) => engine.close())))

describe('work of many tasks is exact on integers', () => {
  for (const one of cases) {
    it(one.name, async () => {
      const prepared = prepare(one)
      for (const engine of engines) {
        for (const { ratio, message } of judge(prepared, await run(prepared, engine))) {
          expect(ratio, `${engine.name}, ${engine.threads} threads: ${message}`).toBe(0)
        }
      }
    })
  }
})

describe('the number of threads does not change a bit', () => {
  const backward = (kernel: string, outputs: Shape[]) =>
    many(kernel, [f32([1000, 520]), f32([520]), f32([1000, 520]), f32([1000, 520])], outputs, [1e-5], {
      bound: ignored(outputs.length),
    })
  const varied = [
    backward('layer-norm-backward', [[1000, 520], [520], [520]]),
    backward('rms-norm-backward', [[1000, 520], [520]]),
    many('sum', [f32([2000, 300])], [[1, 300]], [], { bound: ignored(1) }),
    many('sum-squares', [f32([1_000_000])], [[]], [], { bound: ignored(1) }),
  ]
  for (const one of varied) {
    it(one.name, async () => {
      const prepared = prepare(one)
      const [alone, together] = [await run(prepared, engines[0]), await run(prepared, engines[1])]
      expect(together).toEqual(alone)
    })
  }
})
