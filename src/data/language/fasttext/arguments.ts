import type { Cursor } from './cursor.ts'

/** How the outputs of a model become probabilities. */
export type Loss = 'hierarchical softmax' | 'negative sampling' | 'softmax' | 'one against all'

/** Of the settings of a training those that matter afterwards. */
export interface Arguments {
  /** Width of the vectors. */
  readonly width: number
  /** Most words in a row that are a feature; 1 when only words are. */
  readonly wordNgrams: number
  readonly loss: Loss
  /** Numbers that n-grams are hashed to. */
  readonly buckets: number
  /** Fewest and most characters of a part of a word; no parts when the most is 0. */
  readonly fewest: number
  readonly most: number
}

const magic = 793712314
const losses: readonly (Loss | undefined)[] = [
  undefined,
  'hierarchical softmax',
  'negative sampling',
  'softmax',
  'one against all',
]
const supervised = 3

/** The head of the file. @throws FormatError when it is no supervised model of version 11 or 12 */
export function readArguments(file: Cursor): Arguments {
  const found = file.int32('the magic number')
  if (found !== magic) throw file.wrong(`no fastText model: expected ${magic}, got ${found}`, 0)
  const version = file.int32('the version')
  if (version !== 11 && version !== 12) throw file.wrong(`version ${version}; versions 11 and 12 can be read`, 4)
  const width = file.int32('dim')
  for (const name of ['ws', 'epoch', 'minCount', 'neg']) file.int32(name)
  const wordNgrams = file.int32('wordNgrams')
  const loss = losses[file.int32('loss')]
  const model = file.int32('model')
  const buckets = file.int32('bucket')
  const fewest = file.int32('minn')
  // Models of version 11 that know labels made no parts of words, whatever they say.
  const most = file.int32('maxn') * (version === 11 ? 0 : 1)
  file.int32('lrUpdateRate')
  file.float64('t')
  if (model !== supervised) {
    throw file.wrong(
      model === 1 || model === 2
        ? 'a model of word vectors, which knows no labels: train one with `fasttext supervised`'
        : `model is ${model}, expected ${supervised} (supervised)`,
      36,
    )
  }
  if (loss === undefined) throw file.wrong('loss must be from 1 to 4', 32)
  if (width < 1 || width > 65536) throw file.wrong(`dim is ${width}, expected 1 to 65536`, 8)
  if (wordNgrams < 1 || wordNgrams > 100) throw file.wrong(`wordNgrams is ${wordNgrams}, expected 1 to 100`, 28)
  if (most < 0 || most > 100 || fewest < 0)
    throw file.wrong(`minn is ${fewest} and maxn ${most}, expected 0 to 100`, 44)
  if (buckets < 0 || (buckets === 0 && (most > 0 || wordNgrams > 1))) {
    throw file.wrong(`bucket is ${buckets}, expected more than 0`, 40)
  }
  return { width, wordNgrams, loss, buckets, fewest, most }
}
