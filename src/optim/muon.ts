import type { WeightSpec } from '../nn/index.ts'
import { add, concat, multiply, split, state } from '../tensor/index.ts'
import { type AdamwOptions, adamw } from './adamw.ts'
import { controlNumber, descend, likeWeight, type Optimizer, rateOf, remembered } from './optimizer.ts'
import { orthogonalize } from './orthogonalize.ts'

/** AdamW's options serve the weights that are no hidden matrices; learning rate and decay serve all. */
export interface MuonOptions extends AdamwOptions {
  readonly momentum?: number
}

/**
 * Momentum, made orthogonal: hidden matrices move along U·Vᵀ of their momentum's singular value decomposition, so that every
 * direction learns at the same pace. Embeddings, output embeddings, gains and biases are left to AdamW, with the same
 * learning rate: the factor 0.2·√max(rows, columns) gives the elements of a step the size that AdamW's have.
 *
 * Matrices that lie side by side in one weight are made orthogonal one by one: the queries, keys and values of GPT-2's c_attn
 * are three, as Llama stores them. It remembers one number for each weight of a hidden matrix.
 *
 * Cost: some 10 to 20 FLOPs a weight for each unit of width, whatever the batch: 1.6 TFLOP a step for GPT-2 124M, as much as
 * training on 2,100 tokens.
 * Source: Jordan et al. 2024 ("Muon: An optimizer for hidden layers in neural networks"); factor and decay: Liu et al. 2025
 * ("Muon is Scalable for LLM Training"), §2.2.
 *
 * @example
 * muon({ learningRate: 3e-3 }).states('w', matrix([2, 3], 0.02)) // [{ name: 'w.momentum', shape: [2, 3], dtype: 'f32' }]
 */
export function muon({ momentum = 0.95, ...options }: MuonOptions): Optimizer {
  const { weightDecay = 0.1 } = options
  const others = adamw(options)
  const states: Optimizer['states'] = (name, spec) =>
    isHidden(spec) ? [likeWeight(`${name}.momentum`, spec)] : others.states(name, spec)
  return {
    control: others.control,
    states,
    update(name, spec, gradient, control) {
      if (!isHidden(spec)) return others.update(name, spec, gradient, control)
      const weight = state(name, spec.shape)
      const [before] = states(name, spec).map(remembered)
      const g = multiply(gradient, controlNumber(control, -1))
      const after = add(multiply(before, momentum), g)
      const ahead = add(g, multiply(after, momentum))
      const { parts = 1 } = spec
      const directions = (parts === 1 ? [ahead] : split(ahead, -1, parts)).map(orthogonalize)
      const size = 0.2 * Math.sqrt(Math.max(...directions[0].shape))
      const step = { decay: spec.decays ? weightDecay : 0, factor: size * rateOf(spec, 'spectrum') }
      return [
        [weight, descend(weight, concat(directions, -1), controlNumber(control, 0), step)],
        [before, after],
      ]
    },
  }
}

const isHidden = ({ role, shape }: WeightSpec) => role === 'hidden' && shape.length === 2
