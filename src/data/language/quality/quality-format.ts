import { FormatError } from '../../../base/index.ts'
import { QualityModel } from './quality-model.ts'

// Little-endian: `ALPQUALI`, u32 version, u32 bits, u32 pairs (0 or 1), u32 characters, f64 bias, f64 a, f64 b, f32 weights.

const magic = 'ALPQUALI'
const version = 1
const headBytes = 48

/**
 * The model as bytes, for {@link readQualityModel}: 4 for each weight.
 *
 * @example
 * const trainer = new QualityTrainer({ bits: 10 })
 * for (let i = 0; i < 20; i++) trainer.add(`a story about ${i} cats`, true).add(`${i} buy now cheap cheap`, false)
 * const model = trainer.train()
 * readQualityModel(writeQualityModel(model), 'model').fingerprint() === model.fingerprint() // true
 */
export function writeQualityModel({ features, weights, bias, calibration }: QualityModel): Uint8Array {
  const bytes = new Uint8Array(headBytes + 4 * weights.length)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < magic.length; i++) bytes[i] = magic.charCodeAt(i)
  view.setUint32(8, version, true)
  view.setUint32(12, features.bits, true)
  view.setUint32(16, features.pairs ? 1 : 0, true)
  view.setUint32(20, features.characters, true)
  for (const [i, value] of [bias, ...calibration].entries()) view.setFloat64(24 + 8 * i, value, true)
  for (const [i, weight] of weights.entries()) view.setFloat32(headBytes + 4 * i, weight, true)
  return bytes
}

/**
 * The model that {@link writeQualityModel} wrote.
 *
 * @param name what errors call the bytes
 * @throws FormatError with the place, when they are no such model
 *
 * @example
 * const trainer = new QualityTrainer({ bits: 10 })
 * for (let i = 0; i < 20; i++) trainer.add(`a story about ${i} cats`, true).add(`${i} buy now cheap cheap`, false)
 * const model = trainer.train()
 * readQualityModel(writeQualityModel(model), 'model').fingerprint() === model.fingerprint() // true
 */
export function readQualityModel(bytes: Uint8Array, name: string): QualityModel {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const wrong = (at: number, what: string) => new FormatError(`${name}: byte ${at}: ${what}`)
  if (bytes.length < headBytes) throw wrong(bytes.length, `a model of quality has at least ${headBytes} bytes`)
  for (let i = 0; i < magic.length; i++) {
    if (bytes[i] !== magic.charCodeAt(i)) throw wrong(i, `no model of quality: it would begin with ${magic}`)
  }
  const [found, bits, pairs, characters] = [8, 12, 16, 20].map((at) => view.getUint32(at, true))
  if (found !== version) throw wrong(8, `version ${found}, expected ${version}`)
  if (bits < 10 || bits > 24) throw wrong(12, `${bits} bits, expected 10 to 24`)
  if (pairs > 1) throw wrong(16, `${pairs}, expected 0 or 1`)
  if (characters > 8) throw wrong(20, `${characters} characters, expected 0 to 8`)
  const expected = headBytes + 4 * 2 ** bits
  if (bytes.length !== expected) throw wrong(12, `expected ${expected} bytes for ${bits} bits, got ${bytes.length}`)
  const number = (at: number, value: number) => {
    if (!Number.isFinite(value)) throw wrong(at, `${value} is no weight`)
    return value
  }
  const [bias, a, b] = [24, 32, 40].map((at) => number(at, view.getFloat64(at, true)))
  const weights = new Float32Array(2 ** bits)
  for (let i = 0, at = headBytes; i < weights.length; i++, at += 4) weights[i] = number(at, view.getFloat32(at, true))
  return new QualityModel({ features: { bits, pairs: pairs === 1, characters }, weights, bias, calibration: [a, b] })
}
