const single = new Float32Array(1)
const bytesOfSingle = new Uint8Array(single.buffer)

/** The f32 that lies at any place of some bytes, lowest byte first. */
export function readFloat(bytes: Uint8Array, at: number): number {
  for (let i = 0; i < 4; i++) bytesOfSingle[i] = bytes[at + i]
  return single[0]
}

/** Writes the nearest f32, lowest byte first, and returns it. */
export function writeFloat(bytes: Uint8Array, at: number, value: number): number {
  single[0] = value
  for (let i = 0; i < 4; i++) bytes[at + i] = bytesOfSingle[i]
  return single[0]
}
