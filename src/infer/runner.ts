import { byteLength } from '../base/index.ts'
import { compile, type Program, type State } from '../compiler/index.ts'
import type { LanguageModel } from '../models/index.ts'
import type { StoredWeights } from '../nn/index.ts'
import { type CacheDType, PAGE } from '../tensor/index.ts'
import { layeredState } from './layered-state.ts'
import { copyStep, pagedStep } from './paged-model.ts'
import type { Step } from './scheduler.ts'

/** What a step tells: rows in the order of its texts, and within a text of its tokens. */
export interface Answers {
  /** `[R, V]`: after the newest token of texts that have come to their end, after each token of those that want them. */
  readonly logits: Float32Array
  /** `[R, C]`: of each token of those that want features. */
  readonly features: Float32Array
  /** C; 0 without features. */
  readonly width: number
}

/** Runs steps: a model with its cache, or what stands for one in a test. */
export interface StepRunner {
  run(step: Step): Promise<Answers>
  release(): void
}

export interface RunnerOptions {
  readonly cacheDType: CacheDType
  /** P: pages of the cache. */
  readonly pages: number
  /** Texts of a step at most. */
  readonly maxTexts: number
  /** M: pages of a text at most. */
  readonly pagesPerText: number
  readonly stored?: StoredWeights
  readonly precision?: 'f32' | 'bf16'
}

/**
 * A model over a cache of pages. Programs are compiled for a few sizes of steps, when one is first needed, and kept; a step
 * takes the least that it fits in, and the rows that are left over are padding.
 */
export function modelRunner(model: LanguageModel, weights: State, options: RunnerOptions): StepRunner {
  const { cacheDType: cache, pages, maxTexts, pagesPerText, stored, precision } = options
  const state = layeredState(weights, 'cache.')
  const programs = new Map<string, Sized>()

  const sized = (rows: number, outputs: number, kind: 'logits' | 'features'): Sized => {
    const key = `${rows} ${outputs} ${kind}`
    let found = programs.get(key)
    if (found === undefined) {
      const texts = Math.min(rows, maxTexts)
      const results = outputs === 0 ? [] : [kind]
      const step = pagedStep(model, { rows, texts, pagesPerText, pages, outputs, cache, stored, results })
      found = {
        program: compile(step, { backend: state.backend, state, precision }),
        inputs: {
          ids: new Int32Array(rows),
          positions: new Int32Array(rows),
          starts: new Int32Array(texts + 1),
          lengths: new Int32Array(texts),
          pages: new Int32Array(texts * pagesPerText),
          wanted: new Int32Array(outputs),
        },
        answers: {},
      }
      const result = found.program.plan.outputs.get(kind)
      if (result !== undefined) found.answers[kind] = new Uint8Array(byteLength(result.dtype, result.shape))
      programs.set(key, found)
    }
    return found
  }

  /**
   * The program for those texts of a step that want one kind of result, with its inputs filled. Texts may end while a step
   * runs, and lose their pages; so this happens before anything is awaited.
   */
  const prepared = ({ texts, starts, counts, answered }: Step, result: 'logits' | 'features'): Sized | undefined => {
    const chosen = texts.flatMap((text, i) => ((text.wanted === 'features') === (result === 'features') ? [i] : []))
    let rows = 0
    let outputs = 0
    for (const i of chosen) {
      rows += counts[i]
      outputs += answered[i]
    }
    if (rows === 0) return undefined
    const found = sized(sizeFor(rows), outputs === 0 ? 0 : sizeFor(outputs), result)
    const { inputs } = found
    inputs.pages.fill(-1)
    inputs.lengths.fill(0)
    inputs.wanted.fill(-1)
    inputs.starts.fill(rows)
    inputs.ids.fill(0, rows)
    inputs.positions.fill(0, rows)
    let row = 0
    let answer = 0
    for (const [place, i] of chosen.entries()) {
      const { ids, pages: held } = texts[i]
      const end = starts[i] + counts[i]
      inputs.starts[place] = row
      inputs.lengths[place] = end
      const used = Math.ceil(end / PAGE)
      for (let page = 0; page < used; page++) inputs.pages[place * pagesPerText + page] = held[page]
      for (let position = starts[i]; position < end; position++, row++) {
        inputs.ids[row] = ids[position]
        inputs.positions[row] = position
        if (position >= end - answered[i]) inputs.wanted[answer++] = row
      }
    }
    return found
  }

  /** Copies pages in all layers, some pairs at a time. */
  const copy = async ({ from, to }: Step['copies']): Promise<void> => {
    const key = 'copies'
    for (let start = 0; start < from.length; start += COPIES) {
      const found = programs.get(key) ?? {
        program: compile(copyStep(model, { pages, copies: COPIES, cache }), { backend: state.backend, state }),
        inputs: { from: new Int32Array(COPIES), to: new Int32Array(COPIES) },
        answers: {},
      }
      programs.set(key, found)
      for (let i = 0; i < COPIES; i++) {
        found.inputs.from[i] = from[start + i] ?? 0
        found.inputs.to[i] = to[start + i] ?? -1
      }
      await found.program.run(found.inputs)
    }
  }

  return {
    async run(step) {
      const forLogits = prepared(step, 'logits')
      const forFeatures = prepared(step, 'features')
      await copy(step.copies)
      const { logits = NOTHING } = (await runSized(forLogits)) ?? {}
      const { features = NOTHING } = (await runSized(forFeatures)) ?? {}
      const width = forFeatures?.program.plan.outputs.get('features')?.shape[1] ?? 0
      return { logits: logits as Float32Array, features: features as Float32Array, width }
    },
    release() {
      for (const { program } of programs.values()) program.release()
      programs.clear()
      state.release()
    },
  }
}

const runSized = (sized: Sized | undefined) => sized?.program.run(sized.inputs, undefined, sized.answers)

/** A program, its inputs, which are filled anew for each run, and memory for what it answers. */
interface Sized {
  readonly program: Program
  readonly inputs: Record<string, Int32Array>
  readonly answers: Record<string, Uint8Array>
}

const NOTHING = new Float32Array(0)

/** Pairs of a call that copies pages. */
const COPIES = 16

/** The least size that programs are compiled for: powers of two, and from 64 on what is half-way between them too. */
export function sizeFor(rows: number): number {
  let size = 1
  while (size < rows) size *= 2
  return size > 64 && rows <= (size / 4) * 3 ? (size / 4) * 3 : size
}
