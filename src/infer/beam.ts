import { ConfigError, DataError } from '../base/index.ts'
import type { TokenConstraint } from './constraint.ts'
import { forbid } from './sampling/forbid.ts'
import { likeliestIds, logSumExp } from './sampling/log-probabilities.ts'
import { append, newText, type Text } from './text.ts'
import type { Job, TextEngine } from './text-engine.ts'
import { checkRequest } from './writing.ts'

export interface BeamOptions {
  /** k: texts that are gone on with side by side; 4 when not given. */
  readonly beams?: number
  /** Of how many the result tells, the best first; 1 when not given, at most k. */
  readonly best?: number
  readonly maxTokens?: number
  /** Ids that end a text. */
  readonly stop?: readonly number[]
  /** α: texts are compared by the sum of their log-probabilities over (their tokens, the stop id among them)^α; 1 when not given. */
  readonly lengthPenalty?: number
  readonly vocabSize?: number
  readonly priority?: number
  readonly constraint?: TokenConstraint
  /** Ends the search; its pages are free at once. */
  readonly signal?: AbortSignal
}

/** A text that was found. */
export interface Beam {
  /** What follows the prompt, without the stop id. */
  readonly ids: number[]
  /** Σ ln p of these tokens, and of the stop id. */
  readonly logprob: number
  /** logprob / tokens^α */
  readonly score: number
  readonly finishReason: 'stop' | 'length'
}

export interface BeamPlace {
  readonly engine: TextEngine
  readonly vocabSize: number
  readonly limit: number
}

interface Branch {
  readonly text: Text
  readonly drawn: readonly number[]
  readonly logprob: number
  readonly constraint?: TokenConstraint
  /** What it may go on with, the likeliest first; once the model has answered. */
  next?: readonly { readonly id: number; readonly logprob: number }[]
}

/**
 * Beam search: of all continuations of k texts by one token, the k likeliest go on. Texts that share a beginning share its pages.
 * It goes on until no text could become better than the best that have ended.
 *
 * Source: Freitag, Al-Onaizan 2017, §2; length penalty as in Hugging Face's transformers.
 */
export function beamSearch(prompt: ArrayLike<number>, options: BeamOptions, place: BeamPlace): Promise<Beam[]> {
  const { beams = 4, best = 1, maxTokens = 128, stop = [], lengthPenalty = 1, priority = 0, signal } = options
  const { engine, limit } = place
  const vocabSize = Math.min(options.vocabSize ?? place.vocabSize, place.vocabSize)
  checkRequest(prompt, { maxTokens, stop, priority, vocabSize: options.vocabSize }, place.vocabSize, limit)
  if (!Number.isInteger(beams) || beams < 1)
    throw new ConfigError(`beams must be a whole number of 1 or more, got ${beams}`)
  if (!Number.isInteger(best) || best < 1 || best > beams)
    throw new ConfigError(`best must be a whole number from 1 to ${beams} beams, got ${best}`)
  if (!Number.isFinite(lengthPenalty)) throw new ConfigError(`lengthPenalty must be a number, got ${lengthPenalty}`)
  if (maxTokens === 0) return Promise.resolve([])
  const most = Math.min(maxTokens, limit - prompt.length)

  const { promise, resolve, reject } = Promise.withResolvers<Beam[]>()
  const found: Beam[] = []
  let live = new Set<Branch>()

  const scoreOf = (logprob: number, tokens: number) => logprob / tokens ** lengthPenalty
  const keep = (ids: readonly number[], logprob: number, finishReason: Beam['finishReason'], tokens: number) => {
    found.push({ ids: [...ids], logprob, score: scoreOf(logprob, tokens), finishReason })
    found.sort((a, b) => b.score - a.score)
    found.length = Math.min(found.length, beams)
  }
  const endAll = () => {
    for (const { text } of live) engine.end(text)
    live.clear()
    signal?.removeEventListener('abort', abort)
  }
  const fail = (error: unknown) => {
    endAll()
    reject(error)
  }
  const abort = () => fail(signal!.reason)

  const jobOf = (branch: Branch): Job => ({
    text: branch.text,
    answer(row, position) {
      if (position < branch.text.length - 1 || branch.next !== undefined) return
      const logits = row.subarray(0, vocabSize)
      const normalizer = logSumExp(row)
      if (branch.constraint !== undefined) forbid(logits, branch.constraint, stop)
      // Stop ids take no place among those that go on.
      const ids = likeliestIds(logits, beams + stop.length).filter((id) => logits[id] > Number.NEGATIVE_INFINITY)
      branch.next = ids.map((id) => ({ id, logprob: logits[id] - normalizer }))
      if ([...live].every(({ next }) => next !== undefined)) advance()
    },
    fail,
  })

  /** All branches have been answered: chooses who goes on. */
  const advance = () => {
    const candidates = [...live]
      .flatMap((branch) => branch.next!.map(({ id, logprob }) => ({ branch, id, logprob: branch.logprob + logprob })))
      .sort((a, b) => b.logprob - a.logprob)
    const children = new Map<Branch, { id: number; logprob: number; constraint?: TokenConstraint }[]>()
    let count = 0
    for (const { branch, id, logprob } of candidates) {
      if (count === beams) break
      const drawn = branch.drawn.length + 1
      if (stop.includes(id)) {
        keep(branch.drawn, logprob, 'stop', drawn)
        continue
      }
      count++
      const constraint = branch.constraint?.clone()
      constraint?.accept(id)
      if (constraint?.mustEnd) keep([...branch.drawn, id], logprob, 'stop', drawn)
      else if (drawn >= most) keep([...branch.drawn, id], logprob, 'length', drawn)
      else children.set(branch, [...(children.get(branch) ?? []), { id, logprob, constraint }])
    }

    for (const { text } of live) if (![...children.keys()].some((branch) => branch.text === text)) engine.end(text)
    const next: Branch[] = []
    live = new Set()
    for (const [branch, [first, ...others]] of children) {
      const goOn = (text: Text, { id, logprob, constraint }: typeof first): Job => {
        const child = { text, drawn: [...branch.drawn, id], logprob, constraint }
        next.push(child)
        return jobOf(child)
      }
      // Forks stand where the branch does, so it goes on after them.
      for (const other of others) engine.fork(branch.text, (text) => goOn(text, other))
      engine.resume(goOn(branch.text, first))
    }
    for (const branch of next) {
      live.add(branch)
      append(branch.text, branch.drawn[branch.drawn.length - 1])
    }
    // Log-probabilities only fall: nothing that goes on can come to more than this.
    const attainable = Math.max(
      ...next.map(({ logprob, drawn }) => Math.max(scoreOf(logprob, drawn.length + 1), scoreOf(logprob, most))),
    )
    if (next.length > 0 && (found.length < best || attainable > found[best - 1].score)) return
    if (found.length === 0)
      return fail(new DataError('beams: every token is forbidden in every text, so none could come to an end'))
    endAll()
    resolve(found.slice(0, best))
  }

  if (signal?.aborted) return Promise.reject(signal.reason)
  signal?.addEventListener('abort', abort)
  const root: Branch = { text: newText(prompt, { priority }), drawn: [], logprob: 0, constraint: options.constraint }
  live.add(root)
  engine.add(jobOf(root))
  return promise
}
