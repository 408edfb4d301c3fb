import { DataError } from '../base/index.ts'
import { type ByteTexts, byteTexts } from './decode-bytes.ts'
import { byteOfFallback } from './decoders/byte-fallback.ts'
import { decodedText, eachToken } from './decoders/decoded-text.ts'
import type { Decoder } from './stages.ts'
import type { DecodeOptions, StreamDecoder, Tokenizer } from './tokenizer.ts'

/** What decoding asks of a vocabulary. */
export interface Spellings {
  /** How the decoder gets to know a token; undefined for an id that is not used. */
  spellingOf(id: number): string | undefined
  isSpecial(id: number): boolean
  readonly vocabSize: number
}

/** From ids to text: the decoding half of a tokenizer. */
export function tokenDecoding(
  decoder: Decoder = spaces,
  { spellingOf, isSpecial, vocabSize }: Spellings,
): Pick<Tokenizer, 'decode' | 'stream' | 'bytesOf'> {
  const known: Uint8Array[] = []

  function spelling(id: number): string {
    const token = spellingOf(id)
    if (token === undefined) throw new DataError(`decode: there is no token ${id}; ids are 0 to ${vocabSize - 1}`)
    return token
  }

  const bytesOf = (id: number): Uint8Array => (known[id] ??= bytesOfToken(decoder, spelling(id)))

  const texts = decoder.bytesOf && byteTexts(bytesOf)

  const isLeft = (id: number, options?: DecodeOptions) => !(options?.skipSpecials && isSpecial(id))

  function decode(ids: ArrayLike<number>, options?: DecodeOptions): string {
    const left = options?.skipSpecials ? Array.from(ids).filter((id) => isLeft(id, options)) : ids
    if (texts === undefined) return decodedText(decoder, Array.from(left, spelling))
    const run = texts.begin()
    let text = ''
    for (let i = 0; i < left.length; i++) text += run.push(left[i])
    return text + run.end()
  }

  function byteStream({ begin }: ByteTexts, options?: DecodeOptions): StreamDecoder {
    let run = begin()
    return {
      push: (id) => (isLeft(id, options) ? run.push(id) : ''),
      end() {
        const text = run.end()
        run = begin()
        return text
      },
    }
  }

  function stream(options?: DecodeOptions): StreamDecoder {
    if (texts !== undefined) return byteStream(texts, options)
    let text = ''
    const take = () => {
      const taken = text
      text = ''
      return taken
    }
    const begin = () =>
      decoder.begin((part) => {
        text += part
      })
    let run = begin()
    return {
      push(id) {
        const token = spelling(id)
        if (isLeft(id, options)) run.push(token, true)
        return take()
      },
      end() {
        run.end()
        run = begin()
        return take()
      },
    }
  }
  return { decode, stream, bytesOf }
}

/** Where there is no decoder, spaces part the tokens. */
const spaces: Decoder = {
  json: { type: 'Spaces' },
  begin: (emit) => eachToken(emit, (token, index) => (index === 0 ? token : ` ${token}`)),
}

/** What a token adds to a text when it stands between others. */
function bytesOfToken(decoder: Decoder, token: string): Uint8Array {
  if (decoder.bytesOf) return decoder.bytesOf(token)
  const byte = byteOfFallback(token)
  if (byte !== undefined && decodedText(decoder, ['<0x41>']) === 'A') return Uint8Array.of(byte)
  // A character that decoders leave as it is, on both sides; what comes with it alone is not the token's.
  const other = '\u2060'
  const own = decodedText(decoder, [other, other]).length - 1
  return new TextEncoder().encode(decodedText(decoder, [other, token, other]).slice(1, -own))
}
