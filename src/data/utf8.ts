/** Decodes UTF-8 that arrives in parts, and counts what had to be replaced. */
export interface Utf8Decoder {
  /** The text of these bytes; an incomplete character at their end waits for the next. */
  push(bytes: Uint8Array): string
  end(): string
  /** Bytes that were no UTF-8 so far; they became U+FFFD. */
  replacedBytes(): number
}

/**
 * A byte order mark at the very beginning is left out.
 *
 * @example
 * const decoder = utf8Decoder()
 * decoder.push(Uint8Array.of(0xd2)) // ''; half of a letter
 * decoder.push(Uint8Array.of(0x9b)) // 'қ'
 */
export function utf8Decoder(): Utf8Decoder {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const lenient = new TextDecoder('utf-8', { ignoreBOM: true })
  let kept = new Uint8Array(0)
  let replaced = 0
  let atStart = true

  function decode(bytes: Uint8Array): string {
    if (bytes.length === 0) return ''
    const whole = bytes as Uint8Array<ArrayBuffer>
    let text: string
    try {
      text = strict.decode(whole)
    } catch {
      replaced += invalidUtf8Bytes(whole)
      text = lenient.decode(whole)
    }
    const unmarked = atStart && text.startsWith('\ufeff') ? text.slice(1) : text
    atStart = false
    return unmarked
  }

  return {
    push(bytes) {
      const joined = new Uint8Array(kept.length + bytes.length)
      joined.set(kept)
      joined.set(bytes, kept.length)
      const end = joined.length - incompleteAtEnd(joined)
      kept = joined.slice(end)
      return decode(joined.subarray(0, end))
    },
    end() {
      const rest = kept
      kept = new Uint8Array(0)
      return decode(rest)
    },
    replacedBytes: () => replaced,
  }
}

/** How many bytes at the end begin a character whose other bytes are not there: 0 to 3. */
function incompleteAtEnd(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const at = bytes.length - back
    const byte = bytes[at]
    if (byte < 0x80) return 0
    if (byte < 0xc0) continue
    return sequence(bytes, at).missing ? back : 0
  }
  return 0
}

/**
 * How many bytes do not belong to a character, when the bytes are all there are.
 *
 * @example
 * invalidUtf8Bytes(Uint8Array.of(104, 0xff)) // 1
 */
export function invalidUtf8Bytes(bytes: Uint8Array): number {
  let invalid = 0
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] < 0x80) {
      at++
      continue
    }
    const { length, valid } = sequence(bytes, at)
    if (!valid) invalid += length
    at += length
  }
  return invalid
}

/**
 * The sequence that begins with the byte at `at`, which is not ASCII: a character, or the longest beginning of one (what
 * one U+FFFD stands for). Source: the Unicode Standard, section 3.9, table 3-7.
 */
function sequence(bytes: Uint8Array, at: number): { length: number; valid: boolean; missing: boolean } {
  const lead = bytes[at]
  const size = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1
  if (size === 1) return { length: 1, valid: false, missing: false }
  let low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
  let high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
  let length = 1
  while (length < size && at + length < bytes.length) {
    const byte = bytes[at + length]
    if (byte < low || byte > high) return { length, valid: false, missing: false }
    low = 0x80
    high = 0xbf
    length++
  }
  return { length, valid: length === size, missing: length < size }
}
