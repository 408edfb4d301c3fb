import { f64View, kernels, read } from '../../src/backend/reference/index.ts'
import type { Shape } from '../../src/base/index.ts'
import { gamma } from './bound.ts'
import {
  type Bound,
  bf16,
  exact,
  type Fill,
  f16,
  f32,
  i32,
  integers,
  normal,
  type ParityCase,
  result,
  values,
} from './case.ts'

/** A row that n updates meet is a sum of n + 1 numbers; n is at most the number of ids. */
const scatterBound: Bound = ({ inputs: [base, ids, updates], outputs: [y] }) => {
  const magnitude = f64View(y.shape)
  const positive = [base, ids, updates].map((view, i) =>
    i === 1 ? view : f64View(view.shape, read(view).map(Math.abs)),
  )
  kernels.get('scatter-add')!(positive, [magnitude], [])
  const meetings = new Map<number, number>()
  for (const id of read(ids)) meetings.set(id, (meetings.get(id) ?? 0) + 1)
  const C = base.shape[1]
  return [read(magnitude).map((m, i) => gamma(meetings.get(Math.floor(i / C)) ?? 0) * m)]
}

interface Setup {
  readonly V: number
  readonly C: number
  readonly ids: Shape
  readonly fill?: Fill
  readonly note?: string
}

const setups: Setup[] = [
  { V: 1, C: 1, ids: [1] },
  { V: 7, C: 3, ids: [5] },
  { V: 129, C: 65, ids: [2, 17] },
  { V: 1000, C: 48, ids: [3, 1, 7] },
  { V: 65, C: 1000, ids: [33] },
  { V: 17, C: 129, ids: [] },
  { V: 7, C: 17, ids: [65], fill: integers(-3, 10), note: ', some outside' },
  { V: 7, C: 17, ids: [5], fill: values(-1, 7, 2 ** 31 - 1, -(2 ** 31), 3), note: ', far outside' },
  { V: 3, C: 33, ids: [1000], note: ', each many times' },
  { V: 100, C: 65, ids: [40], fill: values(42), note: ', one again and again' },
  { V: 7, C: 5, ids: [0], note: ', none' },
  { V: 7, C: 0, ids: [5], note: ', no columns' },
]

const name = (kernel: string, { V, C, ids, note = '' }: Setup) => `${kernel} [${V}, ${C}] at [${ids}]${note}`

function gatherCase(setup: Setup, type: typeof f32 = f32, to?: 'f32'): ParityCase {
  const { V, C, ids, fill = integers(0, V) } = setup
  const table = type([V, C])
  return {
    name: name('gather', setup) + (type === f32 ? '' : ` ${table.dtype}`) + (to ? ' to f32' : ''),
    kernel: 'gather',
    inputs: [table, i32(ids, fill)],
    outputs: [result([...ids, C], to ?? table.dtype)],
    attributes: [],
    bound: exact,
  }
}

function scatterCase(setup: Setup, inPlace: boolean): ParityCase {
  const { V, C, ids, fill = integers(0, V) } = setup
  return {
    name: name('scatter-add', setup) + (inPlace ? ', in place' : ''),
    kernel: 'scatter-add',
    inputs: [f32([V, C]), i32(ids, fill), f32([...ids, C])],
    outputs: [result([V, C])],
    attributes: [],
    aliases: inPlace ? [[0, 0]] : [],
    bound: scatterBound,
  }
}

/** Ids index the last axis here: C of a setup is the axis, V the number of places outside it. */
function pickCases(rows: Shape, C: number, fill: Fill = integers(0, C), note = ''): ParityCase[] {
  const title = `[${[...rows, C]}]${note}`
  return [
    {
      name: `pick ${title}`,
      kernel: 'pick',
      inputs: [f32([...rows, C]), i32(rows, fill)],
      outputs: [result(rows)],
      attributes: [],
      bound: exact,
    },
    {
      name: `pick-backward ${title}`,
      kernel: 'pick-backward',
      inputs: [i32(rows, fill), f32(rows, normal())],
      outputs: [result([...rows, C])],
      attributes: [],
      bound: exact,
    },
  ]
}

export const cases: ParityCase[] = [
  ...setups.map((setup) => gatherCase(setup)),
  gatherCase({ V: 129, C: 65, ids: [2, 17] }, bf16),
  gatherCase({ V: 129, C: 65, ids: [2, 17] }, bf16, 'f32'),
  gatherCase({ V: 129, C: 65, ids: [2, 17] }, f16, 'f32'),
  gatherCase(
    { V: 9, C: 37, ids: [9] },
    (shape) => f16(shape, values(0, 6e-8, -3e-5, 65504, -0, 1e-7, Number.POSITIVE_INFINITY)),
    'f32',
  ),
  ...setups.flatMap((setup) => [scatterCase(setup, false), scatterCase(setup, true)]),
  ...pickCases([1], 1),
  ...pickCases([], 7),
  ...pickCases([3, 17], 65),
  ...pickCases([129], 1000),
  ...pickCases([65], 7, integers(-3, 10), ', some outside'),
  ...pickCases([4], 7, values(-1, 7, 2 ** 31 - 1, 6), ', far outside'),
  ...pickCases([0], 7),
]
