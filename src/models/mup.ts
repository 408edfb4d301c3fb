import { ConfigError } from '../base/index.ts'
import { stateWeights, type WeightSpec } from '../nn/index.ts'
import type { LanguageModel } from './model.ts'
import { initialDeviation } from './settings.ts'

export interface MupOptions {
  /** The width at which learning rate and initial values were found to be good; at it, nothing changes. */
  readonly baseWidth: number
}

/**
 * The same model in the maximal update parametrization: whatever its width, activations and their changes in a step keep the
 * size that they have at `baseWidth`, so the learning rate that is best there is best here.
 *
 * With m = width / baseWidth: hidden matrices begin 1/√m as large, and AdamW and Lion change them by 1/m of the rate; embeddings
 * and vectors stay as they are; logits are divided by m. The division stands in the gain and the bias of the last norm, which
 * begin and are changed 1/m as large: for AdamW that is the same as a factor in front of the output embedding, tied or not,
 * and the checkpoint is an ordinary one of its family. SGD wants rate 1 for hidden matrices, m for the rest and 1/m for the
 * last norm; Muon, whose steps have singular values and not elements of one size, 1/√m for hidden matrices.
 *
 * Keep the width of a head: wider models have more heads. Then 1/√D in the attention is the same constant at every width, as
 * good as 1/D, which a head that grows would need.
 *
 * Source: Yang et al. 2022 (Tensor Programs V), table 8 and appendix B.1, factors moved by lemma J.1; Muon: Yang et al. 2023
 * ("A Spectral Condition for Feature Learning"), §2.
 *
 * @throws ConfigError when the base width is not a whole number above 0, or the model ends without a norm
 *
 * @example
 * const wide = llama({ vocabSize: 256, context: 32, width: 64, layers: 1, heads: 4 })
 * mup(wide, { baseWidth: 16 }).weights['model.norm.weight'].initial // { kind: 'constant', value: 0.25 }
 */
export function mup(model: LanguageModel, { baseWidth }: MupOptions): LanguageModel {
  if (!Number.isInteger(baseWidth) || baseWidth < 1)
    throw new ConfigError(`mup: baseWidth must be a whole number above 0, got ${baseWidth}`)
  const weights = stateWeights(model.weights)
  const head = model.head(weights)
  const width = head.shape[1]
  if (width === baseWidth) return model
  if (!Object.values(model.weights).some(({ role }) => role === 'readout')) {
    throw new ConfigError(
      `mup: a model of the family ${model.family} ends without a norm, so there is nothing to scale its logits with`,
    )
  }
  // An output embedding begins as it does at the base width.
  const initial = { kind: 'normal', deviation: initialDeviation(model.vocabSize, baseWidth) } as const
  const specs = Object.entries(model.weights).map(([name, spec]) => {
    const atBase = weights[name] === head ? { ...spec, initial } : spec
    return [name, atWidth(atBase, width / baseWidth)] as const
  })
  return { ...model, weights: Object.fromEntries(specs) }
}

/** A weight of the base width as it is at m times that. */
function atWidth(spec: WeightSpec, m: number): WeightSpec {
  switch (spec.role) {
    case 'hidden':
      return { ...scaled(spec, 1 / Math.sqrt(m)), rate: { gradient: 1, elements: 1 / m, spectrum: 1 / Math.sqrt(m) } }
    case 'readout':
      return { ...scaled(spec, 1 / m), rate: { gradient: 1 / m, elements: 1 / m, spectrum: 1 } }
    default:
      return { ...spec, rate: { gradient: m, elements: 1, spectrum: 1 } }
  }
}

function scaled(spec: WeightSpec, factor: number): WeightSpec {
  const { initial } = spec
  return {
    ...spec,
    initial:
      initial.kind === 'normal'
        ? { kind: 'normal', deviation: initial.deviation * factor }
        : { kind: 'constant', value: initial.value * factor },
  }
}
