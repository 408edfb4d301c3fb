import { DataError } from '../base/index.ts'
import { type AddedToken, addedTokensWithIds } from './added-tokens.ts'
import { tokenDecoding } from './decode-tokens.ts'
import { textEncoding } from './encode-text.ts'
import { type Encoding, joinedEncodings } from './encoding.ts'
import { writeTokenizerJson } from './files/write-tokenizer-json.ts'
import { withOffsetsIn } from './offset-units.ts'
import { paddedEncodings } from './padding.ts'
import { segmenter } from './segments.ts'
import { specialRefuser } from './special-text.ts'
import type { ByteEncoder } from './stages.ts'
import type { EncodeOptions, EncodingOptions, StreamEncoder, Tokenizer, TokenizerParts } from './tokenizer.ts'
import { truncatedEncodings } from './truncation.ts'

/** Memory that was made for more bytes is not kept for the next text. */
const mostSpared = 1 << 20

/**
 * A tokenizer of its parts.
 *
 * Text goes past all strings, as bytes, where the pre-tokenizer has a scanner and the model is over bytes; ids are the
 * same either way.
 *
 * @throws ConfigError for added tokens without content, that come twice, or whose ids are taken
 *
 * @example
 * const { model, preTokenizer } = bpe({ merges: [[71, 72]] }).parts
 * const t = tokenizer({ model, preTokenizer, decoder: byteLevelDecoder(), addedTokens: [{ content: '<|end|>', special: true }] })
 * t.encode('hi<|end|>', { allowSpecials: true }) // [256, 257]
 */
export function tokenizer(parts: TokenizerParts): Tokenizer {
  const { model, normalizer, postProcessor, decoder } = parts
  const added = addedTokensWithIds(parts.addedTokens ?? [], model)
  const byId = new Map(added.map((token) => [token.id, token]))
  const byContent = new Map(added.map((token) => [token.content, token]))
  const specials = new Map(added.flatMap(({ special, content, id }) => (special ? [[content, id] as const] : [])))
  const vocabSize = added.reduce((size, { id }) => Math.max(size, id + 1), model.vocabSize)

  /** Tokens that are found in normalized text are decoded as what was found. */
  const normalizedSpelling = ({ content, normalized }: AddedToken) =>
    normalized && normalizer ? normalizer.normalize(content) : content
  const spellings = new Map(added.map((token) => [token.id, normalizedSpelling(token)]))
  const spellingOf = (id: number) => spellings.get(id) ?? model.tokenOf(id)
  const decoding = tokenDecoding(decoder, {
    vocabSize,
    spellingOf,
    isSpecial: (id) => specials.has(spellingOf(id)!),
  })

  const cut = segmenter(added, normalizer, { normalizedSpelling })
  const encoding = textEncoding(parts, cut)

  const refuseSpecials = specialRefuser(specials)

  function encode(text: string, options: EncodeOptions = {}): Uint32Array {
    if (options.addSpecials || options.pair !== undefined) {
      return processed(text, { ...options, truncation: false, padding: false }).ids
    }
    if (options.specialText === 'refuse') refuseSpecials(text, options.allowSpecials)
    return encoding.ids(text, options.allowSpecials)
  }

  /** All but padding. */
  function processed(text: string, options: EncodingOptions): Encoding {
    const { allowSpecials: allowed, addSpecials = false, offsets: unit = 'codeUnits' } = options
    const { pair, truncation = parts.truncation } = options
    const texts = pair === undefined ? [text] : [text, pair]
    if (options.specialText === 'refuse') for (const each of texts) refuseSpecials(each, allowed)
    const whole = texts.map((each, i) => encoding.encoding(each, { allowed, sequence: i === 0 ? 0 : 1 }))
    const room = addSpecials && postProcessor ? postProcessor.addedTokens(pair !== undefined) : 0
    const cutToLength = truncation ? truncatedEncodings(whole, truncation, room) : whole
    const all = joinedEncodings(postProcessor?.process(cutToLength, addSpecials) ?? cutToLength)
    return withOffsetsIn(
      unit,
      all,
      texts.map((each) => each.toWellFormed()),
    )
  }

  function encodings(texts: Parameters<Tokenizer['encodings']>[0], options: EncodingOptions = {}): Encoding[] {
    const padding = options.padding ?? parts.padding
    const all = texts.map((each) =>
      typeof each === 'string' ? processed(each, options) : processed(each[0], { ...options, pair: each[1] }),
    )
    return padding ? paddedEncodings(all, padding) : all
  }

  /** Documents come by the million, so its memory is used again; long ones would make it keep much. */
  let spare: ByteEncoder | undefined

  function encodeBytes(bytes: Uint8Array): Uint32Array {
    const encoder = spare ?? (cut.leavesAll ? encoding.byteEncoder() : undefined)
    if (encoder !== undefined) {
      spare = bytes.length > mostSpared ? undefined : encoder
      encoder.pushBytes(bytes)
      return encoder.end()
    }
    try {
      return encode(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      throw new DataError('encodeBytes: the bytes are not UTF-8, and this tokenizer is not over bytes', {
        cause: error,
      })
    }
  }

  function encoder(): StreamEncoder {
    const bytes = cut.leavesAll ? encoding.byteEncoder() : undefined
    if (bytes !== undefined) {
      return {
        push(text) {
          bytes.pushText(text)
          return bytes.take()
        },
        end: () => bytes.end(),
      }
    }
    // A normalizer, or a token that is added, can look at any amount of text.
    let kept: string[] = []
    return {
      push(text) {
        kept.push(text)
        return new Uint32Array()
      },
      end() {
        const text = kept.join('')
        kept = []
        return encoding.ids(text)
      },
    }
  }

  let definition: string | undefined
  const made: Tokenizer = {
    parts: { ...parts, addedTokens: added },
    vocabSize,
    specials,
    idOf: (token) => byContent.get(token)?.id ?? model.idOf(token),
    tokenOf: (id) => byId.get(id)?.content ?? model.tokenOf(id),
    encode,
    encodeBytes,
    encoding: (text, options = {}) => encodings([options.pair === undefined ? text : [text, options.pair]], options)[0],
    encodings,
    encoder,
    ...decoding,
    definition: () => (definition ??= writeTokenizerJson(made)),
  }
  return made
}
