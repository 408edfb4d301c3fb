import type { Decoder } from '../stages.ts'

/** The byte that a token such as `<0x0A>` stands for. */
export function byteOfFallback(token: string): number | undefined {
  return /^<0x[+\da-f][\da-f]>$/i.test(token) ? Number.parseInt(token.slice(3, 5), 16) : undefined
}

/**
 * Decodes tokens that stand for single bytes, such as `<0x0A>`. A run of them that is not UTF-8 becomes a U+FFFD for each,
 * so a run comes out when it has ended.
 *
 * @example
 * decodedText(byteFallbackDecoder(), ['a', '<0xD2>', '<0x9B>', '<0xD2>']) // 'a\ufffd\ufffd\ufffd'
 */
export function byteFallbackDecoder(): Decoder {
  return {
    json: { type: 'ByteFallback' },
    begin(emit) {
      let begun = ''
      let bytes: number[] = []
      const endRun = () => {
        if (bytes.length === 0) return
        const run = Uint8Array.from(bytes)
        bytes = []
        let text: string | undefined
        try {
          text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(run)
        } catch {}
        if (text !== undefined) emit(text, true)
        else for (let i = 0; i < run.length; i++) emit('\ufffd', true)
      }
      return {
        push(part, closes) {
          begun += part
          if (!closes) return
          const token = begun
          begun = ''
          const byte = byteOfFallback(token)
          if (byte !== undefined) bytes.push(byte)
          else {
            endRun()
            emit(token, true)
          }
        },
        end: endRun,
      }
    },
  }
}
