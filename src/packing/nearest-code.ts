const { fround } = Math
const single = new Float32Array(1)
const bits = new Uint32Array(single.buffer)

/**
 * The whole number nearest to an f32, of two as near the even one, found as ggml finds it: by adding 1.5·2²³ and reading the
 * mantissa. Beyond ±2²² that gives other numbers, which a packed row has to be made of too.
 */
export function nearestCode(value: number): number {
  const shifted = fround(value + 0xc00000)
  return shifted >= 0x800000 && shifted < 0x1000000 ? (shifted - 0xc00000) | 0 : mantissaOf(shifted)
}

function mantissaOf(shifted: number): number {
  if (Number.isNaN(shifted)) return 0
  single[0] = shifted
  return (bits[0] & 0x7fffff) - 0x400000
}
