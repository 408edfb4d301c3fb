/**
 * Gives the parts of a text to `push` as they arrive, then calls `finish`.
 *
 * @returns what `finish` returns; a promise of it when the parts arrive later
 */
export function eachPart<R>(
  text: string | Iterable<string> | AsyncIterable<string>,
  push: (part: string) => void,
  finish: () => R,
): R | Promise<R> {
  if (typeof text === 'string') {
    push(text)
    return finish()
  }
  if (Symbol.iterator in text) {
    for (const part of text) push(part)
    return finish()
  }
  return (async () => {
    for await (const part of text) push(part)
    return finish()
  })()
}
