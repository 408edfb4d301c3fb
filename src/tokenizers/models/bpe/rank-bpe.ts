import type { BpeModel } from './bpe-options.ts'
import { byteBpe } from './byte-bpe.ts'
import { ByteBuffer } from './byte-buffer.ts'
import { modelJson } from './model-json.ts'
import { PairRanks } from './pair-ranks.ts'
import type { TokenBytes } from './token-bytes.ts'

/**
 * Byte-level BPE by tiktoken's rule: a piece that is a token becomes it; otherwise any two neighbours whose bytes
 * together are a token merge to it, the one with the lowest id first.
 *
 * @throws ConfigError when a byte has no token
 */
export function rankBpe(tokens: TokenBytes): BpeModel {
  return byteBpe({
    tokens,
    pairs: PairRanks.ofBytes(tokens),
    names: new Map(),
    wholeFirst: true,
    merges: () => allSplits(tokens),
    json: modelJson({ ignoreMerges: true }),
  })
}

/** Every way to make each token of two, for formats that list merges; those of older tokens come first. */
function* allSplits(tokens: TokenBytes): Generator<[left: number, right: number]> {
  const buffer = new ByteBuffer(256)
  for (let id = 0; id < tokens.size; id++) {
    const bytes = tokens.bytesOf(id)
    if (bytes === undefined) continue
    if (buffer.size < bytes.length) buffer.resize(2 * bytes.length)
    buffer.bytes.set(bytes)
    const splits: [number, number][] = []
    for (let at = 1; at < bytes.length; at++) {
      const left = tokens.find(buffer.view, 0, at)
      const right = left < 0 ? -1 : tokens.find(buffer.view, at, bytes.length)
      if (right >= 0) splits.push([left, right])
    }
    yield* splits.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  }
}
