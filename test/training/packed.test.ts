import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/backend/index.ts'
import { referenceBackend } from '../../src/backend/reference/index.ts'
import { type Elements, random } from '../../src/base/index.ts'
import { type Computation, compile, createState, type PlanOptions } from '../../src/compiler/index.ts'
import { gpt2, type LanguageModel, llama, logits } from '../../src/models/index.ts'
import { stateWeights } from '../../src/nn/index.ts'
import { openBackend } from '../../src/node/index.ts'
import { gradients, input, linearCrossEntropy, reshape, sum, traced } from '../../src/tensor/index.ts'
import { initialization } from '../../src/train/index.ts'
import { type Doubles, doublesProgram } from '../doubles.ts'
import { gamma, uBf16 } from '../parity/bound.ts'

// A document in a packed row is read as if it stood alone: in its logits, in the gradients of its tokens and in what it
// adds to the gradients of weights. "Alone" is a program that knows nothing of documents, with the document at the
// beginning of a row; what stands behind it, no token of it sees.

/** Rows of documents by length; tiles of the kernels are 64 queries by 96 keys. The last of row 0 is padding. */
const rows = [[17, 1, 98, 5, 29], [150]]
const shape = { batch: rows.length, tokens: 150 }
const count = shape.batch * shape.tokens

interface Place {
  /** The token of the batch that begins it. */
  readonly start: number
  readonly length: number
}
const places: Place[] = rows.flatMap((lengths, row) => {
  let start = row * shape.tokens
  return lengths.map((length) => ({ start: (start += length) - length, length }))
})
const padding = places[rows[0].length - 1]
const documents = Int32Array.from(rows.flatMap((row) => row.flatMap((length, i) => new Array<number>(length).fill(i))))

const size = { vocabSize: 64, context: shape.tokens, width: 32, layers: 2, heads: 2 }
const models: Record<string, { model: LanguageModel; down: string }> = {
  llama: { model: llama({ ...size, keyValueHeads: 1, tied: false }), down: 'model.layers.1.mlp.down_proj.weight' },
  gpt2: { model: gpt2(size), down: 'h.1.mlp.c_proj.weight' },
}

const rng = random(5)
const numbers = () => Int32Array.from({ length: count }, () => rng.integer(size.vocabSize))
const ids = numbers()
const targets = numbers().map((id, i) => (i >= padding.start && i < padding.start + padding.length ? -1 : id))

/** Logits, the gradient of the summed loss by every token's residual after block 0, and by every weight. */
function study(model: LanguageModel, packed: boolean): Computation {
  const { batch, tokens } = shape
  const weights = stateWeights(model.weights)
  const batchIds = input('ids', [batch, tokens], 'i32')
  const options = packed ? { documents: input('documents', [batch, tokens], 'i32') } : {}
  const { result, taps } = traced(() => logits(model, weights, batchIds, options), {
    taps: ['features', 'blocks.0.residual', 'blocks.1.residual', 'blocks.1.mlp'],
  })
  const losses = linearCrossEntropy(
    reshape(taps.features, [count, -1]),
    model.head(weights),
    input('targets', [count], 'i32'),
  )
  const names = Object.keys(weights)
  const tokensOf = [taps['blocks.0.residual'], taps['blocks.1.residual']]
  const slopes = gradients(sum(losses), [...tokensOf, ...names.map((name) => weights[name])])
  const [first, second, ...rest] = slopes
  return {
    outputs: {
      logits: result,
      mlp: taps['blocks.1.mlp'],
      first,
      second,
      ...Object.fromEntries(names.map((name, i) => [name, rest[i]])),
    },
  }
}

interface Batch {
  readonly ids: Int32Array
  readonly targets: Int32Array
  readonly documents?: Int32Array
}
type Outputs = Record<string, Elements>

/** Documents at the beginnings of rows, what follows being noise without targets; one batch for every B documents. */
const alone: { batch: Batch; places: Place[] }[] = Array.from(
  { length: Math.ceil(places.length / shape.batch) },
  (_, i) => {
    const some = places.slice(i * shape.batch, (i + 1) * shape.batch)
    const batch = { ids: numbers(), targets: new Int32Array(count).fill(-1) }
    for (const [row, { start, length }] of some.entries()) {
      batch.ids.set(ids.subarray(start, start + length), row * shape.tokens)
      batch.targets.set(targets.subarray(start, start + length), row * shape.tokens)
    }
    return { batch, places: some }
  },
)

/** The numbers of some tokens of an output that has a row for each. */
function tokenRows(values: Elements, start: number, length: number): Elements {
  const width = values.length / count
  return values.slice(start * width, (start + length) * width)
}

/** Where two rows of numbers part, in any bit; −1 where they do not. */
function firstDifference(a: Elements, b: Elements): number {
  return a.length === b.length ? a.findIndex((value, i) => !Object.is(value, b[i])) : 0
}

interface Engine {
  readonly title: string
  readonly open: () => Promise<Backend>
  /** Fails where it cannot be had; others are skipped there, loudly. */
  readonly required?: boolean
}
const cpu = (title: string, options: Parameters<typeof openBackend>[0], required = false): Engine => ({
  title,
  open: () => openBackend({ threads: 2, ...options }),
  required,
})
const engines: Engine[] = [
  { title: 'reference', open: async () => referenceBackend(), required: true },
  cpu('native', { backend: 'native' }),
  cpu('native avx512', { backend: 'native', isa: 'avx512' }),
  cpu('native avx2', { backend: 'native', isa: 'avx2' }),
  cpu('wasm relaxed', { backend: 'wasm', isa: 'relaxed' }, true),
  cpu('wasm simd', { backend: 'wasm', isa: 'simd' }, true),
  cpu('wasm single', { backend: 'wasm', isa: 'single', threads: 1 }, true),
]

for (const { title, open, required } of engines) {
  describe(title, () => {
    let backend: Backend | undefined
    beforeAll(async () => {
      try {
        backend = await open()
      } catch (error) {
        if (required) throw error
        console.warn(`NOT CHECKED: ${title}: ${(error as Error).message}`)
      }
    }, 300_000) // it may have to be built
    afterAll(() => backend?.close())

    for (const [family, { model, down }] of Object.entries(models)) {
      for (const precision of title.startsWith('native') ? (['f32', 'bf16'] as const) : (['f32'] as const)) {
        describe(`${family}, ${precision}`, () => {
          let run: (packed: boolean, batch: Batch) => Promise<Outputs>
          let whole: Outputs
          let single: Outputs[]
          let release = () => {}
          beforeAll(async () => {
            if (backend === undefined) return
            ;({ run, release } = await prepare(backend, model, { precision }))
            whole = await run(true, { ids, targets, documents })
            single = []
            for (const { batch } of alone) single.push(await run(false, batch))
          })
          afterAll(() => release())

          it.for(['logits', 'first'])('gives every document the %s that it has alone, bit for bit', (name, {
            skip,
          }) => {
            if (backend === undefined) return skip(`${title} cannot be had here`)
            for (const [i, { places: some }] of alone.entries()) {
              for (const [row, { start, length }] of some.entries()) {
                const inRow = tokenRows(whole[name], start, length)
                expect(inRow.some((value) => value !== 0) || start === padding.start).toBe(true)
                expect(firstDifference(inRow, tokenRows(single[i][name], row * shape.tokens, length))).toBe(-1)
              }
            }
          })

          it('changes no bit of a document when its neighbours change', async ({ skip }) => {
            if (backend === undefined) return skip(`${title} cannot be had here`)
            const changed = places[2] // between two others in its row
            const other = ids.slice()
            for (let i = 0; i < changed.length; i++)
              other[changed.start + i] = (ids[changed.start + i] + 1) % size.vocabSize
            const after = await run(true, { ids: other, targets, documents })
            for (const place of places) {
              for (const name of ['logits', 'first']) {
                const [before, now] = [whole, after].map((one) => tokenRows(one[name], place.start, place.length))
                if (place === changed) expect(firstDifference(before, now)).toBeGreaterThanOrEqual(0)
                else expect(firstDifference(before, now)).toBe(-1)
              }
            }
          })

          it('passes no gradient from one document to another', async ({ skip }) => {
            if (backend === undefined) return skip(`${title} cannot be had here`)
            const [, , chosen] = places
            const only = targets.map((target, i) =>
              i >= chosen.start && i < chosen.start + chosen.length ? target : -1,
            )
            const { first } = await run(true, { ids, targets: only, documents })
            for (const { start, length } of places) {
              const isZero = tokenRows(first, start, length).every((value) => value === 0)
              expect(isZero).toBe(start !== chosen.start)
            }
          })

          it('adds up the gradients of a weight from all documents', ({ skip }) => {
            if (backend === undefined) return skip(`${title} cannot be had here`)
            // Each is Σ over tokens of mlp ⊗ gradient: the same products, summed in another order; with bf16 the same
            // after rounding.
            const { mlp, second } = whole
            const [F, C] = [mlp.length / count, second.length / count]
            const transposed = model.weights[down].shape[0] === C // [C, F]; else [F, C]
            const enlarged = precision === 'bf16' ? (1 + uBf16) ** 2 : 1
            for (let f = 0; f < F; f += 3) {
              for (let c = 0; c < C; c += 5) {
                const at = transposed ? c * F + f : f * C + c
                let magnitude = 0
                for (let n = 0; n < count; n++) magnitude += Math.abs(mlp[n * F + f] * second[n * C + c])
                const parts = single.reduce((total, one) => total + one[down][at], 0)
                expect(Math.abs(whole[down][at] - parts)).toBeLessThanOrEqual(2 * gamma(count) * enlarged * magnitude)
              }
            }
          })
        })
      }
    }
  })
}

describe('in double precision', () => {
  it.each(Object.entries(models))('the gradients of all weights of %s are sums over documents', async (_, {
    model,
  }) => {
    const state = createState(referenceBackend())
    await compile(initialization(model, 3), { backend: state.backend, state }).run()
    const names = Object.keys(model.weights)
    const weights: Record<string, Elements> = {}
    for (const name of names) weights[name] = await state.read(name)
    const [plain, packed] = [false, true].map((each) => doublesProgram(study(model, each), {}, weights))
    const whole = (await packed.run({ ids, targets, documents })).outputs
    const parts: Doubles[] = []
    for (const { batch } of alone) parts.push((await plain.run({ ...batch })).outputs)
    const mixed = (await plain.run({ ids, targets })).outputs
    for (const name of names) {
      const largest = whole[name].reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      const total = whole[name].map((_, i) => parts.reduce((sum, one) => sum + one[name][i], 0))
      const farthest = (from: Float64Array) =>
        from.reduce((most, value, i) => Math.max(most, Math.abs(value - whole[name][i])), 0) / largest
      // No gradient goes through more roundings than the program has operations.
      expect(farthest(total), name).toBeLessThan(2 ** -53 * packed.plan.flops)
      // What documents that see each other would change is far more.
      expect(farthest(mixed[name]), name).toBeGreaterThan(1e-4)
    }
  })
})

/** Both programs over the same weights. */
async function prepare(backend: Backend, model: LanguageModel, options: PlanOptions) {
  const state = createState(backend)
  const initial = compile(initialization(model, 3), { backend, state })
  await initial.run()
  const programs = [false, true].map((packed) => compile(study(model, packed), { backend, state, ...options }))
  return {
    run: (packed: boolean, batch: Batch) => programs[packed ? 1 : 0].run({ ...batch }) as Promise<Outputs>,
    release() {
      for (const each of [initial, ...programs, state]) each.release()
    },
  }
}
