import { describe, expect, it } from 'vitest'
import { referenceBackend } from '../backend/reference/index.ts'
import { type Computation, compile, createState, plan } from '../compiler/index.ts'
import { gpt2, type LanguageModel, llama } from '../models/index.ts'
import { initialUpdates } from '../nn/index.ts'
import type { CacheDType } from '../tensor/index.ts'
import { generator } from './generate.ts'
import { copyStep, type PagedStepOptions, pagedStep } from './paged-model.ts'

const models: readonly [string, LanguageModel][] = [
  ['gpt2', gpt2({ vocabSize: 50, context: 64, width: 16, layers: 2, heads: 2 })],
  ['llama', llama({ vocabSize: 50, context: 64, width: 32, layers: 2, heads: 4, keyValueHeads: 2 })],
]
const caches: readonly CacheDType[] = ['f32', 'bf16', 'int8', 'int4']
const sizes: PagedStepOptions = { rows: 24, texts: 3, pagesPerText: 2, pages: 6, outputs: 3, cache: 'f32' }

/** How far logits may be apart, by what the cache keeps of a number: 24 bits, 8, 7 and 3 of them. */
const closeness = { f32: 1e-5, bf16: 0.02, int8: 0.02, int4: 0.3 }

function initialised(model: LanguageModel) {
  const state = createState(referenceBackend())
  const program = compile({ outputs: {}, updates: initialUpdates(model.weights, 3) }, { backend: state.backend, state })
  return program.run().then(() => state)
}

/** Whether every update of a computation is computed where the state lies, by the kernel itself. */
function isInPlace(computation: Computation, kernel: string): boolean {
  const { calls } = plan(computation)
  const writers = calls.filter(({ outputs }) => outputs.some((ref) => ref !== null && ref.segment > 0))
  return (
    writers.length > 0 &&
    writers.every(({ kernel: name, inputs, outputs }) => {
      const states = outputs.filter((ref) => ref !== null && ref.segment > 0)
      const same = states.every((out) => inputs.some((ref) => ref?.segment === out?.segment))
      return name === kernel && same
    })
  )
}

describe.each(models)('paged steps of %s', (_, model) => {
  it.each(caches)('change a cache of %s in its own memory', (cache) => {
    expect(isInPlace(pagedStep(model, { ...sizes, cache }), 'paged-attention')).toBe(true)
    expect(isInPlace(copyStep(model, { pages: 6, copies: 2, cache }), 'copy-pages')).toBe(true)
  })

  it.each(caches)('say of texts in pieces what the model says of each whole, with %s', async (cache) => {
    const state = await initialised(model)
    const whole = generator(model, state)
    const step = compile(pagedStep(model, { ...sizes, cache }), { backend: state.backend, state })
    const [first, second] = [Array.from({ length: 21 }, (_, i) => (7 * i + 3) % 50), [4, 44, 9, 13, 2]]
    // Text 0 comes in three pieces, text 2 in two; text 1 has no rows. What is not used is filled with what must not matter.
    const pages = [4, 0, -1, -1, 5, 77]
    const pieces = [
      { counts: [14, 0, 4], lengths: [14, 0, 4] },
      { counts: [6, 0, 0], lengths: [20, 0, 4] },
      { counts: [1, 0, 1], lengths: [21, 0, 5] },
    ]
    let logits: Float32Array = new Float32Array(0)
    for (const { counts, lengths } of pieces) {
      const starts = [0, counts[0], counts[0], counts[0] + counts[2]]
      const rows = [first.slice(lengths[0] - counts[0], lengths[0]), second.slice(lengths[2] - counts[2], lengths[2])]
      const positions = rows.map((row, i) => row.map((_, j) => lengths[2 * i] - row.length + j))
      const padded = (numbers: number[], filler: number) => [...numbers, ...Array(24).fill(filler)].slice(0, 24)
      const result = await step.run({
        ids: padded(rows.flat(), 1000),
        positions: padded(positions.flat(), -5),
        starts,
        lengths,
        pages,
        wanted: [starts[1] - 1, starts[3] - 1, 99],
      })
      logits = result.logits as Float32Array
    }
    const expected = [...(await whole.nextLogits(first)), ...(await whole.nextLogits(second))]
    const worst = Math.max(...expected.map((logit, i) => Math.abs(logit - logits[i])))
    expect(worst).toBeLessThan(closeness[cache] * Math.max(...expected.map(Math.abs)))
    expect(Array.from(logits.subarray(100))).toEqual(Array(50).fill(0))
    for (const each of [step, whole, state]) each.release()
  })

  it('give features when asked', () => {
    const { outputs } = plan(pagedStep(model, { ...sizes, results: ['features'] }))
    expect([...outputs].map(([name, { shape }]) => [name, shape[0]])).toEqual([['features', 3]])
  })
})

it('pages are copied in every layer', async () => {
  const [, model] = models[1]
  const state = createState(referenceBackend())
  const copy = compile(copyStep(model, { pages: 3, copies: 2, cache: 'int8' }), { backend: state.backend, state })
  const names = [...state.places.keys()]
  expect(names).toHaveLength(6)
  for (const name of names) {
    const contents = await state.read(name)
    state.write(name, contents.map((_, i) => Math.floor((3 * i) / contents.length) + 1) as typeof contents)
  }
  await copy.run({ from: [2, 1], to: [0, -1] })
  for (const name of names) {
    const contents = await state.read(name)
    expect([...new Set(contents)], name).toEqual([3, 2])
    expect(contents.indexOf(2)).toBe(contents.length / 3)
  }
})
