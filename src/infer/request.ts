import type { LogProbability } from './sampling/log-probabilities.ts'

/** One token that was drawn. */
export interface Token {
  readonly id: number
  /** With `logprobs`: the natural logarithm of its probability, by the model's own logits. */
  readonly logprob?: number
  /** With `logprobs`: the likeliest tokens here, the likeliest first. */
  readonly top?: readonly LogProbability[]
}

/** Why a text ended: a stop id or a constraint; its greatest length; somebody's wish. */
export type FinishReason = 'stop' | 'length' | 'cancelled'

export interface RequestResult {
  /** What was drawn, without the stop id. */
  readonly ids: number[]
  readonly finishReason: FinishReason
  /** The id that ended it. */
  readonly stopId?: number
  /** With `promptLogprobs`: of each token of the prompt but the first, given those before it. */
  readonly promptLogprobs?: readonly (Token | undefined)[]
  readonly figures: RequestFigures
}

export interface RequestFigures {
  readonly promptTokens: number
  /** Tokens of the prompt that the prefix cache had. */
  readonly cachedTokens: number
  /** From the submission to the first token. */
  readonly firstTokenMs: number
  /** From the first token to the end. */
  readonly restMs: number
}

/** A text that is being written. Its tokens can be read once, as they come; whoever breaks off reading cancels it. */
export interface Request extends AsyncIterable<Token> {
  /** Settles when the text has ended; rejects when it failed. It need not be read. */
  readonly result: Promise<RequestResult>
  /** Ends the text; its pages are free at once. Nothing happens when it has ended. */
  cancel(): void
}

/** The writing side of a {@link Request}. */
export interface RequestWriter {
  readonly request: Request
  push(token: Token): void
  end(result: RequestResult): void
  fail(error: unknown): void
}

/** @param cancel is called when somebody wants the text to end, once or more */
export function openRequest(cancel: () => void): RequestWriter {
  const { promise: result, resolve, reject } = Promise.withResolvers<RequestResult>()
  // Who reads the tokens alone learns of a failure there.
  result.catch(() => {})
  const ready: Token[] = []
  let isOver = false
  let failure: { readonly error: unknown } | undefined
  let wake = () => {}
  async function* tokens(): AsyncGenerator<Token> {
    try {
      for (;;) {
        while (ready.length > 0) yield ready.shift()!
        if (failure) throw failure.error
        if (isOver) return
        const { promise, resolve } = Promise.withResolvers<void>()
        wake = resolve
        await promise
      }
    } finally {
      cancel()
    }
  }
  const iterator = tokens()
  return {
    request: { result, cancel, [Symbol.asyncIterator]: () => iterator },
    push(token) {
      ready.push(token)
      wake()
    },
    end(given) {
      isOver = true
      resolve(given)
      wake()
    },
    fail(error) {
      failure = { error }
      reject(error)
      wake()
    },
  }
}
