import { ConfigError, DataError, random } from '../base/index.ts'
import type { TokenConstraint } from './constraint.ts'
import { type FinishReason, openRequest, type Request, type Token } from './request.ts'
import { forbid } from './sampling/forbid.ts'
import { likeliestIds, logSumExp } from './sampling/log-probabilities.ts'
import type { SamplingOptions } from './sampling/options.ts'
import { type Sampler, sampler } from './sampling/sampler.ts'
import { append, newText, type Text } from './text.ts'
import type { Job, TextEngine } from './text-engine.ts'

export interface RequestOptions extends SamplingOptions {
  /** Tokens to draw at most; 128 when not given. */
  readonly maxTokens?: number
  /** The i-th token of a text is drawn with a random number that is a function of seed and i alone. 1 when not given. */
  readonly seed?: number
  /** Ids that end the text; the one that ended it is not given out. */
  readonly stop?: readonly number[]
  /** Only ids below it are drawn: of a tokenizer that has fewer tokens than the model; all of the model's when not given. */
  readonly vocabSize?: number
  /** Of texts that wait, the one with the greatest goes first; 0 when not given. */
  readonly priority?: number
  /** What may be drawn; made for this text alone. A stop id may come where it says that the text may end. */
  readonly constraint?: TokenConstraint
  /** Tells the log-probability of each token that is drawn, and of so many of the likeliest. */
  readonly logprobs?: number
  /** Tells those of the prompt's tokens too, and of so many of the likeliest at each. */
  readonly promptLogprobs?: number
}

/** One request on its way: what it draws of the rows that it is answered. */
export interface Writing {
  readonly request: Request
  /** Starts the text at the beginning of its prompt. */
  begin(): void
  /** The job for a text that stands at the end of the prompt, or, without one, for the text that it began. */
  jobOf(text: Text): Job
  readonly isOver: boolean
  /** No text has been begun for it, and it is not over. */
  readonly isUnstarted: boolean
}

export interface WritingPlace {
  readonly engine: TextEngine
  readonly vocabSize: number
  /** Tokens that a text may have, prompt and all. */
  readonly limit: number
  /** Which of several samples it is: each has random numbers of its own. */
  readonly stream: number
  /** Where the prompt's first answer goes besides: to samples that share it. */
  readonly onPrompt?: (text: Text, row: Float32Array) => void
  /** The text has ended before its prompt was read. */
  readonly onEarlyEnd?: () => void
  /** Goes on with a sampler that has drawn `drawn` tokens before. */
  readonly sampler?: Sampler
  readonly drawn?: number
}

/** @throws ConfigError for a setting, DataError for ids that cannot be gone on from */
export function checkRequest(ids: ArrayLike<number>, options: RequestOptions, vocabSize: number, limit: number): void {
  const { maxTokens = 128, seed = 1, stop = [], priority = 0, logprobs = 0, promptLogprobs = 0 } = options
  const whole = { maxTokens, seed, logprobs, promptLogprobs, vocabSize: options.vocabSize ?? 1 }
  for (const [name, value] of Object.entries(whole)) {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new ConfigError(`generate: ${name} must be a whole number of 0 or more, got ${value}`)
  }
  if (!Number.isFinite(priority)) throw new ConfigError(`generate: priority must be a number, got ${priority}`)
  if (options.vocabSize === 0) throw new ConfigError('generate: vocabSize must be 1 or more, got 0')
  for (const id of stop) if (!Number.isInteger(id)) throw new ConfigError(`generate: stop must be token ids, got ${id}`)
  checkIds(ids, vocabSize)
  if (ids.length >= limit && maxTokens > 0) {
    throw new DataError(
      `generate: a prompt of ${ids.length} tokens leaves no room in the ${limit} tokens that a text may have; ` +
        'shorten it, or give the cache more room where the model reads more',
    )
  }
}

/** @throws DataError when there are none, or one is none of the model's */
export function checkIds(ids: ArrayLike<number>, vocabSize: number): void {
  if (ids.length === 0) throw new DataError('generate: there must be at least one token to go on from')
  for (let i = 0; i < ids.length; i++) {
    if (!(Number.isInteger(ids[i]) && ids[i] >= 0 && ids[i] < vocabSize))
      throw new DataError(`generate: token id ${ids[i]} is not in a vocabulary of ${vocabSize}`)
  }
}

export function writing(prompt: ArrayLike<number>, options: RequestOptions, place: WritingPlace): Writing {
  const { maxTokens = 128, seed = 1, stop = [], priority = 0, constraint, logprobs, promptLogprobs } = options
  const { engine, limit, stream } = place
  const vocabSize = Math.min(options.vocabSize ?? place.vocabSize, place.vocabSize)
  const draws = place.sampler ?? sampler(options, prompt)
  const before = place.drawn ?? 0
  const drawn: number[] = []
  const promptTokens: (Token | undefined)[] = promptLogprobs === undefined ? [] : [undefined]
  const started = performance.now()
  let firstAt = 0
  let cachedTokens = 0
  let isOver = false
  let text: Text | undefined
  let hasPrompt = false

  const finish = (finishReason: FinishReason, stopId?: number) => {
    if (isOver) return
    isOver = true
    if (text !== undefined) engine.end(text)
    const now = performance.now()
    firstAt ||= now
    writer.end({
      ids: drawn,
      finishReason,
      stopId,
      promptLogprobs: promptLogprobs === undefined ? undefined : promptTokens,
      figures: {
        promptTokens: prompt.length,
        cachedTokens,
        firstTokenMs: firstAt - started,
        restMs: now - firstAt,
      },
    })
    if (!hasPrompt && text !== undefined) place.onEarlyEnd?.()
  }
  const writer = openRequest(() => finish('cancelled'))

  /** The token `id`, with what was asked for about its probability. */
  const told = (id: number, row: Float32Array, count: number | undefined): Token => {
    if (count === undefined) return { id }
    const normalizer = logSumExp(row)
    const top = likeliestIds(row.subarray(0, vocabSize), count).map((each) => ({
      id: each,
      logprob: row[each] - normalizer,
    }))
    return { id, logprob: row[id] - normalizer, top }
  }

  const draw = (row: Float32Array, position: number) => {
    const raw = logprobs === undefined ? row : row.slice()
    const logits = row.subarray(0, vocabSize)
    if (constraint !== undefined) forbid(logits, constraint, stop)
    const uniform = random({ seed, stream, position: before + drawn.length }).next()
    const id = draws.next(logits, uniform)
    firstAt ||= performance.now()
    if (stop.includes(id)) return finish('stop', id)
    constraint?.accept(id)
    draws.accept(id)
    drawn.push(id)
    append(text!, id)
    writer.push(told(id, raw, logprobs))
    if (constraint?.mustEnd) finish('stop')
    else if (drawn.length >= maxTokens || position + 2 >= limit) finish('length')
  }

  const jobOf = (from: Text): Job => {
    text = from
    return {
      text: from,
      answer(row, position) {
        if (position < from.length - 1) {
          // Of a prompt whose probabilities are wanted, or of a text that is computed again.
          if (promptLogprobs !== undefined && position < prompt.length - 1)
            promptTokens[position + 1] = told(prompt[position + 1], row, promptLogprobs)
          return
        }
        if (!hasPrompt) {
          hasPrompt = true
          cachedTokens = from.shared
          place.onPrompt?.(from, row)
        }
        if (maxTokens === 0) finish('length')
        else if (constraint?.mustEnd) finish('stop')
        else draw(row, position)
      },
      fail(error) {
        if (isOver) return
        isOver = true
        writer.fail(error)
        if (!hasPrompt && text !== undefined) place.onEarlyEnd?.()
      },
    }
  }

  return {
    request: writer.request,
    begin() {
      const begun = newText(prompt, { wanted: promptLogprobs === undefined ? 'next' : 'each', priority })
      engine.add(jobOf(begun))
    },
    jobOf,
    get isOver() {
      return isOver
    },
    get isUnstarted() {
      return !isOver && text === undefined
    },
  }
}
