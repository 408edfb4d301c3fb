import { GrowingBytes } from './growing-bytes.ts'
import type { RawRecord } from './records.ts'

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const openList = 0x5b
const closeList = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

const isSpace = (byte: number) => byte === 0x20 || (byte >= 9 && byte <= 13)

/**
 * Cuts a JSON file into its values: the items of the array that it is, or values that follow one another (JSONL under the
 * name of JSON). Values are found by their brackets and strings alone; whether they are JSON is for JSON.parse to say.
 * A file that is one object is one value. Memory: the longest value that is allowed, a few times; longer ones come without bytes.
 */
export async function* jsonValues(chunks: AsyncIterable<Uint8Array>, longest: number): AsyncGenerator<RawRecord[]> {
  const scanner = new JsonScanner(longest)
  for await (const chunk of chunks) {
    const batch = scanner.push(chunk)
    if (batch.length > 0) yield batch
  }
  yield scanner.end()
}

class JsonScanner {
  #waiting = new GrowingBytes()
  /** Where `waiting` begins in the stream. */
  #base = 0
  /** Bytes of `waiting` that were looked at. */
  #seen = 0
  /** Where the value begins in the stream, or −1 between values. */
  #begin = -1
  /** Brackets that are open inside the value; −1 in a bare word or number. */
  #depth = 0
  #inString = false
  #escaped = false
  #inList = false
  #longest: number

  constructor(longest: number) {
    this.#longest = longest
  }

  push(chunk: Uint8Array): RawRecord[] {
    this.#waiting.push(chunk)
    const bytes = this.#waiting.bytes()
    const batch: RawRecord[] = []
    let at = this.#seen
    while (at < bytes.length) {
      if (this.#begin < 0) at = this.#start(bytes, at)
      else {
        at = this.#continue(bytes, at)
        if (this.#begin < 0) batch.push(this.#record(bytes, this.#ended, this.#base + at))
      }
    }
    this.#seen = at
    // The batch is read before the next push, so what it shows may be let go.
    const kept = this.#begin < 0 ? at : Math.max(this.#begin - this.#base, 0)
    this.#drop(at - kept > this.#longest ? at : kept)
    return batch
  }

  end(): RawRecord[] {
    if (this.#begin < 0) return []
    const bytes = this.#waiting.bytes()
    return [this.#record(bytes, this.#begin, this.#base + bytes.length)]
  }

  /** Where the value that has just ended began. */
  #ended = 0

  #drop(count: number): void {
    this.#waiting.drop(count)
    this.#base += count
    this.#seen -= count
  }

  #record(bytes: Uint8Array, begin: number, end: number): RawRecord {
    const length = end - begin
    const whole = begin >= this.#base && length <= this.#longest
    return {
      offset: begin,
      bytes: whole ? bytes.subarray(begin - this.#base, end - this.#base) : bytes.subarray(0, 0),
      length: whole ? length : Math.max(length, this.#longest + 1),
    }
  }

  /** Looks for the beginning of a value, and says where to go on. */
  #start(bytes: Uint8Array, from: number): number {
    let at = from
    while (at < bytes.length && (isSpace(bytes[at]) || (this.#base + at < 3 && bytes[at] >= 0xbb))) at++
    if (at === bytes.length) return at
    const byte = bytes[at]
    if (this.#inList && (byte === comma || byte === closeList)) {
      this.#inList = byte === comma
      return at + 1
    }
    if (!this.#inList && byte === openList) {
      this.#inList = true
      return at + 1
    }
    this.#begin = this.#base + at
    this.#depth = byte === openList || byte === openObject ? 1 : byte === quote ? 0 : -1
    this.#inString = byte === quote
    this.#escaped = false
    return at + 1
  }

  /** Looks for the end of the value, and says where to go on. */
  #continue(bytes: Uint8Array, from: number): number {
    let at = from
    while (at < bytes.length) {
      if (this.#inString) {
        at = this.#string(bytes, at)
        if (!this.#inString && this.#depth === 0) return this.#close(at)
        continue
      }
      const byte = bytes[at]
      if (this.#depth < 0) {
        if (isSpace(byte) || byte === comma || byte === closeList) return this.#close(at)
      } else if (byte === quote) this.#inString = true
      else if (byte === openObject || byte === openList) this.#depth++
      else if ((byte === closeObject || byte === closeList) && --this.#depth === 0) return this.#close(at + 1)
      at++
    }
    return at
  }

  #string(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at]
      if (this.#escaped) this.#escaped = false
      else if (byte === backslash) this.#escaped = true
      else if (byte === quote) {
        this.#inString = false
        return at + 1
      }
    }
    return bytes.length
  }

  #close(at: number): number {
    this.#ended = this.#begin
    this.#begin = -1
    return at
  }
}
