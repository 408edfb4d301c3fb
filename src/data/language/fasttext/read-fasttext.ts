import { fingerprintOf } from '../fingerprint.ts'
import { readArguments } from './arguments.ts'
import { Cursor } from './cursor.ts'
import { type Rows, readDictionary } from './dictionary.ts'
import { readDense, readQuantized } from './matrix.ts'
import { outputOf } from './output.ts'

export interface Prediction {
  /** Without `__label__`. */
  readonly label: string
  /** From 0 to 1; like fastText's own, each carries an addend of up to 10⁻⁵. */
  readonly probability: number
}

/** A model that gives labels to texts. */
export interface FastText {
  /** What errors and settings call it. */
  readonly name: string
  readonly labels: readonly string[]
  /** Width of its vectors. */
  readonly width: number
  /** Tells models apart. */
  readonly fingerprint: string
  /**
   * The labels of a text with the highest probabilities, highest first. Line ends count as spaces. Empty where the model
   * knows nothing of the text.
   *
   * Cost: linear in the text, some 60 µs for 300 characters where words have parts.
   */
  predict(text: string, most?: number): Prediction[]
}

/**
 * Reads a supervised model of fastText, whole (`.bin`) or compressed (`.ftz`), of version 11 or 12. Predictions are
 * those of `fasttext predict-prob`. Memory: about that of the file.
 *
 * @param name what errors call the file
 * @throws FormatError with the place, when the bytes are not such a model
 * Source: Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification"; compressed: Joulin et al. 2016,
 * "FastText.zip". The format is that of fastText 0.9.
 *
 * @example
 * const languageOf = (bytes, text) => readFastText(bytes, 'lid.176.ftz').predict(text)[0].label
 */
export function readFastText(bytes: Uint8Array, name: string): FastText {
  const file = new Cursor(bytes, name)
  const settings = readArguments(file)
  const dictionary = readDictionary(file, settings)
  const compressed = file.flag('whether the input is compressed')
  const inputAt = file.at
  const input = compressed ? readQuantized(file, 'the input') : readDense(file, 'the input')
  const outputCompressed = file.flag('whether the output is compressed') && compressed
  const outputAt = file.at
  const output = outputCompressed ? readQuantized(file, 'the output') : readDense(file, 'the output')
  const { labels } = dictionary
  if (input.width !== settings.width || input.rows !== dictionary.rows) {
    const expected = `${dictionary.rows} × ${settings.width}`
    throw file.wrong(`the input is ${input.rows} × ${input.width}, expected ${expected}`, inputAt)
  }
  if (output.width !== settings.width || output.rows !== labels.length) {
    const expected = `${labels.length} × ${settings.width}`
    throw file.wrong(`the output is ${output.rows} × ${output.width}, expected ${expected}`, outputAt)
  }
  if (file.left > 0) throw file.wrong(`${file.left} bytes follow the model`)

  const probabilitiesOf = outputOf(settings.loss, output, labels)
  const encoder = new TextEncoder()
  const rows: Rows = { values: new Int32Array(1024) }
  const hidden = new Float32Array(settings.width)
  const probabilities = new Float64Array(labels.length)
  return {
    name,
    width: settings.width,
    fingerprint: fingerprintOf([bytes]),
    labels: labels.map((label) => label.name),
    predict(text, most = 1) {
      const count = dictionary.features(encoder.encode(text), rows)
      if (count === 0) return []
      hidden.fill(0)
      for (let i = 0; i < count; i++) input.addRow(rows.values[i], hidden)
      const share = Math.fround(1 / count)
      for (let i = 0; i < hidden.length; i++) hidden[i] *= share
      probabilitiesOf(hidden, probabilities)
      return highest(probabilities, most).map((i) => ({
        label: labels[i].name,
        probability: Math.min(1, probabilities[i]),
      }))
    },
  }
}

/** Places of the highest values, highest first; of equal ones the first. */
function highest(values: Float64Array, count: number): number[] {
  if (count === 1) {
    let best = 0
    for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i
    return [best]
  }
  return Array.from(values.keys())
    .sort((a, b) => values[b] - values[a] || a - b)
    .slice(0, count)
}
