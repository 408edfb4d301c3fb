import { DataError } from '../base/index.ts'
import { utf8Decoder } from './utf8.ts'

/**
 * A part of a document. Documents may be larger than memory, so they flow in parts: those of one document follow one
 * another, and the last says so.
 */
export interface TextPart {
  /** Names the document: a path, a URL, a line of a file. Different for different documents. */
  readonly id: string
  readonly text: string
  readonly last: boolean
}

export type TextStream = AsyncIterable<TextPart>

/** What was read, and what was left out and why. Filled while a stream is read. */
export interface TextNotes {
  files: number
  bytes: number
  /** Bytes that are not UTF-8; each run of them became one or more U+FFFD. */
  replacedBytes: number
  /** Files that hold no text (a NUL byte, or too much that is not UTF-8). */
  skippedBinary: number
  /** Hidden files and folders, and folders such as node_modules. */
  skippedHidden: number
  /** Files that could not be opened or read, and things that are no files. */
  skippedUnreadable: number
  skippedEmpty: number
  /** The first few of each kind that were skipped. */
  readonly examples: { readonly path: string; readonly reason: string }[]
}

/** Counts before anything was read. @example emptyNotes().files // 0 */
export function emptyNotes(): TextNotes {
  return {
    files: 0,
    bytes: 0,
    replacedBytes: 0,
    skippedBinary: 0,
    skippedHidden: 0,
    skippedUnreadable: 0,
    skippedEmpty: 0,
    examples: [],
  }
}

/**
 * Documents that are in memory, as a stream. Their ids are `name 0`, `name 1`, …
 *
 * @example
 * const [first, second] = await Array.fromAsync(documents(['one', 'two']))
 * second // { id: 'document 1', text: 'two', last: true }
 */
export async function* documents(
  texts: Iterable<string> | AsyncIterable<string>,
  name = 'document',
): AsyncGenerator<TextPart> {
  let number = 0
  for await (const text of typeof texts === 'string' ? [texts] : texts) {
    yield { id: `${name} ${number++}`, text, last: true }
  }
}

/**
 * One document from its bytes as they arrive (a file's stream, the body of a response). UTF-8; a byte order mark at the
 * beginning is left out; what is not UTF-8 becomes U+FFFD and is counted.
 *
 * @param notes where `files`, `bytes` and `replacedBytes` are counted
 *
 * @example
 * const [part] = await Array.fromAsync(decodeDocument('a.txt', [Uint8Array.of(0xef, 0xbb, 0xbf, 104, 105)]))
 * part // { id: 'a.txt', text: 'hi', last: true }
 */
export async function* decodeDocument(
  id: string,
  chunks: AsyncIterable<Uint8Array>,
  notes: TextNotes = emptyNotes(),
): AsyncGenerator<TextPart> {
  const decoder = utf8Decoder()
  let waiting: string | undefined
  for await (const chunk of chunks) {
    notes.bytes += chunk.length
    const text = decoder.push(chunk)
    if (text === '') continue
    if (waiting !== undefined) yield { id, text: waiting, last: false }
    waiting = text
  }
  const rest = decoder.end()
  notes.files++
  notes.replacedBytes += decoder.replacedBytes()
  yield { id, text: (waiting ?? '') + rest, last: true }
}

/**
 * The text of a stream without its ids, as parts; documents are set apart by `separator`. What a tokenizer is trained on.
 *
 * @example
 * await Array.fromAsync(plainText(documents(['one', 'two']))) // ['one', '\n\n', 'two']
 */
export async function* plainText(stream: TextStream, separator = '\n\n'): AsyncGenerator<string> {
  let between = false
  for await (const { text, last } of stream) {
    if (between) yield separator
    if (text !== '') yield text
    between = last
  }
}

/** V8's longest string has 2^29 − 24 code units; other engines are near. */
const longestText = 2 ** 29 - 24

/**
 * All the text of a stream in one string.
 *
 * @throws DataError when it does not fit into one string
 *
 * @example
 * await collectText(documents(['one', 'two'])) // 'one\n\ntwo'
 */
export async function collectText(stream: TextStream, separator = '\n\n'): Promise<string> {
  const parts: string[] = []
  let length = 0
  for await (const part of plainText(stream, separator)) {
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
