import { charactersToBytes } from '../byte-alphabet.ts'
import type { Decoder } from '../stages.ts'

/** The bytes of a token of a byte-level tokenizer: those that its characters stand for, or else its own in UTF-8. */
function bytesOfSpelling(token: string): Uint8Array {
  return charactersToBytes(token) ?? new TextEncoder().encode(token)
}

/**
 * Decodes tokens that are spelled in the byte alphabet; what is not UTF-8 becomes U+FFFD.
 *
 * @example
 * decodedText(byteLevelDecoder(), ['Ò', 'Ľ', 'Ġh']) // 'қ h'
 */
export function byteLevelDecoder(flags: ByteLevelFlags = {}): Decoder {
  return {
    json: byteLevelJson(flags),
    bytesOf: bytesOfSpelling,
    begin(emit) {
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
      let begun = ''
      return {
        push(part, closes) {
          begun += part
          if (!closes) return
          const bytes = bytesOfSpelling(begun) as Uint8Array<ArrayBuffer>
          begun = ''
          emit(decoder.decode(bytes, { stream: true }), false)
        },
        end: () => emit(decoder.decode(), true),
      }
    },
  }
}

/** A tokenizer.json has all three wherever ByteLevel stands, though each place uses only some. */
export interface ByteLevelFlags {
  readonly addPrefixSpace?: boolean
  readonly trimOffsets?: boolean
  readonly useRegex?: boolean
}

/** The entry of a ByteLevel, with the defaults of Hugging Face. */
export function byteLevelJson({ addPrefixSpace = true, trimOffsets = true, useRegex = true }: ByteLevelFlags) {
  return { type: 'ByteLevel', add_prefix_space: addPrefixSpace, trim_offsets: trimOffsets, use_regex: useRegex }
}
