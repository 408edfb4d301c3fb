import { type AlignedText, alignedText } from './aligned-text.ts'
import type { Encoding } from './encoding.ts'
import { codePointsOf } from './offset-units.ts'
import type { AllowedSpecials, Segment, Segmenter } from './segments.ts'
import type { ByteEncoder } from './stages.ts'
import { TokenList } from './token-list.ts'
import type { TokenizerParts } from './tokenizer.ts'

/** From text to tokens, without what the post-processor does. */
export interface TextEncoding {
  ids(text: string, allowed?: AllowedSpecials): Uint32Array
  /** With offsets in code points, in which post-processors count. */
  encoding(text: string, options: { allowed: AllowedSpecials; sequence: 0 | 1 }): Encoding
  /** An encoder over bytes, where the pre-tokenizer has a scanner and the model takes bytes. */
  byteEncoder(): ByteEncoder | undefined
}

export function textEncoding(
  { normalizer, preTokenizer, model }: Pick<TokenizerParts, 'normalizer' | 'preTokenizer' | 'model'>,
  { segments }: Segmenter,
): TextEncoding {
  const byteEncoder = () => preTokenizer?.scanner && model.byteEncoder?.(preTokenizer.scanner)
  let fast: ByteEncoder | undefined
  /** Whether a piece comes from the first character can be told, once a normalizer was there, only by its origin. */
  const tracked = normalizer !== undefined && JSON.stringify(preTokenizer?.json ?? null).includes('"first"')

  const pieces = (text: AlignedText) => preTokenizer?.split(text) ?? [text]

  function generalIds(parts: readonly Segment[], expected: number): Uint32Array {
    const out = new TokenList({ tracked: false, expected })
    for (const { text, token } of parts) {
      if (token !== undefined) out.push(token.id, 0, 0)
      else for (const piece of pieces(text)) model.encode(piece.text, out)
    }
    return out.take()
  }

  function fastIds(encoder: ByteEncoder, parts: readonly Segment[]): Uint32Array {
    for (const { text, token } of parts) {
      if (token === undefined) encoder.pushText(text.text)
      else encoder.pushId(token.id)
    }
    return encoder.end()
  }

  return {
    byteEncoder,
    ids(text, allowed) {
      const parts = segments(alignedText(text, tracked || typeof allowed === 'function'), allowed)
      const encoder = fast ?? byteEncoder()
      if (encoder === undefined) return generalIds(parts, text.length >> 2)
      // What was pushed would be left in it after an error.
      fast = undefined
      const ids = fastIds(encoder, parts)
      fast = encoder
      return ids
    },
    encoding(text, { allowed, sequence }) {
      const whole = alignedText(text, true)
      const list = new TokenList({ tracked: true })
      const tokens: string[] = []
      const starts: number[] = []
      const ends: number[] = []
      const words: number[] = []
      let word = 0
      const add = ({ origins }: AlignedText, token: string, start: number, end: number) => {
        tokens.push(token)
        starts.push(origins!.starts[start])
        ends.push(origins!.ends[Math.max(start, end - 1)])
        words.push(word)
      }
      for (const { text: part, token } of segments(whole, allowed)) {
        if (token !== undefined) {
          list.push(token.id, 0, part.text.length)
          add(part, part.text, 0, part.text.length)
          word++
          continue
        }
        for (const piece of pieces(part)) {
          const before = list.length
          model.encode(piece.text, list)
          for (let i = before; i < list.length; i++) {
            const id = list.idAt(i)
            const start = list.spans![2 * i]
            const end = list.spans![2 * i + 1]
            const token = id === model.unspelledId ? piece.text.slice(start, end) : model.tokenOf(id)!
            add(piece, token, start, end)
          }
          word++
        }
      }
      const ids = list.take()
      const convert = codePointsOf(whole.text)
      const n = ids.length
      return {
        ids,
        tokens,
        starts: Uint32Array.from(convert ? starts.map(convert) : starts),
        ends: Uint32Array.from(convert ? ends.map(convert) : ends),
        typeIds: new Uint32Array(n).fill(sequence),
        specialMask: new Uint8Array(n),
        attentionMask: new Uint8Array(n).fill(1),
        words: Int32Array.from(words),
        sequences: new Int8Array(n).fill(sequence),
        overflow: [],
      }
    },
  }
}
