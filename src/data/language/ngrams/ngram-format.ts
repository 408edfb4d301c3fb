import { FormatError } from '../../../base/index.ts'
import { NgramModel } from './ngram-model.ts'
import { WeightTable } from './weight-table.ts'

// Little-endian: `ALPNGRAM`, u32 version, u32 unit (0 words, 1 characters), u32 order, u32 vocabulary, f64 rest; for each
// order u32 entries; then for each order its entries: i32 hash, f32 share, f32 rest.

const magic = 'ALPNGRAM'
const version = 1
const headBytes = 32
const entryBytes = 12

/**
 * The model as bytes, for {@link readNgramModel}: 12 for each n-gram.
 *
 * @example
 * const counts = new NgramCounts({ unit: 'word', order: 2 })
 * counts.add('the cat sat on the mat')
 * const model = counts.model()
 * readNgramModel(writeNgramModel(model), 'model').perplexity('the cat') === model.perplexity('the cat') // true
 */
export function writeNgramModel(model: NgramModel): Uint8Array {
  const entries = model.tables.reduce((sum, table) => sum + table.size, 0)
  const bytes = new Uint8Array(headBytes + 4 * model.order + entryBytes * entries)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < magic.length; i++) bytes[i] = magic.charCodeAt(i)
  view.setUint32(8, version, true)
  view.setUint32(12, model.unit === 'word' ? 0 : 1, true)
  view.setUint32(16, model.order, true)
  view.setUint32(20, model.vocabulary, true)
  view.setFloat64(24, model.rest, true)
  for (const [i, table] of model.tables.entries()) view.setUint32(headBytes + 4 * i, table.size, true)
  let at = headBytes + 4 * model.order
  for (const table of model.tables) {
    table.forEach((hash, { share, rest }) => {
      view.setInt32(at, hash, true)
      view.setFloat32(at + 4, share, true)
      view.setFloat32(at + 8, rest, true)
      at += entryBytes
    })
  }
  return bytes
}

/**
 * The model that {@link writeNgramModel} wrote.
 *
 * @param name what errors call the bytes
 * @throws FormatError with the place, when they are no such model
 *
 * @example
 * const counts = new NgramCounts({ unit: 'word', order: 2 })
 * counts.add('the cat sat on the mat')
 * const model = counts.model()
 * readNgramModel(writeNgramModel(model), 'model').perplexity('the cat') === model.perplexity('the cat') // true
 */
export function readNgramModel(bytes: Uint8Array, name: string): NgramModel {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const wrong = (at: number, what: string) => new FormatError(`${name}: byte ${at}: ${what}`)
  if (bytes.length < headBytes) throw wrong(bytes.length, `a model of n-grams has at least ${headBytes} bytes`)
  for (let i = 0; i < magic.length; i++) {
    if (bytes[i] !== magic.charCodeAt(i)) throw wrong(i, `no model of n-grams: it would begin with ${magic}`)
  }
  const found = view.getUint32(8, true)
  if (found !== version) throw wrong(8, `version ${found}, expected ${version}`)
  const unit = view.getUint32(12, true)
  if (unit > 1) throw wrong(12, `unit ${unit}, expected 0 (words) or 1 (characters)`)
  const order = view.getUint32(16, true)
  if (order < 1 || order > 8 || bytes.length < headBytes + 4 * order) throw wrong(16, `order ${order}, expected 1 to 8`)
  const vocabulary = view.getUint32(20, true)
  const rest = view.getFloat64(24, true)
  // Nothing is certain: every unit must be possible.
  if (!(rest > 0 && rest <= 1)) throw wrong(24, `a share of ${rest}, expected more than 0 and at most 1`)
  const sizes = Array.from({ length: order }, (_, i) => view.getUint32(headBytes + 4 * i, true))
  let at = headBytes + 4 * order
  const expected = at + entryBytes * sizes.reduce((sum, size) => sum + size, 0)
  if (bytes.length !== expected) throw wrong(headBytes, `expected ${expected} bytes, got ${bytes.length}`)
  const tables = sizes.map((size) => {
    const table = new WeightTable(size)
    for (let i = 0; i < size; i++, at += entryBytes) {
      const share = view.getFloat32(at + 4, true)
      const left = view.getFloat32(at + 8, true)
      if (!(share >= 0 && share <= 1)) throw wrong(at + 4, `a share of ${share}, expected 0 to 1`)
      if (!(left > 0 && left <= 1)) throw wrong(at + 8, `a share of ${left}, expected more than 0 and at most 1`)
      if (!table.set(view.getInt32(at, true), { share, rest: left })) {
        throw wrong(at, 'an n-gram that is there already, or hashes that are not random')
      }
    }
    return table
  })
  return new NgramModel({ unit: unit === 0 ? 'word' : 'character', vocabulary, rest, tables })
}
