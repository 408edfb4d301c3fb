import { byteLength, ConfigError, DataError } from '../base/index.ts'
import type { State } from '../compiler/index.ts'
import type { LanguageModel } from '../models/index.ts'
import type { StoredWeights } from '../nn/index.ts'
import { type CacheDType, PAGE, pageShapes } from '../tensor/index.ts'
import { type Beam, type BeamOptions, beamSearch } from './beam.ts'
import { type EmbedOptions, embedding } from './embedding.ts'
import { prefixCache } from './prefix-cache.ts'
import type { Request } from './request.ts'
import { modelRunner, type StepRunner } from './runner.ts'
import type { Sampler } from './sampling/sampler.ts'
import { type Scheduler, scheduler } from './scheduler.ts'
import { newText } from './text.ts'
import { type TextEngine, textEngine } from './text-engine.ts'
import { checkIds, checkRequest, type RequestOptions, type Writing, writing } from './writing.ts'

export interface EngineOptions {
  /** What keys and values are kept as; f32 when not given. */
  readonly cacheDType?: CacheDType
  /** Tokens that the cache has room for, in pages of 16; four contexts when neither this nor `memory` is given. */
  readonly cacheTokens?: number
  /** Bytes for the cache, instead. */
  readonly memory?: number
  /** Texts that are computed side by side at most; others wait. 32 when not given. */
  readonly maxTexts?: number
  /** Tokens that a step reads at most, while nobody decodes; 512 when not given. Longer prompts are read in several steps. */
  readonly chunk?: number
  /** Whether texts that begin alike share what was computed, also after the first has ended; true when not given. */
  readonly prefixCache?: boolean
  /** Steps by which one more of priority goes before; 256 when not given. */
  readonly aging?: number
  /** Weights that lie in state memory as something else than f32. */
  readonly stored?: StoredWeights
  readonly precision?: 'f32' | 'bf16'
}

/**
 * Goes on with many texts at a time: each step of the model computes the next token of every one. A text's tokens depend on its
 * prompt, its options and its seed alone: not on what else is computed, not on how its prompt was cut, nor on what the cache knew.
 */
export interface InferenceEngine {
  /**
   * Writes on after `ids`. A text has at most as many tokens as the model reads at once and the cache has room for; then it
   * ends with 'length'.
   *
   * @throws ConfigError for a setting outside its range, DataError for ids that cannot be gone on from
   */
  submit(ids: ArrayLike<number>, options?: RequestOptions): Request
  /** Several texts after one prompt, which is read once. The first is what {@link submit} gives. */
  samples(ids: ArrayLike<number>, count: number, options?: RequestOptions): Request[]
  /** The likeliest texts after `ids`, as far as beam search finds them. */
  beams(ids: ArrayLike<number>, options?: BeamOptions): Promise<Beam[]>
  /** The features of a text: `[C]`. */
  embed(ids: ArrayLike<number>, options?: EmbedOptions): Promise<Float32Array>
  /** Scores of every next token: `[V]`. */
  nextLogits(ids: ArrayLike<number>): Promise<Float32Array>
  /** Forgets what the prefix cache holds: to be called when weights have changed. @throws ConfigError while texts run */
  forget(): void
  figures(): EngineFigures
  /** Ends all texts with an error, and frees the cache and the programs; the weights stay. */
  close(): Promise<void>
}

export interface EngineFigures {
  readonly running: number
  readonly waiting: number
  /** How often a text lost its pages to another, to be computed again. */
  readonly preemptions: number
  readonly pages: number
  /** Pages that texts hold. */
  readonly pagesHeld: number
  /** Pages that nobody holds, but whose contents are still known. */
  readonly pagesKept: number
}

/**
 * An engine over a model and the weights in `state`. Its cache does not get into that state. Programs are compiled when a step of
 * their size first comes.
 *
 * @example
 * const engine = inferenceEngine(model, run.state, { maxTexts: 4 })
 * const first = engine.submit([1, 2, 3], { maxTokens: 5, seed: 7 })
 * const second = engine.submit([1, 2, 3, 4], { maxTokens: 5, temperature: 0 })
 * const { ids, finishReason } = await first.result
 * ids.length // 5
 * finishReason // 'length'
 * await engine.close()
 */
export function inferenceEngine(model: LanguageModel, state: State, options: EngineOptions = {}): InferenceEngine {
  return engineFor(model, state, options)
}

/** {@link inferenceEngine}, with the doors that only this folder uses. */
export function engineFor(model: LanguageModel, state: State, options: EngineOptions): InnerEngine {
  const { cacheDType = 'f32', maxTexts = 32, stored, precision } = options
  const pages = pagesOf(model, cacheDType, options)
  const limit = Math.min(model.context, pages * PAGE)
  const pagesPerText = Math.ceil(limit / PAGE)
  const runner = modelRunner(model, state, { cacheDType, pages, maxTexts, pagesPerText, stored, precision })
  return engineOver(runner, { ...options, pages, limit, vocabSize: model.vocabSize })
}

export interface EngineLimits extends EngineOptions {
  /** P: pages of the cache. */
  readonly pages: number
  /** Tokens that a text may have. */
  readonly limit: number
  readonly vocabSize: number
}

/** An engine as this folder and tests see it. */
export interface InnerEngine extends InferenceEngine {
  readonly scheduler: Scheduler
  /** Writes on with what has drawn so many tokens of the text before; reads `ids` to the last token that there may be. */
  goOn(
    ids: ArrayLike<number>,
    options: RequestOptions,
    from: { readonly sampler: Sampler; readonly drawn: number },
  ): Request
}

/** An engine over anything that runs steps. */
export function engineOver(runner: StepRunner, options: EngineLimits): InnerEngine {
  const { pages, limit, vocabSize, maxTexts = 32, chunk = 512, aging } = options
  const cache = prefixCache(pages, options.prefixCache ?? true)
  const plans = scheduler(cache, { maxTexts, chunk, aging })
  const engine: TextEngine = textEngine(runner, plans, vocabSize)
  let isClosed = false
  const mustBeOpen = () => {
    if (isClosed) throw new ConfigError('the inference engine is closed; make another')
  }

  /** Starts the first; the others follow when the prompt has been read. */
  const start = (waiting: readonly Writing[]): void => {
    waiting.find(({ isOver }) => !isOver)?.begin()
  }

  const samples = (ids: ArrayLike<number>, count: number, options: RequestOptions = {}): Request[] => {
    mustBeOpen()
    if (!Number.isInteger(count) || count < 1)
      throw new ConfigError(`samples: there must be at least one, got ${count}`)
    checkRequest(ids, options, vocabSize, limit)
    const prompt = Int32Array.from(ids)
    const writings = Array.from(
      { length: count },
      (_, stream): Writing =>
        writing(prompt, stream === 0 ? options : { ...options, constraint: options.constraint?.clone() }, {
          engine,
          vocabSize,
          limit,
          stream,
          onPrompt(text, row) {
            for (const other of writings) if (other.isUnstarted) engine.fork(text, other.jobOf, row.slice())
          },
          onEarlyEnd: () => start(writings.filter(({ isUnstarted }) => isUnstarted)),
        }),
    )
    start(writings)
    return writings.map(({ request }) => request)
  }

  return {
    scheduler: plans,
    samples,
    goOn(ids, options, from) {
      mustBeOpen()
      checkRequest(ids, options, vocabSize, limit + 1)
      const one = writing(ids, options, { engine, vocabSize, limit, stream: 0, ...from })
      one.begin()
      return one.request
    },
    submit: (ids, options) => samples(ids, 1, options)[0],
    async beams(ids, options = {}) {
      mustBeOpen()
      return beamSearch(ids, options, { engine, vocabSize, limit })
    },
    async embed(ids, options = {}) {
      mustBeOpen()
      checkLength(ids)
      return embedding(ids, options, engine)
    },
    async nextLogits(ids) {
      mustBeOpen()
      checkLength(ids)
      const { promise, resolve, reject } = Promise.withResolvers<Float32Array>()
      const text = newText(ids)
      engine.add({
        text,
        answer(row) {
          engine.end(text)
          resolve(row.slice())
        },
        fail: reject,
      })
      return promise
    },
    forget() {
      if (plans.running.length > 0)
        throw new ConfigError(`forget: ${plans.running.length} texts are running; wait for their end, or cancel them`)
      cache.clear()
    },
    figures() {
      const { available, kept } = cache.pool
      const { running, waiting, preemptions } = plans
      return {
        running: running.length,
        waiting: waiting.length,
        preemptions,
        pages,
        pagesHeld: pages - available,
        pagesKept: kept,
      }
    },
    async close() {
      if (isClosed) return
      isClosed = true
      const step = engine.close(new DataError('the inference engine was closed before the text had ended'))
      if (step !== undefined) await step
      runner.release()
    },
  }

  function checkLength(ids: ArrayLike<number>): void {
    checkIds(ids, vocabSize)
    if (ids.length > limit)
      throw new DataError(`a text of ${ids.length} tokens is longer than the ${limit} tokens that a text may have`)
  }
}

/** P, from what the options say. */
function pagesOf(model: LanguageModel, dtype: CacheDType, { cacheTokens, memory }: EngineOptions): number {
  if (cacheTokens !== undefined && memory !== undefined)
    throw new ConfigError('inferenceEngine: give cacheTokens or memory, not both')
  const { layers, keyValueHeads, headWidth } = model.cacheSize
  const { keys, values, scales } = pageShapes(dtype, 1, keyValueHeads, headWidth)
  const specs = [keys, values, ...(scales ? [scales] : [])]
  const pageBytes = layers * specs.reduce((sum, { shape, dtype }) => sum + byteLength(dtype, shape), 0)
  const pages =
    memory === undefined ? Math.ceil((cacheTokens ?? 4 * model.context) / PAGE) : Math.floor(memory / pageBytes)
  if (!(Number.isInteger(pages) && pages >= 1)) {
    throw new ConfigError(
      `inferenceEngine: the cache must have room for a page of ${PAGE} tokens, which takes ${pageBytes} bytes; ` +
        `got ${memory === undefined ? `cacheTokens ${cacheTokens}` : `memory ${memory}`}`,
    )
  }
  return pages
}
