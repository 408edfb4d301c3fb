import type { Computation } from '../compiler/index.ts'
import type { CacheSize, LanguageModel } from '../models/index.ts'
import { linear, type StoredWeights, stateWeights } from '../nn/index.ts'
import {
  type CacheDType,
  copyPages,
  gather,
  input,
  type PagedCache,
  pagedAttention,
  pageShapes,
  reshape,
  state,
  type Tensor,
} from '../tensor/index.ts'

/** Sizes of a step, for which it is compiled. */
export interface PagedStepOptions {
  /** N: tokens that are read. */
  readonly rows: number
  /** B: texts that they belong to, at most. */
  readonly texts: number
  /** M: pages that a text may have. */
  readonly pagesPerText: number
  /** P: pages of the cache. */
  readonly pages: number
  /** R: rows that are answered. */
  readonly outputs: number
  readonly cache: CacheDType
  /** Weights that lie in state memory as something else than f32. */
  readonly stored?: StoredWeights
  /** What is told of the wanted rows: `logits` `[R, V]` when not given, `features` `[R, C]`, or both. */
  readonly results?: readonly ('logits' | 'features')[]
}

/**
 * One step of several texts over a cache of pages: reads their newest tokens, remembers keys and values, and answers the
 * rows that are asked for. The numbers of a token depend on its text alone.
 *
 * Inputs, all i32: `ids`, `positions` `[N]`; `starts` `[B + 1]`, `lengths` `[B]`, `pages` `[B, M]` as in
 * {@link pagedAttention}; `wanted` `[R]`, rows; one that is no row gives zeros, as an id outside the vocabulary does.
 * State: the weights, and `cache.<layer>.keys`, `.values` and with codes `.scales`, which change in place.
 *
 * @example
 * const sizes = { rows: 4, texts: 2, pagesPerText: 2, pages: 3, outputs: 2, cache: 'f32' }
 * const step = plan(pagedStep(model, sizes))
 * step.outputs.get('logits').shape // [2, 256]
 */
export function pagedStep(model: LanguageModel, options: PagedStepOptions): Computation {
  const { rows, texts, pagesPerText, pages, outputs: wantedRows, cache, stored, results = ['logits'] } = options
  const integers = (name: string, ...shape: number[]) => input(name, shape, 'i32')
  const weights = stateWeights(model.weights, stored)
  const places = {
    starts: integers('starts', texts + 1),
    lengths: integers('lengths', texts),
    pages: integers('pages', texts, pagesPerText),
  }
  const updates: [Tensor, Tensor][] = []
  const features = model.features(weights, reshape(integers('ids', rows), [1, rows]), {
    cache: {
      positions: reshape(integers('positions', rows), [1, rows]),
      attend(layer, q, k, v) {
        const old = cacheStates(model.cacheSize, layer, cache, pages)
        const [queries, keys, values] = [q, k, v].map((x) => reshape(x, [rows, ...x.shape.slice(2)]))
        const { out, cache: fresh } = pagedAttention([queries, keys, values], old, places)
        updates.push(...updatesOf(old, fresh))
        return reshape(out, q.shape)
      },
    },
  }) // [1, N, C]
  const answered = gather(reshape(features, [rows, -1]), integers('wanted', wantedRows)) // [R, C]
  const outputs: Record<string, Tensor> = {}
  if (results.includes('logits')) outputs.logits = linear(answered, model.head(weights))
  if (results.includes('features')) outputs.features = answered
  return { outputs, updates }
}

export interface CopyStepOptions {
  /** P: pages of the cache. */
  readonly pages: number
  /** N: pairs of pages. */
  readonly copies: number
  readonly cache: CacheDType
}

/**
 * Copies pages in all layers: page `to[i]` becomes what page `from[i]` was; both are inputs `[N]`, i32. Pairs with a number
 * that is no page, such as −1, do nothing.
 *
 * @example
 * plan(copyStep(model, { pages: 8, copies: 4, cache: 'int8' })).calls.length // 3; of one layer
 */
export function copyStep(model: LanguageModel, { pages, copies, cache }: CopyStepOptions): Computation {
  const [from, to] = ['from', 'to'].map((name) => input(name, [copies], 'i32'))
  const updates = Array.from({ length: model.cacheSize.layers }, (_, layer) => {
    const { keys, values, scales } = cacheStates(model.cacheSize, layer, cache, pages)
    return [keys, values, ...(scales ? [scales] : [])].map((old): [Tensor, Tensor] => [old, copyPages(old, from, to)])
  })
  return { outputs: {}, updates: updates.flat() }
}

function cacheStates({ keyValueHeads, headWidth }: CacheSize, layer: number, dtype: CacheDType, pages: number) {
  const { keys, values, scales } = pageShapes(dtype, pages, keyValueHeads, headWidth)
  const named = (name: string, spec: typeof keys) => state(`cache.${layer}.${name}`, spec.shape, spec.dtype)
  return { keys: named('keys', keys), values: named('values', values), scales: scales && named('scales', scales) }
}

function updatesOf(old: PagedCache, fresh: PagedCache): [Tensor, Tensor][] {
  const pairs: [Tensor, Tensor][] = [
    [old.keys, fresh.keys],
    [old.values, fresh.values],
  ]
  if (old.scales && fresh.scales) pairs.push([old.scales, fresh.scales])
  return pairs
}
