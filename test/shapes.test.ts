import { describe, expect, it } from 'vitest'
import { type AlippeError, ConfigError, type DType, type Shape, ShapeError } from '../src/base/index.ts'
import * as tensors from '../src/tensor/index.ts'
import {
  adamw8bitStep,
  adamwStep,
  argmax,
  attention,
  broadcastTo,
  concat,
  constant,
  convert,
  dropout,
  gather,
  globalNorm,
  gradients,
  input,
  layerNorm,
  layerNormBackward,
  linearCrossEntropy,
  matmul,
  max,
  mean,
  pad,
  pick,
  regularizedCrossEntropy,
  reshape,
  rmsNorm,
  rotary,
  scatterAdd,
  slice,
  softmax,
  split,
  state,
  sum,
  sumSquares,
  sumTo,
  type Tensor,
  transpose,
  where,
} from '../src/tensor/index.ts'

const x = (...shape: number[]) => input(`x${shape}`, shape)
const ids = (...shape: number[]) => input(`ids${shape}`, shape, 'i32')
const u8 = (...shape: number[]) => input(`codes${shape}`, shape, 'u8')
const plain = { beta1: 0, beta2: 0, epsilon: 0, weightDecay: 0 }

// Exported function, what is wrong, the whole message. Together: operation, what was expected, what was got.
const mistakes: [name: string, wrong: () => unknown, message: string][] = [
  [
    'add',
    () => tensors.add(x(2, 3), x(2)),
    'add: [2, 3] and [2] do not broadcast: sizes must be equal or 1, aligned at the last axis',
  ],
  [
    'where',
    () => where(x(3), x(2), 0),
    'where: [3] and [2] and [] do not broadcast: sizes must be equal or 1, aligned at the last axis',
  ],
  ['broadcastTo', () => broadcastTo(x(2), [2, 3]), 'broadcastTo: [2] does not broadcast to [2, 3]'],
  ['broadcastTo', () => broadcastTo(x(2, 3), [3]), 'broadcastTo: [2, 3] does not broadcast to [3]'],

  ['sum', () => sum(x(2, 3), 2), 'sum: axis 2 is not in a tensor of 2 axes; x is [2, 3]'],
  ['sum', () => sum(x(2, 3), [0, -3]), 'sum: axis -3 is not in a tensor of 2 axes; x is [2, 3]'],
  ['mean', () => mean(x(2), 0.5), 'sum: axis 0.5 is not in a tensor of 1 axes; x is [2]'],
  ['max', () => max(x(), 0), 'max: axis 0 is not in a tensor of 0 axes; x is []'],
  ['argmax', () => argmax(x()), 'argmax: x must be […, C], got []'],
  ['argmax', () => argmax(ids(3)), 'argmax: x must be f32, got i32 [3]'],
  ['globalNorm', () => globalNorm([]), 'concat: at least one tensor is needed'],

  ['reshape', () => reshape(x(2, 3), [4]), 'reshape: [2, 3] has 6 elements and cannot become [4]'],
  ['reshape', () => reshape(x(2, 3), [4, -1]), 'reshape: [2, 3] has 6 elements and cannot become [4, -1]'],
  ['reshape', () => reshape(x(2, 3), [-1, -1]), 'reshape: [2, 3] has 6 elements and cannot become [-1, -1]'],
  ['reshape', () => reshape(x(2, 3), [-2, -3]), 'reshape: [2, 3] has 6 elements and cannot become [-2, -3]'],
  ['reshape', () => reshape(x(2, 3), [1.5, 4]), 'reshape: [2, 3] has 6 elements and cannot become [1.5, 4]'],
  ['transpose', () => transpose(x(2, 3), [0, 0]), 'transpose: axes [0, 0] must name each axis of [2, 3] once'],
  ['transpose', () => transpose(x(2, 3), [0]), 'transpose: axes [0] must name each axis of [2, 3] once'],
  ['transpose', () => transpose(x(2, 3), [0, 2]), 'transpose: axis 2 is not in a tensor of 2 axes; x is [2, 3]'],
  ['transpose', () => transpose(x(2)), 'transpose: axis -2 is not in a tensor of 1 axes; x is [2]'],
  ['slice', () => slice(x(2, 3), 1, 1, 4), 'slice: 1 to 4 is not inside axis 1 of [2, 3]'],
  ['slice', () => slice(x(2, 3), 1, 2, 1), 'slice: 2 to 1 is not inside axis 1 of [2, 3]'],
  ['slice', () => slice(x(2, 3), 1, -1, 1), 'slice: -1 to 1 is not inside axis 1 of [2, 3]'],
  ['slice', () => slice(x(2, 3), 1, 0.5, 1.5), 'slice: 0.5 to 1.5 is not inside axis 1 of [2, 3]'],
  ['slice', () => slice(x(2, 3), 2, 0, 1), 'slice: axis 2 is not in a tensor of 2 axes; x is [2, 3]'],
  ['pad', () => pad(x(2, 3), 1, 2, 4), 'pad: axis 1 of [2, 3] does not fit at 2 into 4'],
  ['pad', () => pad(x(2, 3), 1, 0.5, 4), 'pad: axis 1 of [2, 3] does not fit at 0.5 into 4'],
  ['split', () => split(x(2, 3), 1, 2), 'split: axis 1 of [2, 3] does not divide into 2 parts'],
  ['split', () => split(x(2, 3), 1, 0), 'split: axis 1 of [2, 3] does not divide into 0 parts'],
  ['split', () => split(x(2, 3), 1, 0.5), 'split: axis 1 of [2, 3] does not divide into 0.5 parts'],
  ['concat', () => concat([], 0), 'concat: at least one tensor is needed'],
  ['concat', () => concat([x(2, 3), x(3, 3)], 1), 'concat: [2, 3], [3, 3] differ outside axis 1'],
  ['concat', () => concat([x(2, 3), x(3)], 0), 'concat: [2, 3], [3] differ outside axis 0'],
  ['concat', () => concat([x(3), ids(3)], 0), 'concat: dtypes must be equal, got f32, i32'],

  ['matmul', () => matmul(x(2, 3), x(4, 5)), 'matmul: K is 3 in a [2, 3] but 4 in b [4, 5]'],
  [
    'matmul',
    () => matmul(x(2, 3), x(4, 5), { transposeA: true, transposeB: true }),
    'matmul: K is 2 in a [2, 3]ᵀ but 5 in b [4, 5]ᵀ',
  ],
  ['matmul', () => matmul(x(3), x(3, 2)), 'matmul: a must have at least two axes, got [3]'],
  ['matmul', () => matmul(x(2, 3), x(3)), 'matmul: b must have at least two axes, got [3]'],
  ['matmul', () => matmul(x(5, 2, 3), x(4, 3, 2)), 'matmul: leading axes of a [5, 2, 3] and b [4, 3, 2] differ'],
  ['matmul', () => matmul(ids(2, 3), x(3, 2)), 'matmul: a must be f32, bf16 or f16, got i32 [2, 3]'],
  ['matmul', () => matmul(x(2, 3), ids(3, 2)), 'matmul: b must be f32, bf16 or f16, got i32 [3, 2]'],
  [
    'matmul',
    () => matmul(x(2, 32), state('w', [32, 32], 'q8_0')),
    'matmul: a product must sum over the rows of a packed matrix: q8_0 [32, 32] needs transposeB',
  ],
  [
    'matmul',
    () => matmul(x(2, 32), state('w', [5, 64], 'q8_0'), { transposeB: true }),
    'packed-matmul: K is 32 in x [2, 32] but 64 in w [5, 64]',
  ],
  [
    'matmul',
    () => matmul(x(2, 32), state('w', [5, 32], 'q4_k'), { transposeB: true }),
    'packed-matmul: rows of q4_k are whole blocks of 256, got [5, 32]',
  ],
  [
    'matmul',
    () => matmul(x(1, 2 ** 21), state('w', [1, 2 ** 21], 'q8_0'), { transposeB: true }),
    'packed-matmul: rows may have 1048576 elements at most, got [1, 2097152]',
  ],

  ['softmax', () => softmax(x()), 'softmax: x must be […, C], got []'],
  ['layerNorm', () => layerNorm(x(2, 4), x(3)), 'layer-norm: C is 4 in x [2, 4] but 3 in gain [3]'],
  ['layerNorm', () => layerNorm(x(2, 4), x(4), x(1, 4)), 'layer-norm: bias must be [C], got [1, 4]'],
  ['rmsNorm', () => rmsNorm(x(2, 4), ids(4)), 'rms-norm: gain must be f32, got i32 [4]'],
  ['rotary', () => rotary(x(1, 2, 1, 3), ids(2)), 'rotary: D must be even, got [1, 2, 1, 3]'],
  ['rotary', () => rotary(x(1, 2, 1, 4), ids(3)), 'rotary: T is 2 in x [1, 2, 1, 4] but 3 in positions [3]'],
  ['rotary', () => rotary(x(1, 2, 1, 4), ids(2, 2)), 'rotary: B is 1 in x [1, 2, 1, 4] but 2 in positions [2, 2]'],
  ['rotary', () => rotary(x(1, 2, 1, 4), x(2)), 'rotary: positions must be i32, got f32 [2]'],
  [
    'attention',
    () => attention(x(1, 2, 3, 4), x(1, 2, 2, 4), x(1, 2, 2, 4)),
    'attention: H must be a multiple of G, got 3 heads in q [1, 2, 3, 4] and 2 in k [1, 2, 2, 4]',
  ],
  [
    'attention',
    () => attention(x(1, 2, 1, 4), x(1, 2, 1, 5), x(1, 2, 1, 5)),
    'attention: D is 4 in q [1, 2, 1, 4] but 5 in k [1, 2, 1, 5]',
  ],
  ['attention', () => attention(x(2, 4), x(2, 4), x(2, 4)), 'attention: q must be [B, T, H, D], got [2, 4]'],
  [
    'attention',
    () => attention(x(1, 2, 1, 4), x(1, 3, 1, 4), x(1, 3, 1, 4), { documents: ids(1, 2) }),
    'attention: with documents, T and S must be equal, got 2 and 3',
  ],

  [
    'pageShapes',
    () => tensors.pageShapes('int4', 1, 1, 5),
    'pageShapes: a cache of int4 needs heads of even width, got 5',
  ],
  ...(
    [
      [{ q: x(2, 4) }, 'q must be [N, H, D] and k [N, G, D], got [2, 4] and [2, 2, 4]'],
      [{ q: x(2, 3, 4) }, 'H must be a multiple of G, got 3 and 2'],
      [{ k: x(1, 2, 4) }, 'k must be f32 [2, 2, 4], got f32 [1, 2, 4]'],
      [{ v: ids(2, 2, 4) }, 'v must be f32 [2, 2, 4], got i32 [2, 2, 4]'],
      [{ starts: ids(1) }, 'starts must be i32 [2], got i32 [1]'],
      [{ pages: ids(2, 5) }, 'pages must be i32 [1, 5], got i32 [2, 5]'],
      [{ keys: x(3, 2, 5, 16) }, 'keys must be f32 [3, 2, 4, 16], got f32 [3, 2, 5, 16]'],
      [{ keys: u8(3, 2, 2, 16) }, 'values must be u8 [3, 2, 16, 2], got f32 [3, 2, 16, 4]'],
      [{ scales: x(3, 2, 2, 16) }, 'scales must be absent, got f32 [3, 2, 2, 16]'],
      [{ q: x(2, 2, 2048), k: x(2, 2, 2048), v: x(2, 2, 2048) }, 'D must be at most 1024, got 2048'],
    ] as const
  ).map(([wrong, message]): (typeof mistakes)[number] => [
    'pagedAttention',
    () => {
      const right = { q: x(2, 2, 4), k: x(2, 2, 4), v: x(2, 2, 4), keys: x(3, 2, 4, 16), values: x(3, 2, 16, 4) }
      const all = { ...right, starts: ids(2), lengths: ids(1), pages: ids(1, 5), ...wrong }
      return tensors.pagedAttention([all.q, all.k, all.v], all, all)
    },
    `paged-attention: ${message}`,
  ]),
  [
    'copyPages',
    () => tensors.copyPages(x(3, 4), ids(2), ids(1)),
    'copy-pages: to must be i32 [N], as many as from, got i32 [1]',
  ],
  [
    'copyPages',
    () => tensors.copyPages(x(3), x(2), ids(2)),
    'copy-pages: from must be i32 [N], as many as from, got f32 [2]',
  ],

  ['gather', () => gather(x(5), ids(2)), 'gather: table must be [V, C], got [5]'],
  ['gather', () => gather(x(5, 2), x(2)), 'gather: ids must be i32, got f32 [2]'],
  [
    'scatterAdd',
    () => scatterAdd(x(5, 2), ids(3), x(4, 2)),
    'scatter-add: leading axes are [3] in ids [3] but [4] in updates [4, 2]',
  ],
  [
    'scatterAdd',
    () => scatterAdd(x(5, 2), ids(3), x(3, 4)),
    'scatter-add: C is 2 in base [5, 2] but 4 in updates [3, 4]',
  ],
  ['pick', () => pick(x(2, 3), ids(3)), 'pick: leading axes are [2] in x [2, 3] but [3] in ids [3]'],
  [
    'linearCrossEntropy',
    () => linearCrossEntropy(x(4, 3), x(5, 2), ids(4)),
    'linear-cross-entropy: C is 3 in x [4, 3] but 2 in w [5, 2]',
  ],
  [
    'linearCrossEntropy',
    () => linearCrossEntropy(x(4, 3), x(5, 3), ids(3)),
    'linear-cross-entropy: N is 4 in x [4, 3] but 3 in targets [3]',
  ],
  [
    'regularizedCrossEntropy',
    () => regularizedCrossEntropy(x(4, 3), x(5, 3), ids(3)).losses,
    'linear-cross-entropy: N is 4 in x [4, 3] but 3 in targets [3]',
  ],
  [
    'adamwStep',
    () => adamwStep({ weight: x(2), m: x(2), v: x(2) }, x(2), x(3), plain),
    'adamw: control must be [4], got [3]',
  ],
  [
    'adamwStep',
    () => adamwStep({ weight: x(2), m: x(3), v: x(2) }, x(2), x(4), plain),
    'adamw: leading axes are [2] in weight [2] but [3] in m [3]',
  ],
  [
    'adamw8bitStep',
    () => adamw8bitStep({ weight: x(300), m: x(300), mScale: x(2), v: u8(300), vScale: x(2) }, x(300), x(4), plain),
    'adamw-8bit: m must be u8, got f32 [300]',
  ],
  [
    'adamw8bitStep',
    () => adamw8bitStep({ weight: x(300), m: u8(300), mScale: x(1), v: u8(300), vScale: x(1) }, x(300), x(4), plain),
    'adamw-8bit: a weight [300] has scales [2], one for 256 elements, got [1]',
  ],
  ['gradients', () => gradients(x(2), [x(2)]), 'gradients: the loss must be one number, got [2]'],
  ['input', () => input('x', [2, -1]), 'input: a size must be a whole number, got [2, -1]'],
  ['state', () => state('x', [1.5]), 'state: a size must be a whole number, got [1.5]'],
  ['constant', () => constant([1, 2, 3], [2, 2]), 'constant: [2, 2] holds 4 numbers, got 3'],
]

describe('a mistake in shapes or dtypes is a ShapeError that says operation, expected and got', () => {
  it.each(mistakes)('%s: %#', (_name, wrong, message) => {
    expect(wrong).toThrow(ShapeError)
    let thrown: AlippeError | undefined
    try {
      wrong()
    } catch (error) {
      thrown = error as AlippeError
    }
    expect(thrown!.message).toBe(message)
    expect(thrown!.code).toBe('ALIPPE_SHAPE')
  })

  const { add, subtract, multiply, divide, maximum, minimum, power, less, equal } = tensors
  const binaries = { add, subtract, multiply, divide, maximum, minimum, power, less, equal }
  const elementwise = Object.keys(binaries) as (keyof typeof binaries)[]
  it.each(elementwise)('%s names itself and both shapes', (name) => {
    expect(() => binaries[name](x(2, 3), x(4))).toThrow(new RegExp(`^${name}: \\[2, 3\\] and \\[4\\] do not broadcast`))
  })

  it('is tested for every function that has a shape rule', () => {
    const unary =
      'negate absolute reciprocal square sqrt rsqrt exp log tanh sigmoid relu gelu silu sin cos floor convert'
    const anyShape = `${unary} scalar full ones zeros randomUniform randomNormal sumSquares sumTo scalesShape dropout scope tap traced Tensor`
    const internal =
      'layerNormBackward rmsNormBackward linearCrossEntropyBackward matmulOperation packedMatmulOperation scatterAddOperation concatOperation padOperation'
    const covered = new Set([
      ...mistakes.map(([name]) => name),
      ...elementwise,
      ...anyShape.split(' '),
      ...internal.split(' '),
    ])
    const functions = Object.keys(tensors).filter((name) => !['IDENTITY', 'PAGE', 'activations'].includes(name))
    expect(functions.filter((name) => !covered.has(name))).toEqual([])
  })
})

describe('shapes and dtypes of results', () => {
  const specs: [Tensor | undefined, Shape, DType][] = [
    [tensors.add(x(2, 1), x(3)), [2, 3], 'f32'],
    [tensors.add(ids(3), ids(3)), [3], 'f32'],
    [where(ids(3, 1), x(4), 0), [3, 4], 'f32'],
    [convert(x(3), 'bf16'), [3], 'bf16'],
    [broadcastTo(ids(3), [2, 3]), [2, 3], 'i32'],
    [sum(ids(2, 3), 0), [3], 'f32'],
    [sum(ids()), [], 'f32'],
    [max(ids(2, 3), -1, { keepAxes: true }), [2, 1], 'f32'],
    [sumSquares(ids(3)), [], 'f32'],
    [sumTo(x(2, 3, 4), [3, 1]), [3, 1], 'f32'],
    [argmax(x(2, 3)), [2], 'i32'],
    [reshape(ids(2, 6), [3, -1, 2]), [3, 2, 2], 'i32'],
    [transpose(ids(2, 3, 4)), [2, 4, 3], 'i32'],
    [slice(ids(2, 3), -1, 1, 3), [2, 2], 'i32'],
    [pad(ids(2, 3), 0, 1, 4), [4, 3], 'i32'],
    [concat([ids(2, 3), ids(2, 1)], -1), [2, 4], 'i32'],
    [split(x(2, 6), 1, 3)[2], [2, 2], 'f32'],
    [matmul(x(7, 2, 3), x(5, 3), { transposeB: true }), [7, 2, 5], 'f32'],
    [matmul(x(7, 3, 2), x(3, 5), { transposeA: true }), [7, 2, 5], 'f32'],
    [softmax(x(2, 3)), [2, 3], 'f32'],
    [gather(input('h', [9, 4], 'bf16'), ids(2)), [2, 4], 'f32'],
    [attention(x(1, 2, 4, 8), x(1, 5, 2, 8), x(1, 5, 2, 8)), [1, 2, 4, 8], 'f32'],
    [gather(x(9, 4), ids(2, 3)), [2, 3, 4], 'f32'],
    [pick(x(2, 3), ids(2)), [2], 'f32'],
    [linearCrossEntropy(x(4, 3), x(9, 3), ids(4)), [4], 'f32'],
    [regularizedCrossEntropy(x(4, 3), x(9, 3), ids(4), { zLoss: 1 }).nats, [4], 'f32'],
    [reshape(x(0, 3), [-1]), [0], 'f32'],
  ]

  it.each(specs)('%s', (tensor, shape, dtype) => {
    expect(tensor!.shape).toEqual(shape)
    expect(tensor!.dtype).toBe(dtype)
    expect(tensor!.rank).toBe(shape.length)
  })

  it('of the scratch of linear-cross-entropy hold at most 64 million logits', () => {
    const scratchOf = (rows: number, vocabulary: number) =>
      linearCrossEntropy(x(rows, 4), x(vocabulary, 4), ids(rows)).node.outputs[1].shape
    expect(scratchOf(4, 9)).toEqual([4, 9])
    expect(scratchOf(4096, 50257)).toEqual([1024, 50257]) // 1328 rows would fit: 4 parts
    expect(scratchOf(4096, 32000)).toEqual([2048, 32000]) // 2096 would fit: 2 parts
    expect(scratchOf(1048, 64000)).toEqual([1048, 64000])
    expect(scratchOf(1050, 64000)).toEqual([528, 64000]) // 1040 would fit: two parts
    expect(scratchOf(64, 1 << 23)).toEqual([16, 1 << 23])
  })

  it('of what is already so are the tensor itself', () => {
    const y = x(2, 3)
    for (const same of [
      reshape(y, [2, 3]),
      broadcastTo(y, [2, 3]),
      convert(y, 'f32'),
      sumTo(y, [2, 3]),
      concat([y], 0),
      dropout(y, 0, { seed: 0, stream: 0 }),
    ])
      expect(same).toBe(y)
  })
})

describe('other mistakes', () => {
  it.each([-0.1, 1, Number.NaN])('a dropout of %d is a ConfigError', (probability) => {
    const wrong = () => dropout(x(2), probability, { seed: 0, stream: 0 })
    expect(wrong).toThrow(ConfigError)
    expect(wrong).toThrow(`dropout must be at least 0 and below 1, got ${probability}`)
  })

  it('a tensor is printed with its operation, dtype and shape', () => {
    expect(`${softmax(x(2, 3))}`).toMatch(/^softmax#\d+ f32 \[2, 3\]$/)
    expect(layerNormBackward.name).toBe('layer-norm-backward')
  })
})
