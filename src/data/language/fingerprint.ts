/**
 * 64 bits of what a model consists of, as 16 hexadecimal digits: tells models apart in settings of filters. No protection
 * against anybody who looks for collisions. Cost: a nanosecond a byte.
 *
 * @example
 * fingerprintOf([Uint8Array.of(1, 2, 3)]) === fingerprintOf([Uint8Array.of(1, 2), Uint8Array.of(3)]) // false
 */
export function fingerprintOf(parts: Iterable<ArrayBufferView>): string {
  let first = 0x811c9dc5 | 0
  let second = 0x9e3779b9 | 0
  const take = (word: number) => {
    first = Math.imul(first ^ word, 0x01000193)
    first ^= first >>> 15
    second = Math.imul(second + word, 0x85ebca6b)
    second ^= second >>> 13
  }
  for (const part of parts) {
    const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
    let i = 0
    for (; i + 4 <= bytes.length; i += 4) {
      take(bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24))
    }
    for (; i < bytes.length; i++) take(bytes[i])
    take(bytes.length)
  }
  const hex = (word: number) => (word >>> 0).toString(16).padStart(8, '0')
  return hex(first) + hex(second)
}
