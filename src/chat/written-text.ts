import type { Tokenizer } from '../tokenizers/index.ts'
import { stopText } from './stop-text.ts'

/** Tokens as they are drawn, and why they end: what an inference engine gives. */
export interface Drawing<T extends { readonly id: number }, R> extends AsyncIterable<T> {
  readonly result: Promise<{ readonly finishReason: R }>
}

/** Some text that is certain, and the tokens that were drawn since the last. */
export interface Piece<T> {
  readonly text: string
  readonly tokens: readonly T[]
}

/**
 * The text of tokens that are being drawn, piece by piece: never half a character, never a stop string or what may become one.
 * Whoever stops reading ends the drawing.
 *
 * @returns why it ended: 'stop' after a stop string
 * @throws ConfigError for a stop string that cannot be one
 *
 * @example
 * const engine = inferenceEngine(model, run.state)
 * let text = ''
 * for await (const piece of writtenText(engine.submit([1, 2], { maxTokens: 3 }), tokenizer, ['END'])) text += piece.text
 * text.includes('END') // false
 * await engine.close()
 */
export async function* writtenText<T extends { readonly id: number }, R>(
  drawing: Drawing<T, R>,
  tokenizer: Tokenizer,
  stops: readonly string[],
): AsyncGenerator<Piece<T>, R | 'stop'> {
  const watched = stopText(stops)
  const decoder = tokenizer.stream()
  let tokens: T[] = []
  for await (const token of drawing) {
    tokens.push(token)
    const text = watched.push(decoder.push(token.id))
    if (text !== '') {
      yield { text, tokens }
      tokens = []
    }
    // To break off ends the drawing.
    if (watched.stopped !== undefined) break
  }
  const text = watched.push(decoder.end()) + watched.end()
  if (text !== '' || tokens.length > 0) yield { text, tokens }
  const { finishReason } = await drawing.result
  return watched.stopped === undefined ? finishReason : 'stop'
}
