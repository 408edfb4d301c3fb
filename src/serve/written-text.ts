import { stopText } from '../chat/index.ts'
import type { FinishReason, Request, Token } from '../infer/index.ts'
import type { Tokenizer } from '../tokenizers/index.ts'

/** Some text that is certain, and the tokens that were drawn since the last. */
export interface Piece {
  readonly text: string
  readonly tokens: readonly Token[]
}

export interface WrittenEnd {
  readonly finishReason: FinishReason
  /** Tokens that were drawn, those of a stop string included. */
  readonly tokenCount: number
}

/**
 * The text of a request, piece by piece: never half a character, never a stop string or what may become one. Whoever stops
 * reading ends the request.
 *
 * @throws ConfigError for a stop string that cannot be one
 */
export async function* writtenText(
  request: Request,
  tokenizer: Tokenizer,
  stops: readonly string[],
): AsyncGenerator<Piece, WrittenEnd> {
  const watched = stopText(stops)
  const decoder = tokenizer.stream()
  let tokens: Token[] = []
  let tokenCount = 0
  for await (const token of request) {
    tokens.push(token)
    tokenCount++
    const text = watched.push(decoder.push(token.id))
    if (text !== '') {
      yield { text, tokens }
      tokens = []
    }
    // To break off ends the request.
    if (watched.stopped !== undefined) break
  }
  const text = watched.push(decoder.end()) + watched.end()
  if (text !== '' || tokens.length > 0) yield { text, tokens }
  const { finishReason } = await request.result
  return { finishReason: watched.stopped === undefined ? finishReason : 'stop', tokenCount }
}
