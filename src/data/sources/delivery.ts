import { ConfigError } from '../../base/index.ts'
import { type Document, type Meta, type Tally, utf8Length } from '../index.ts'
import { decodeUtf8, whyNoText } from './decode-text.ts'

/** Bytes of a record that are shown of it when it is left out. */
const excerptBytes = 600

/**
 * The tally of reading: each document that is delivered is kept, each record that is not is dropped, and what was replaced
 * in a document is a change.
 */
export class Delivery {
  readonly source: string
  readonly tally: Tally
  #decoder: TextDecoder | undefined

  /** @param encoding of texts that are not UTF-8, as TextDecoder names it */
  constructor(source: string, tally: Tally, encoding?: string) {
    this.source = source
    this.tally = tally
    this.#decoder = encoding === undefined ? undefined : decoderOf(encoding)
  }

  /** A document, unless its text is empty. @param bytes of the text in UTF-8, when they are known */
  document(id: string, text: string, meta: Meta, bytes?: number): Document | undefined {
    const size = bytes ?? utf8Length(text)
    if (!/\S/.test(text)) {
      this.tally.drop('empty', { id, bytes: size, text: '', why: size === 0 ? 'no text' : 'white space alone' })
      return undefined
    }
    this.tally.keep(size)
    return { id, text, source: this.source, meta }
  }

  /** The text of bytes; undefined, and counted, when they hold none. */
  decoded(id: string, bytes: Uint8Array, atStart: boolean): string | undefined {
    const { text, replaced } =
      this.#decoder === undefined
        ? decodeUtf8(bytes, atStart)
        : { text: this.#decoder.decode(bytes as Uint8Array<ArrayBuffer>), replaced: 0 }
    const why = whyNoText(bytes, replaced)
    if (why !== undefined) {
      this.drop('holds no text', id, bytes, bytes.length, why)
      return undefined
    }
    this.replaced(id, text, replaced)
    return text
  }

  replaced(id: string, text: string, count: number): void {
    if (count === 0) return
    const at = Math.max(text.indexOf('\ufffd') - 40, 0)
    const why = `${count} bytes that are not UTF-8 became U+FFFD`
    this.tally.change('not UTF-8', { id, bytes: count, text: text.slice(at, at + excerptBytes), why })
  }

  /** A record that is left out. @param bytes its beginning at least @param size of all of it */
  drop(reason: string, id: string, bytes: Uint8Array, size: number, why: string): void {
    this.tally.drop(reason, { id, bytes: size, text: decodeUtf8(bytes.subarray(0, excerptBytes)).text, why })
  }

  tooLong(id: string, size: number, longest: number): void {
    const why = `${size} bytes; at most ${longest} are held in memory (longestRecord)`
    this.tally.drop('too long', { id, bytes: size, text: '', why })
  }

  /** What could not be read because the file is damaged. @param bytes that were read of a record without its end */
  damaged(id: string, bytes: Uint8Array, damage: string): void {
    this.drop('damaged file', id, bytes, bytes.length, `${damage}; what follows in the file is lost`)
  }
}

/** @throws ConfigError when the host knows no such encoding */
export function decoderOf(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding)
  } catch (error) {
    throw new ConfigError(
      `encoding ${encoding} is not known; names are those of TextDecoder: utf-8, windows-1251, gbk`,
      {
        cause: error,
      },
    )
  }
}
