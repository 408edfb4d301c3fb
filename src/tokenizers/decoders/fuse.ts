import type { Decoder } from '../stages.ts'

/**
 * Makes one token of all, for decoders behind it.
 *
 * @example
 * decodedText(decoderSequence([fuseDecoder(), stripDecoder({ content: ' ', start: 1, stop: 0 })]), [' a', ' b']) // 'a b'
 */
export function fuseDecoder(): Decoder {
  return {
    json: { type: 'Fuse' },
    begin: (emit) => ({
      push: (part) => emit(part, false),
      end: () => emit('', true),
    }),
  }
}
