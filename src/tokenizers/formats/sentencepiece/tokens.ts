import { pushBytes } from '../../models/byte-pieces.ts'
import type { TokenList } from '../../token-list.ts'

/** What SentencePiece's models put tokens into: unknown characters become one token, or their bytes. */
export interface TokenSink {
  /** @param id of the token for `text` from `start` up to `end`, or −1 for unknown characters */
  push(id: number, text: string, start: number, end: number, out: TokenList): void
  /** The text is over. */
  end(out: TokenList): void
}

/** @param bytes ids of the pieces of all bytes; without them unknown characters become one token of `unknownId` */
export function tokenSink(unknownId: number, bytes: Int32Array | undefined): TokenSink {
  let unknownStart = -1
  let unknownEnd = -1
  const sink: TokenSink = {
    push(id, text, start, end, out) {
      if (id >= 0 && id !== unknownId) {
        if (unknownStart >= 0) sink.end(out)
        out.push(id, start, end)
      } else if (bytes !== undefined) {
        pushBytes(text.slice(start, end), bytes, start, end, out)
      } else {
        if (unknownStart < 0) unknownStart = start
        unknownEnd = end
      }
    },
    end(out) {
      if (unknownStart >= 0) out.push(unknownId, unknownStart, unknownEnd)
      unknownStart = -1
    },
  }
  return sink
}
