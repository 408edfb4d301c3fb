import { ConfigError, philox } from '../../base/index.ts'
import type { QualityModel } from '../language/index.ts'
import type { Draft, Filter } from './filter.ts'
import { requireRange } from './options.ts'

export interface QualityFilterOptions {
  readonly model: QualityModel
  /** The language of the model: documents in others stay as they are. Without it all documents are judged. */
  readonly language?: string
  /** The least probability of being good that stays. */
  readonly threshold?: number
  /**
   * Instead of a threshold: documents are drawn, the likelier the better they are, by a Pareto distribution with this
   * shape; GPT-3 took 9. A document of quality q stays with probability (2 − q)^−shape.
   */
  readonly pareto?: number
  /** Of the draw; 1 by default. */
  readonly seed?: number
}

/**
 * Says how likely a document is a good one: `quality`, from 0 to 1; leaves out those below the threshold, or those that
 * are not drawn. The draw depends on id and seed alone.
 *
 * @throws ConfigError unless there is either a threshold from 0 to 1 or a shape above 0
 * Source: Brown et al. 2020, "Language Models are Few-Shot Learners", appendix A.
 *
 * @example
 * const trainer = new QualityTrainer({ bits: 12 })
 * for (let i = 0; i < 20; i++) trainer.add(`a story about ${i} cats`, true).add(`${i} buy now cheap cheap`, false)
 * const filter = quality({ model: trainer.train(), threshold: 0.5 })
 * filter.judge(new Draft({ id: 'a', text: 'buy cheap', source: 's', meta: {} })).drop // 'low quality'
 */
export function quality({ model, language, threshold, pareto, seed = 1 }: QualityFilterOptions): Filter {
  if ((threshold === undefined) === (pareto === undefined)) {
    throw new ConfigError('quality: expected either a threshold or the shape of a Pareto distribution')
  }
  if (threshold !== undefined) requireRange('quality', { threshold }, 0, 1)
  if (pareto !== undefined) requireRange('quality', { pareto }, Number.MIN_VALUE, 1000)
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new ConfigError(`quality: seed is ${seed}, expected a whole number from 0 on`)
  const settings = { model: model.fingerprint(), language: language ?? null }
  return {
    name: language === undefined ? 'quality' : `quality-${language}`,
    settings: threshold === undefined ? { ...settings, pareto: pareto!, seed } : { ...settings, threshold },
    judge(draft) {
      if (language !== undefined && draft.language !== language) return
      const found = model.probability(draft.outline)
      const figure = Math.round(found * 1e4) / 1e4
      if (threshold !== undefined && found < threshold) {
        return { drop: 'low quality', why: `quality ${figure}; at least ${threshold} is asked for` }
      }
      if (pareto !== undefined && (1 - drawn(draft, seed)) ** (-1 / pareto) - 1 <= 1 - found) {
        return { drop: 'not drawn by quality', why: `quality ${figure}` }
      }
      return { meta: { quality: figure } }
    },
  }
}

/** Uniform in [0, 1), by id and seed. */
function drawn({ id }: Draft, seed: number): number {
  let first = 0x811c9dc5 | 0
  let second = id.length
  for (let i = 0; i < id.length; i++) {
    const unit = id.charCodeAt(i)
    first = Math.imul(first ^ unit, 0x01000193)
    second = Math.imul(second, 31) + unit
  }
  const words = new Uint32Array(4)
  philox(seed, Math.floor(seed / 2 ** 32), first, second, 0, 0x9a1170, words)
  return ((words[0] >>> 5) * 0x4000000 + (words[1] >>> 6)) / 0x20000000000000
}
