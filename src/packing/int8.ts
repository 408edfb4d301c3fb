import type { Codec } from './codec.ts'
import { absoluteMaximum } from './extremes.ts'
import { readFloat, writeFloat } from './float.ts'
import { nearestEven } from './float8.ts'

/** A row as f32 factor and signed bytes, value = factor·code: the greatest magnitude is ±127, so no value is off by more than factor/2. */
export const int8: Codec = {
  pack(values, into) {
    const factor = writeFloat(into, 0, absoluteMaximum(values, 0, values.length) / 127)
    for (let i = 0; i < values.length; i++) {
      const code = factor === 0 ? 0 : nearestEven(values[i] / factor)
      into[4 + i] = Math.max(-127, Math.min(127, code))
    }
  },
  unpack(bytes, into) {
    const factor = readFloat(bytes, 0)
    for (let i = 0; i < into.length; i++) into[i] = factor * ((bytes[4 + i] << 24) >> 24)
  },
}
