import { newText } from './text.ts'
import type { TextEngine } from './text-engine.ts'

export interface EmbedOptions {
  /** The features of the last token, or the mean over all; the mean when not given. */
  readonly pool?: 'mean' | 'last'
  readonly priority?: number
}

/** The features of a text `[C]`, from the model's last layer. */
export function embedding(
  ids: ArrayLike<number>,
  { pool = 'mean', priority }: EmbedOptions,
  engine: TextEngine,
): Promise<Float32Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Float32Array>()
  const text = newText(ids, { wanted: 'features', priority })
  let sums = new Float64Array(0)
  engine.add({
    text,
    answer(row, position) {
      // A text that lost its pages begins anew.
      if (position === 0) sums = new Float64Array(row.length)
      for (let i = 0; i < row.length; i++) sums[i] += row[i]
      if (position < ids.length - 1) return
      engine.end(text)
      resolve(pool === 'last' ? row.slice() : Float32Array.from(sums, (sum) => sum / ids.length))
    },
    fail: reject,
  })
  return promise
}
