/**
 * Writes UTF-16 code units as UTF-8.
 *
 * @param units well formed
 * @param bytes with room for 3 bytes a unit
 * @returns how many bytes were written, from 0
 */
export function writeUtf8(units: Uint16Array, start: number, end: number, bytes: Uint8Array): number {
  let n = 0
  for (let i = start; i < end; i++) {
    let code = units[i]
    if (code < 0x80) {
      bytes[n++] = code
      continue
    }
    if (code < 0x800) {
      bytes[n++] = 0xc0 | (code >> 6)
    } else {
      if ((code & 0xfc00) === 0xd800) {
        code = 0x10000 + ((code & 0x3ff) << 10) + (units[++i] & 0x3ff)
        bytes[n++] = 0xf0 | (code >> 18)
        bytes[n++] = 0x80 | ((code >> 12) & 0x3f)
      } else {
        bytes[n++] = 0xe0 | (code >> 12)
      }
      bytes[n++] = 0x80 | ((code >> 6) & 0x3f)
    }
    bytes[n++] = 0x80 | (code & 0x3f)
  }
  return n
}
