import { type DType, type Shape, ShapeError, shapeText } from '../../base/index.ts'
import { apply, operation } from '../operation.ts'
import type { Operation, Spec, Tensor } from '../tensor.ts'

/** Tokens of a page. */
export const PAGE = 16

/** Keys and values of one layer, in pages of {@link PAGE} tokens that any text may own. */
export interface PagedCache {
  /** `[P, G, D, 16]`: in a page tokens lie side by side. f32, bf16, u8 (int8 codes) or u8 `[P, G, D/2, 16]` (int4 codes). */
  readonly keys: Tensor
  /** `[P, G, 16, D]`, or u8 `[P, G, 16, D/2]`. */
  readonly values: Tensor
  /** `[P, G, 2, 16]`, f32: factors of the codes of each token's key and value; with codes only. */
  readonly scales?: Tensor
}

/** Where the rows of a step belong. */
export interface PagePlaces {
  /** `[B + 1]` i32, rising: rows starts[b] to starts[b + 1] are the newest tokens of text b. Rows after the last are padding. */
  readonly starts: Tensor
  /** `[B]` i32: tokens of each text, the new ones among them. */
  readonly lengths: Tensor
  /** `[B, M]` i32: the pages of each text, in order. */
  readonly pages: Tensor
}

export type CacheDType = 'f32' | 'bf16' | 'int8' | 'int4'

/**
 * Shapes and dtypes of a {@link PagedCache} of `pages` pages.
 *
 * @throws ShapeError for int4 when the width is odd: two numbers share a byte
 * @example
 * pageShapes('int8', 4, 2, 64).keys.shape // [4, 2, 64, 16]
 */
export function pageShapes(dtype: CacheDType, pages: number, groups: number, width: number) {
  if (dtype === 'int4' && width % 2 !== 0)
    throw new ShapeError('pageShapes', `a cache of int4 needs heads of even width, got ${width}`)
  const stored: DType = dtype === 'int8' || dtype === 'int4' ? 'u8' : dtype
  const held = dtype === 'int4' ? width / 2 : width
  const spec = (shape: Shape, type: DType = 'f32'): Spec => ({ shape, dtype: type })
  return {
    keys: spec([pages, groups, held, PAGE], stored),
    values: spec([pages, groups, PAGE, held], stored),
    scales: stored === 'u8' ? spec([pages, groups, 2, PAGE]) : undefined,
  }
}

/** The widest head that kernels have space for. */
const WIDEST = 1024

const shapes: Operation['infer'] = ([q, k, v, keys, values, starts, lengths, pages, scales]) => {
  if (q!.shape.length !== 3 || k!.shape.length !== 3)
    throw new ShapeError(
      'paged-attention',
      `q must be [N, H, D] and k [N, G, D], got ${shapeText(q!.shape)} and ${shapeText(k!.shape)}`,
    )
  const [rows, heads, width] = q!.shape
  const groups = k!.shape[1]
  const [texts] = lengths!.shape
  const expected: [string, Spec, DType, Shape][] = [
    ['q', q!, 'f32', q!.shape],
    ['k', k!, 'f32', [rows, groups, width]],
    ['v', v!, 'f32', [rows, groups, width]],
    ['lengths', lengths!, 'i32', [texts]],
    ['starts', starts!, 'i32', [texts + 1]],
    ['pages', pages!, 'i32', [texts, pages!.shape[1]]],
  ]
  for (const [name, { shape, dtype }, wantedType, wanted] of expected) {
    if (shape.length === wanted.length && shape.every((size, i) => size === wanted[i]) && dtype === wantedType) continue
    throw new ShapeError(
      'paged-attention',
      `${name} must be ${wantedType} ${shapeText(wanted)}, got ${dtype} ${shapeText(shape)}`,
    )
  }
  if (heads % groups !== 0)
    throw new ShapeError('paged-attention', `H must be a multiple of G, got ${heads} and ${groups}`)
  if (width > WIDEST) throw new ShapeError('paged-attention', `D must be at most ${WIDEST}, got ${width}`)
  const held = keys!.shape[2]
  const dtype = keys!.dtype !== 'u8' ? (keys!.dtype as CacheDType) : held === width ? 'int8' : 'int4'
  const whole = pageShapes(dtype, keys!.shape[0], groups, width)
  for (const [name, spec, wanted] of [
    ['keys', keys, whole.keys],
    ['values', values, whole.values],
    ['scales', scales, whole.scales],
  ] as const) {
    const fits = spec
      ? spec.dtype === wanted?.dtype && shapeText(spec.shape) === shapeText(wanted.shape)
      : wanted === undefined
    if (!fits) {
      const [want, got] = [wanted, spec].map((one) => (one ? `${one.dtype} ${shapeText(one.shape)}` : 'absent'))
      throw new ShapeError('paged-attention', `${name} must be ${want}, got ${got}`)
    }
  }
  const cache = [keys!, values!, ...(scales ? [scales] : [])]
  return [{ shape: q!.shape, dtype: 'f32' }, ...cache.map(({ shape, dtype }) => ({ shape, dtype }))]
}

const pagedAttentionOperation = operation({
  name: 'paged-attention',
  attributes: ['scale'],
  shapes,
  inPlace: [
    [1, 3],
    [2, 4],
    [3, 8],
  ],
  // At most: every text may be as long as its pages reach.
  flops: ([q, , , , , , , pages]) => 4 * q!.shape.reduce((size, axis) => size * axis, 1) * pages!.shape[1] * PAGE,
})

/**
 * Causal attention of the newest tokens of several texts over all that those texts hold. Keys and values of the new tokens
 * are stored in the cache first; a token's result does not depend on which others come with it.
 *
 * @param q `[N, H, D]`
 * @param k `[N, G, D]`
 * @param v `[N, G, D]`
 * @returns `[N, H, D]` (zeros for padding), and the cache with the new tokens in it
 * @throws ShapeError when shapes or dtypes do not fit each other, or D is above 1024
 * Cost: 4·H·D FLOPs for each new token and token it sees; reads each text's pages once where its new tokens are few.
 * Source: Kwon et al. 2023, §4.
 *
 * @example
 * const { keys, values } = pageShapes('f32', 2, 1, 4)
 * const cache = { keys: state('keys', keys.shape), values: state('values', values.shape) }
 * const [q, k, v] = ['q', 'k', 'v'].map((name) => input(name, [1, 1, 4]))
 * const places = { starts: constant([0, 1], [2], 'i32'), lengths: constant([1], [1], 'i32'), pages: constant([1], [1, 1], 'i32') }
 * const { out, cache: fresh } = pagedAttention([q, k, v], cache, places)
 * const updates = [[cache.keys, fresh.keys], [cache.values, fresh.values]]
 * const program = compile({ outputs: { out }, updates }, { backend })
 * const result = await program.run({ q: [1, 2, 3, 4], k: [1, 0, 0, 0], v: [5, 6, 7, 8] })
 * result.out // [5, 6, 7, 8]
 */
export function pagedAttention(
  [q, k, v]: readonly [Tensor, Tensor, Tensor],
  cache: PagedCache,
  { starts, lengths, pages }: PagePlaces,
): { out: Tensor; cache: PagedCache } {
  const inputs = [q, k, v, cache.keys, cache.values, starts, lengths, pages, cache.scales ?? null]
  const [out, keys, values, scales] = apply(pagedAttentionOperation, inputs, { scale: 1 / Math.sqrt(q.shape[2]) })
  return { out, cache: { keys, values, scales } }
}

const copyPagesOperation = operation({
  name: 'copy-pages',
  shapes: ([pages, from, to]) => {
    for (const [name, spec] of [
      ['from', from],
      ['to', to],
    ] as const) {
      if (spec!.dtype !== 'i32' || spec!.shape.length !== 1 || spec!.shape[0] !== from!.shape[0])
        throw new ShapeError(
          'copy-pages',
          `${name} must be i32 [N], as many as from, got ${spec!.dtype} ${shapeText(spec!.shape)}`,
        )
    }
    return [{ shape: pages!.shape, dtype: pages!.dtype }]
  },
  inPlace: [[0, 0]],
  flops: () => 0,
})

/**
 * Pages with some of them copied over others: `to[i]` becomes what `from[i]` was. Pairs whose `to` is negative do nothing.
 *
 * @param pages `[P, …]`
 * @param from `[N]` i32
 * @param to `[N]` i32, no page twice
 *
 * @example
 * const program = compile({ outputs: { y: copyPages(input('x', [2, 1]), constant([0], [1], 'i32'), constant([1], [1], 'i32')) } }, { backend })
 * const { y } = await program.run({ x: [3, 4] })
 * y // [3, 3]
 */
export function copyPages(pages: Tensor, from: Tensor, to: Tensor): Tensor {
  return apply(copyPagesOperation, [pages, from, to])[0]
}
