import type { Decoder, Normalizer, StageJson } from '../../stages.ts'

export interface SentencePieceDecoding {
  readonly isControl: (piece: string) => boolean
  /** Pieces of bytes give their byte, others −1. */
  readonly byteOf: (piece: string) => number
  readonly unknownPiece: string
  readonly unknownSurface: string
  readonly addDummyPrefix: boolean
  readonly removeExtraWhitespaces: boolean
  /** The character that stands for a space. */
  readonly space: string
  /** Applied to the whole text in the end. */
  readonly denormalizer?: Normalizer
}

/**
 * Decodes exactly as SentencePiece: control pieces vanish, the unknown piece is shown by its surface, runs of bytes are
 * read as UTF-8 (a U+FFFD for each byte that is none), and the space before everything goes: the first one, or all of
 * them where extra ones were removed.
 */
export function sentencePieceDecoder(settings: SentencePieceDecoding): Decoder {
  const { isControl, byteOf, unknownPiece, unknownSurface, space, denormalizer } = settings
  const { addDummyPrefix, removeExtraWhitespaces } = settings
  const decoders: StageJson[] = [
    { type: 'Replace', pattern: { String: space }, content: ' ' },
    { type: 'ByteFallback' },
    { type: 'Fuse' },
  ]
  if (addDummyPrefix) decoders.push({ type: 'Strip', content: ' ', start: 1, stop: 0 })
  return {
    json: { type: 'Sequence', decoders },
    begin(emit) {
      let begun = ''
      let bytes: number[] = []
      let whole = ''
      let isEmpty = true
      let tookSpace = false
      let atStart = addDummyPrefix || removeExtraWhitespaces

      function put(text: string): void {
        if (text !== '') isEmpty = false
        if (denormalizer !== undefined) whole += text
        else if (text !== '') emit(text, true)
      }
      function putBytes(last: boolean): void {
        while (bytes.length > 0) {
          const length = characterLength(bytes)
          if (length > bytes.length && !last) return
          const valid = length > 0 && length <= bytes.length
          put(
            valid
              ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes.slice(0, length)))
              : '\ufffd',
          )
          bytes = bytes.slice(valid ? length : 1)
        }
      }
      function decoded(piece: string): string {
        tookSpace = false
        if (isControl(piece)) return ''
        if (piece === unknownPiece) return unknownSurface
        let text = piece
        if (atStart && text.startsWith(space)) {
          text = text.slice(space.length)
          tookSpace = !removeExtraWhitespaces
        }
        return text.replaceAll(space, ' ')
      }
      return {
        push(part, closes) {
          begun += part
          if (!closes) return
          const piece = begun
          begun = ''
          const byte = byteOf(piece)
          if (byte >= 0) {
            bytes.push(byte)
            putBytes(false)
            return
          }
          putBytes(true)
          if (tookSpace || !isEmpty) atStart = false
          put(decoded(piece))
        },
        end() {
          putBytes(true)
          if (denormalizer !== undefined) emit(denormalizer.normalize(whole), true)
        },
      }
    },
  }
}

/** How many bytes the character has that these bytes begin, 0 when they begin none. */
function characterLength(bytes: readonly number[]): number {
  const [first, second] = bytes
  if (first < 0x80) return 1
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
  for (let i = 1; i < Math.min(length, bytes.length); i++) if ((bytes[i] & 0xc0) !== 0x80) return 0
  // Written longer than needed, surrogates, and beyond U+10FFFF.
  if (second !== undefined) {
    if (first === 0xe0 && second < 0xa0) return 0
    if (first === 0xed && second >= 0xa0) return 0
    if (first === 0xf0 && second < 0x90) return 0
    if (first === 0xf4 && second >= 0x90) return 0
  }
  return length
}
