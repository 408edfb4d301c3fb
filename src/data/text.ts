import { DataError } from '../base/index.ts'
import type { Document, Documents } from './document.ts'

/**
 * Texts that are in memory, as documents. Their ids are `name 0`, `name 1`, …
 *
 * @example
 * const [first, second] = await Array.fromAsync(documents(['one', 'two']))
 * second // { id: 'document 1', text: 'two', source: 'document', meta: {} }
 */
export async function* documents(
  texts: Iterable<string> | AsyncIterable<string>,
  name = 'document',
): AsyncGenerator<Document> {
  let number = 0
  for await (const text of typeof texts === 'string' ? [texts] : texts) {
    yield { id: `${name} ${number++}`, text, source: name, meta: {} }
  }
}

/**
 * The text of documents alone, in parts; they are set apart by `separator`. What a tokenizer is trained on.
 *
 * @example
 * await Array.fromAsync(plainText(documents(['one', 'two']))) // ['one', '\n\n', 'two']
 */
export async function* plainText(documents: Documents, separator = '\n\n'): AsyncGenerator<string> {
  let between = false
  for await (const { text } of documents) {
    if (between) yield separator
    if (text !== '') yield text
    between = true
  }
}

/** V8's longest string has 2^29 − 24 code units; other engines are near. */
const longestText = 2 ** 29 - 24

/**
 * All the text of documents in one string.
 *
 * @throws DataError when it does not fit into one string
 *
 * @example
 * await collectText(documents(['one', 'two'])) // 'one\n\ntwo'
 */
export async function collectText(documents: Documents, separator = '\n\n'): Promise<string> {
  const parts: string[] = []
  let length = 0
  for await (const part of plainText(documents, separator)) {
    length += part.length
    if (length > longestText) {
      throw new DataError(
        `collectText: the text is longer than ${longestText} characters, the most that one string holds: read it as a stream`,
      )
    }
    parts.push(part)
  }
  return parts.join('')
}
