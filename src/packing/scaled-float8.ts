import type { Codec } from './codec.ts'
import { absoluteMaximum } from './extremes.ts'
import { readFloat, writeFloat } from './float.ts'
import { e4m3, e5m2, type Float8 } from './float8.ts'

/** A row as f32 factor and floats of eight bits: the greatest magnitude becomes the greatest finite code. */
const scaled = ({ values: numbers, greatest, encode }: Float8): Codec => ({
  pack(values, into) {
    const factor = writeFloat(into, 0, absoluteMaximum(values, 0, values.length) / greatest)
    for (let i = 0; i < values.length; i++) into[4 + i] = factor === 0 ? 0 : encode(values[i] / factor)
  },
  unpack(bytes, into) {
    const factor = readFloat(bytes, 0)
    for (let i = 0; i < into.length; i++) into[i] = factor * numbers[bytes[4 + i]]
  },
})

export const f8e4m3 = scaled(e4m3)
export const f8e5m2 = scaled(e5m2)
