import { ByteBuffer } from './byte-buffer.ts'

/** Text becomes UTF-8 in windows of this many bytes, which stay in the processor's cache. */
const windowSize = 1 << 16
/** A piece that fills the window is scanned again from its start, so the window grows in few steps. */
const growth = 8

const utf8 = new TextEncoder()

/** Takes a text in parts. */
export interface ByteWindow {
  /** Lone surrogates count as U+FFFD; a pair may be cut in two. */
  pushText(text: string): void
  pushBytes(bytes: Uint8Array): void
  /** Scans what has come, unless too little has come since the last time. */
  scan(): void
  /** The text is over; the window is then ready for another. */
  end(): void
}

/**
 * A text as UTF-8 in a window that moves over it. What a scan leaves moves to the front; where it fills the window, this
 * grows, so that no byte is scanned more than a few times.
 *
 * @param scan reads the first `filled` bytes of the window; returns how many are done with, all of them when `last`
 */
export function byteWindow(scan: (window: ByteBuffer, filled: number, last: boolean) => number): ByteWindow {
  const window = new ByteBuffer(windowSize)
  let filled = 0
  /** Bytes that the last scan left. */
  let left = 0
  /** The first half of a character that ended a text; '' for none. */
  let half = ''

  function run(last: boolean): void {
    const done = scan(window, filled, last)
    window.bytes.copyWithin(0, done, filled)
    filled -= done
    left = filled
  }

  /** After this, at least `count` bytes fit. */
  function makeRoom(count: number): void {
    if (filled + count <= window.size) return
    if (filled > left) run(false)
    if (filled + count > window.size) window.resize(Math.max(growth * window.size, filled + count))
  }

  function append(text: string): void {
    for (let at = 0; at < text.length; ) {
      makeRoom(Math.min(windowSize >> 1, 3 * (text.length - at)))
      let stop = Math.min(text.length, at + window.size - filled)
      // Not between the halves of a character.
      if (stop < text.length && (text.charCodeAt(stop - 1) & 0xfc00) === 0xd800) stop--
      const { read, written } = utf8.encodeInto(text.slice(at, stop), window.bytes.subarray(filled, window.size))
      filled += written
      at += read
    }
  }

  function flushHalf(): void {
    if (half !== '') append(half)
    half = ''
  }

  return {
    pushText(text) {
      if (text === '') return
      const whole = half + text
      const cut = (whole.charCodeAt(whole.length - 1) & 0xfc00) === 0xd800 ? whole.length - 1 : whole.length
      half = whole.slice(cut)
      append(cut === whole.length ? whole : whole.slice(0, cut))
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
    scan() {
      if (filled >= 2 * left) run(false)
    },
    end() {
      flushHalf()
      run(true)
      if (window.size > windowSize) window.resize(windowSize)
    },
  }
}
