/**
 * Text of tokens that are bytes, one after the other. Most tokens are whole characters, and are remembered as text; a
 * decoder of UTF-8 is asked only while a character is open.
 */
export interface ByteTexts {
  /** Begins a text: gives the characters that each token completes, and in the end U+FFFD for one that is not. */
  begin(): { push(id: number): string; end(): string }
}

export function byteTexts(bytesOf: (id: number) => Uint8Array): ByteTexts {
  const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })
  /** By id; null for tokens that are not whole characters. */
  const known: (string | null)[] = []

  function wholeText(id: number): string | null {
    try {
      return strict.decode(bytesOf(id) as Uint8Array<ArrayBuffer>)
    } catch (error) {
      if (error instanceof TypeError) return null
      throw error
    }
  }

  return {
    begin() {
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
      let isOpen = false
      let tail: number[] = []
      return {
        push(id) {
          const whole = known[id] === undefined ? (known[id] = wholeText(id)) : known[id]
          if (!isOpen && whole !== null) return whole
          const bytes = bytesOf(id)
          // Three are as many as a character can have without being over.
          tail = [...tail, ...bytes.subarray(-3)].slice(-3)
          isOpen = mayBeOpen(tail)
          return decoder.decode(bytes as Uint8Array<ArrayBuffer>, { stream: true })
        },
        end: () => decoder.decode(),
      }
    },
  }
}

/** Whether the last bytes of a text can be the beginning of a character. */
function mayBeOpen(tail: readonly number[]): boolean {
  for (let k = 1; k <= tail.length; k++) {
    const byte = tail[tail.length - k]
    if (byte < 0x80) return false
    if (byte >= 0xc0) return k < (byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4)
  }
  return false
}
