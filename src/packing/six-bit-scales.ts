// Eight scales and eight mins of six bits in twelve bytes, as q4_k and q5_k hold them. Bytes 0 … 3 are the first four scales,
// 4 … 7 the first four mins; the others have their low halves in bytes 8 … 11 and their upper bits atop the first eight.

/** Scale `group` of the twelve bytes at `at`. */
export function scaleOf(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return bytes[at + group] & 63
  return (bytes[at + group + 4] & 15) | ((bytes[at + group - 4] >> 6) << 4)
}

/** Min `group` of the twelve bytes at `at`. */
export function minOf(bytes: Uint8Array, at: number, group: number): number {
  if (group < 4) return bytes[at + group + 4] & 63
  return (bytes[at + group + 4] >> 4) | ((bytes[at + group] >> 6) << 4)
}

/** Writes eight scales and mins, each 0 … 63, as twelve bytes at `at`. */
export function writeScales(bytes: Uint8Array, at: number, scales: Uint8Array, mins: Uint8Array): void {
  for (let group = 0; group < 4; group++) {
    bytes[at + group] = scales[group] | ((scales[group + 4] >> 4) << 6)
    bytes[at + group + 4] = mins[group] | ((mins[group + 4] >> 4) << 6)
    bytes[at + group + 8] = (scales[group + 4] & 15) | ((mins[group + 4] & 15) << 4)
  }
}
