import type { ByteEncoder, Scanner } from '../../stages.ts'
import { ByteBuffer, type BytePieces } from './byte-pieces.ts'
import { listed } from './piece-cache.ts'

/** Text becomes UTF-8 in windows of this many bytes, which stay in the processor's cache. */
const windowSize = 1 << 16

const utf8 = new TextEncoder()

/**
 * Encodes UTF-8 where a scanner cuts it. A piece whose end is not certain yet moves to the front of the window; one that
 * is longer than the window doubles it, so that no byte is scanned more than a few times.
 */
export function byteEncoder(pieces: BytePieces, scanner: Scanner): ByteEncoder {
  const window = new ByteBuffer(windowSize)
  /** Bytes in the window. */
  let filled = 0
  /** Bytes that were there when it was scanned last. */
  let scanned = 0
  /** The first half of a character that ended a text; '' for none. */
  let half = ''
  let out = new Uint32Array(1 << 10)
  let length = 0

  function room(count: number): void {
    if (length + count <= out.length) return
    const larger = new Uint32Array(Math.max(length + count, 2 * out.length))
    larger.set(out.subarray(0, length))
    out = larger
  }

  function scan(last: boolean): void {
    // A byte makes one token at most.
    room(filled)
    const { bytes, view } = window
    const { cache } = pieces
    let at = 0
    while (at < filled) {
      const end = scanner.end(bytes, at, filled, last)
      if (end < 0) break
      const value = pieces.value(bytes, view, at, end)
      if (value >= listed) {
        const { lists } = cache
        const start = value - listed + 1
        const stop = start + lists[start - 1]
        for (let i = start; i < stop; i++) out[length++] = lists[i]
      } else if (value >= 0) {
        out[length++] = value
      } else {
        for (let i = 0; i < pieces.count; i++) out[length++] = pieces.ids[i]
      }
      at = end
    }
    bytes.copyWithin(0, at, filled)
    filled -= at
    scanned = filled
  }

  /** After this, at least `count` bytes fit. */
  function makeRoom(count: number): void {
    if (filled + count <= window.size) return
    if (filled > scanned) scan(false)
    if (filled + count > window.size) window.resize(Math.max(2 * window.size, filled + count))
  }

  function append(text: string): void {
    for (let at = 0; at < text.length; ) {
      makeRoom(Math.min(windowSize >> 1, 3 * (text.length - at)))
      let stop = Math.min(text.length, at + window.size - filled)
      // Not between the halves of a character.
      if (stop < text.length && (text.charCodeAt(stop - 1) & 0xfc00) === 0xd800) stop--
      const part = text.slice(at, stop)
      const { read, written } = utf8.encodeInto(part, window.bytes.subarray(filled, window.size))
      filled += written
      at += read
    }
  }

  function flushHalf(): void {
    if (half !== '') append(half)
    half = ''
  }

  function take(): Uint32Array {
    // What is kept is scanned again only when as much has come after it.
    if (filled >= 2 * scanned) scan(false)
    return taken()
  }

  function taken(): Uint32Array {
    const ids = out.slice(0, length)
    length = 0
    if (out.length > 1 << 16) out = new Uint32Array(1 << 10)
    return ids
  }

  return {
    pushText(text) {
      if (text === '') return
      let whole = text
      if (half !== '') {
        whole = half + text
        half = ''
      }
      if ((whole.charCodeAt(whole.length - 1) & 0xfc00) === 0xd800) {
        half = whole.slice(-1)
        whole = whole.slice(0, -1)
      }
      append(whole)
    },
    pushBytes(bytes) {
      flushHalf()
      for (let at = 0; at < bytes.length; ) {
        makeRoom(Math.min(windowSize >> 1, bytes.length - at))
        const part = bytes.subarray(at, at + window.size - filled)
        window.bytes.set(part, filled)
        filled += part.length
        at += part.length
      }
    },
    pushId(id) {
      flushHalf()
      scan(true)
      room(1)
      out[length++] = id
    },
    take,
    end() {
      flushHalf()
      scan(true)
      if (window.size > windowSize) window.resize(windowSize)
      return taken()
    },
  }
}
