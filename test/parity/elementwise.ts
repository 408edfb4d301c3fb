import {
  broadcastShapes,
  type DType,
  type ElementwiseName,
  elementwiseOperations,
  opcode,
  type Shape,
} from '../../src/base/index.ts'
import {
  bf16,
  type Fill,
  f32,
  i32,
  integers,
  normal,
  type Operand,
  type ParityCase,
  result,
  salted,
  uniform,
  values,
} from './case.ts'
import { elementwiseBound } from './elementwise-bound.ts'

type Instruction = readonly [ElementwiseName, ...number[]]

function program(...instructions: Instruction[]): number[] {
  return instructions.flatMap(([name, a = 0, b = 0, c = 0]) => [opcode(name), a, b, c])
}

function chain(
  name: string,
  inputs: readonly Operand[],
  instructions: readonly Instruction[],
  options: { results?: number[]; dtypes?: DType[]; shape?: Shape; aliases?: [number, number][] } = {},
): ParityCase {
  const shape = options.shape ?? inputs.reduce<Shape>((soFar, input) => broadcastShapes(soFar, input.shape)!, [])
  const results = options.results ?? [inputs.length + instructions.length - 1]
  return {
    name: `elementwise ${name}`,
    kernel: 'elementwise',
    inputs,
    outputs: results.map((_, j) => result(shape, options.dtypes?.[j])),
    attributes: [program(...instructions), results],
    aliases: options.aliases,
    bound: elementwiseBound,
  }
}

const wide = [0, -0, 1e-40, -1e-40, 1e-30, -1e-30, 1e30, -1e30, 2 ** -126, 1, -1, 3.5, -2.5]
const nearSaturation = [0, 1e-10, -1e-6, 0.01, -0.3, 5, -5, 9, -9, 17, -20, 60, -86, 88, -100, 1000, -1000]

/** Arguments that try an operation everywhere it is defined. */
const domains: Partial<Record<ElementwiseName, readonly Fill[]>> = {
  divide: [salted(1e30, -1e30, 3), uniform(0.5, 4)],
  power: [uniform(0.01, 20), uniform(-4, 4)],
  sqrt: [positive(0, 1e-40, 1e-30, 1e30, 4)],
  rsqrt: [positive(1e-30, 1e30, 4, 1e-5)],
  log: [positive(1e-40, 1e-30, 1e30, 1, 1 + 2 ** -20, 1 - 2 ** -20, Number.POSITIVE_INFINITY, 0)],
  reciprocal: [salted(1e30, -1e-30, 3, 0.1)],
  square: [salted(1e15, -1e-15, 1e-30)],
  exp: [salted(0, 1e-8, -1e-8, 88.5, -87, -110, 100, Number.NEGATIVE_INFINITY, 20, -20)],
  tanh: [salted(...nearSaturation)],
  sigmoid: [salted(...nearSaturation)],
  gelu: [salted(...nearSaturation)],
  silu: [salted(...nearSaturation)],
  'gelu-derivative': [salted(...nearSaturation)],
  'silu-derivative': [salted(...nearSaturation)],
  sin: [salted(0, 1e-6, 3.14159274, -1.57079637, 100, -1000, 4096)],
  cos: [salted(0, 1e-6, 3.14159274, -1.57079637, 100, -1000, 4096)],
  where: [values(0, 1, -0, 2, -1), normal(), salted(Number.POSITIVE_INFINITY, 1e-40)],
  less: [integers(-2, 3), integers(-2, 3)],
  equal: [integers(-2, 3), integers(-2, 3)],
  floor: [salted(0, -0.5, 0.999, -1, 1e30, 8388607.5, -3.0001)],
}

function positive(...grains: number[]): Fill {
  return (rng, size, earlier) => Float64Array.from(salted(...grains)(rng, size, earlier), Math.abs)
}

const single = elementwiseOperations.flatMap(({ name, arity }) =>
  arity === 0
    ? []
    : [1, 3, 65, 1000].map((size) => {
        const fills = domains[name] ?? [salted(...wide), salted(...[...wide].reverse())]
        const inputs = Array.from({ length: arity }, (_, i) => f32([size], fills[i] ?? normal()))
        return chain(`${name} of ${size}`, inputs, [[name, 0, 1, 2].slice(0, arity + 1) as unknown as Instruction])
      }),
)

const add: Instruction[] = [['add', 0, 1]]
const broadcasts: [Shape, Shape][] = [
  [[], [5]],
  [[1], [129]],
  [[3, 7], [7]],
  [
    [3, 7],
    [3, 1],
  ],
  [
    [3, 1],
    [1, 7],
  ],
  [
    [1, 1, 17],
    [2, 3, 1],
  ],
  [
    [2, 3, 65],
    [2, 1, 65],
  ],
  [
    [2, 3, 65],
    [1, 3, 1],
  ],
  [
    [2, 1, 3, 1, 5],
    [4, 1, 7, 1],
  ],
  [
    [1, 2, 3, 1, 5, 2],
    [2, 1, 1, 4, 1, 2],
  ],
  [
    [1, 1, 1],
    [1, 1, 1],
  ],
  [[65, 1000], [1000]],
  [
    [65, 1000],
    [65, 1],
  ],
  [[0], [1]],
  [[3, 0, 2], [2]],
]

export const cases: ParityCase[] = [
  ...single,
  ...broadcasts.flatMap(([a, b]) => [
    chain(`[${a}] + [${b}]`, [f32(a), f32(b)], add),
    chain(`[${b}] + [${a}], turned round`, [f32(b), f32(a)], add),
  ]),
  chain(
    'three operands broadcast in turn',
    [f32([7, 1, 1]), f32([1, 5, 1]), f32([3])],
    [
      ['multiply', 0, 1],
      ['add', 3, 2],
    ],
  ),
  chain(
    'negative base to a whole power',
    [f32([8], values(-2, -3, -0.5, 4)), f32([8], values(2, 3, -1, 0, 1))],
    [['power', 0, 1]],
  ),
  ...(
    [
      'relu',
      'exp',
      'log',
      'tanh',
      'sigmoid',
      'gelu',
      'silu',
      'sqrt',
      'rsqrt',
      'reciprocal',
      'gelu-derivative',
      'silu-derivative',
    ] as const
  ).map((name) =>
    chain(
      `${name} of NaN and ±∞`,
      [f32([37], values(Number.NaN, 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2))],
      [[name, 0]],
    ),
  ),
  chain('a constant', [], [['constant', 0.1]], { shape: [3, 7] }),
  chain('an input passed through', [f32([17])], [], { results: [0] }),
  chain('the same register twice', [f32([65])], [['multiply', 0, 0]], { results: [1, 1, 0] }),
  chain(
    'swiglu',
    [f32([17, 65]), f32([17, 65])],
    [
      ['silu', 0],
      ['multiply', 2, 1],
    ],
  ),
  chain(
    'gradients of swiglu: three inputs, two outputs',
    [f32([17, 65]), f32([17, 65]), f32([17, 65])],
    [
      ['silu-derivative', 0],
      ['multiply', 3, 1],
      ['multiply', 4, 2],
      ['silu', 0],
      ['multiply', 6, 2],
    ],
    { results: [5, 7] },
  ),
  chain(
    'a long chain',
    [f32([1000]), f32([1]), f32([1000], uniform(0.5, 2))],
    [
      ['constant', 0.5],
      ['multiply', 0, 3],
      ['sin', 4],
      ['add', 5, 1],
      ['divide', 6, 2],
      ['square', 7],
      ['constant', 1],
      ['add', 8, 9],
      ['rsqrt', 10],
      ['less', 0, 1],
      ['where', 12, 11, 8],
      ['tanh', 13],
      ['cos', 14],
      ['maximum', 15, 11],
      ['minimum', 16, 9],
      ['negate', 17],
      ['exp', 18],
    ],
  ),
  chain('in place, first input', [f32([65, 17]), f32([17])], add, { aliases: [[0, 0]] }),
  chain('in place, second input', [f32([65, 1]), f32([65, 17])], add, { aliases: [[0, 1]] }),
  chain(
    'two outputs in place, crossed',
    [f32([1000]), f32([1000])],
    [
      ['subtract', 0, 1],
      ['add', 0, 1],
    ],
    {
      results: [2, 3],
      aliases: [
        [0, 1],
        [1, 0],
      ],
    },
  ),
  chain('bf16 in, f32 out', [bf16([3, 65]), f32([65])], add),
  chain('f32 in, bf16 out', [f32([3, 65]), f32([65])], add, { dtypes: ['bf16'] }),
  chain('bf16 in place', [bf16([1000]), bf16([1])], [['multiply', 0, 1]], { dtypes: ['bf16'], aliases: [[0, 0]] }),
  chain(
    'ties and far values to bf16',
    [f32([12], values(1 + 2 ** -8, 1 + 3 * 2 ** -8, 1 + 2 ** -8 + 2 ** -20, 3.4e38, -1e-40, Number.NEGATIVE_INFINITY))],
    [],
    { results: [0], dtypes: ['bf16'] },
  ),
  chain('i32 in, f32 out', [i32([129], integers(-1000, 1000)), f32([129])], [['multiply', 0, 1]]),
  chain('f32 in, i32 out, towards zero', [f32([129], uniform(-1000, 1000))], [], { results: [0], dtypes: ['i32'] }),
  chain(
    'i32 and u8 compared to u8',
    [i32([3, 33], integers(0, 5)), { ...f32([33], integers(0, 5)), dtype: 'u8' }],
    [['equal', 0, 1]],
    { dtypes: ['u8'] },
  ),
  chain('outputs of three dtypes', [f32([65], uniform(0, 100))], [['square', 0]], {
    results: [1, 1, 0],
    dtypes: ['f32', 'bf16', 'i32'],
  }),
]
