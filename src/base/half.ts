const half = new Float16Array(1)
const bits16 = new Uint16Array(half.buffer)

/** The number that 16 bits of IEEE 754 binary16 stand for. @example fromHalf(0x3c00) // 1 */
export function fromHalf(bits: number): number {
  bits16[0] = bits
  return half[0]
}

/** The 16 bits of the nearest binary16, of two as near the even one; from 65520 on infinity. @example toHalf(1) // 0x3c00 */
export function toHalf(value: number): number {
  half[0] = value
  return bits16[0]
}

/** The binary16 that lies at a place of some bytes, lowest byte first. @example readHalf(Uint8Array.of(9, 0, 0x3c), 1) // 1 */
export function readHalf(bytes: Uint8Array, at: number): number {
  bits16[0] = bytes[at] | (bytes[at + 1] << 8)
  return half[0]
}

/** Writes the nearest binary16, lowest byte first, and returns it. @example writeHalf(new Uint8Array(2), 0, 0.5) // 0.5 */
export function writeHalf(bytes: Uint8Array, at: number, value: number): number {
  half[0] = value
  bytes[at] = bits16[0] & 0xff
  bytes[at + 1] = bits16[0] >>> 8
  return half[0]
}
