import type { ByteEncoder, Scanner } from '../../stages.ts'
import type { ByteBuffer } from './byte-buffer.ts'
import type { BytePieces } from './byte-pieces.ts'
import { byteWindow } from './byte-window.ts'
import { listed } from './piece-cache.ts'

/** Larger lists of ids do not keep their memory. */
const mostKept = 1 << 20

/** Encodes text and UTF-8 where a scanner cuts it. */
export function byteEncoder(pieces: BytePieces, scanner: Scanner): ByteEncoder {
  let out = new Uint32Array(1 << 10)
  let length = 0

  function makeRoom(count: number): void {
    if (length + count <= out.length) return
    const larger = new Uint32Array(Math.max(length + count, 2 * out.length))
    larger.set(out.subarray(0, length))
    out = larger
  }

  function scan({ bytes, view }: ByteBuffer, filled: number, last: boolean): number {
    // A byte makes one token at most.
    makeRoom(filled)
    const ids = out
    const { cache } = pieces
    let count = length
    let at = 0
    while (at < filled) {
      const end = scanner.end(bytes, at, filled, last)
      if (end < 0) break
      const value = pieces.value(bytes, view, at, end)
      at = end
      if (value < 0) {
        for (let i = 0; i < pieces.count; i++) ids[count++] = pieces.ids[i]
      } else if (value < listed) {
        ids[count++] = value
      } else {
        const { lists } = cache
        const start = value - listed + 1
        const stop = start + lists[start - 1]
        for (let i = start; i < stop; i++) ids[count++] = lists[i]
      }
    }
    length = count
    return at
  }
  const window = byteWindow(scan)

  function taken(): Uint32Array {
    const ids = out.slice(0, length)
    length = 0
    if (out.length > mostKept) out = new Uint32Array(1 << 10)
    return ids
  }

  return {
    pushText: window.pushText,
    pushBytes: window.pushBytes,
    pushId(id) {
      window.end()
      makeRoom(1)
      out[length++] = id
    },
    take() {
      window.scan()
      return taken()
    },
    end() {
      window.end()
      return taken()
    },
  }
}
