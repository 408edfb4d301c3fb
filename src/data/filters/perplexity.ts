import { ConfigError } from '../../base/index.ts'
import { bandOf, type NgramModel, type PerplexityBand, type PerplexityBands, sampleOf } from '../language/index.ts'
import type { Filter, Verdict } from './filter.ts'
import { requireRange } from './options.ts'

export interface PerplexityOptions {
  readonly model: NgramModel
  /** The language of the model: documents in others stay as they are. Without it all documents are judged. */
  readonly language?: string
  /** Where bands end, of `perplexityBands`. */
  readonly bands?: PerplexityBands
  /** Bands that stay; all by default. */
  readonly keep?: readonly PerplexityBand[]
  /** The highest perplexity that stays. */
  readonly most?: number
  /** The lowest perplexity that stays: machine-made lists are foreseen all too well. */
  readonly least?: number
  /** Code units that are looked at; 300 by default where the model counts words, 150 where it counts characters. */
  readonly characters?: number
}

/**
 * Says how well a model of n-grams foresees a document: `perplexity`, and `perplexityBand` where there are bands; leaves
 * out what is outside of the bands and limits that are asked for. It looks at a sample of the document. Documents without
 * a word stay as they are.
 *
 * @throws ConfigError for `keep` without `bands`, or limits below 1
 * Source: Wenzek et al. 2019, "CCNet", §4.
 *
 * @example
 * const counts = new NgramCounts({ unit: 'word', order: 2 })
 * counts.add('the cat sat on the mat')
 * const filter = perplexity({ model: counts.model(), most: 4 })
 * filter.judge(new Draft({ id: 'a', text: 'mat cat on sat', source: 's', meta: {} })).drop // 'perplexity too high'
 */
export function perplexity(options: PerplexityOptions): Filter {
  const { model, language, bands, keep, most = Number.POSITIVE_INFINITY, least = 1 } = options
  const { characters = model.unit === 'word' ? 300 : 150 } = options
  requireRange('perplexity', { most, least }, 1)
  requireRange('perplexity', { characters }, 30)
  if (keep !== undefined && bands === undefined) {
    throw new ConfigError('perplexity: keep names bands, so bands must be given: perplexityBands of a sample')
  }
  return {
    name: language === undefined ? 'perplexity' : `perplexity-${language}`,
    settings: {
      model: model.fingerprint(),
      language: language ?? null,
      bands: bands ? { head: bands.head, middle: bands.middle } : null,
      keep: keep ? [...keep].sort() : null,
      most: Number.isFinite(most) ? most : null,
      least,
      characters,
    },
    judge(draft): Verdict {
      if (language !== undefined && draft.language !== language) return
      const found = model.perplexity(sampleOf(draft.text, characters))
      if (found === undefined) return
      const figure = Number(found.toPrecision(4))
      if (found > most) return { drop: 'perplexity too high', why: `${figure}; at most ${most} is asked for` }
      if (found < least) return { drop: 'perplexity too low', why: `${figure}; at least ${least} is asked for` }
      if (bands === undefined) return { meta: { perplexity: figure } }
      const band = bandOf(found, bands)
      if (keep !== undefined && !keep.includes(band)) {
        return { drop: `perplexity in the ${band}`, why: `${figure}; kept are ${keep.join(' and ')}` }
      }
      return { meta: { perplexity: figure, perplexityBand: band } }
    },
  }
}
