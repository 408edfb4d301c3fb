import { adamw8bitStep, scalesShape, state } from '../tensor/index.ts'
import { type AdamwOptions, adamwSettings } from './adamw.ts'
import { type Optimizer, remembered } from './optimizer.ts'

/**
 * {@link adamw} with its two moments in 8 bits each, and a scale for every 256 of them: a quarter of the memory, and steps
 * that differ by some 5 to 10 % an element, as noise does. Nothing is drawn at random: the scales, which move with every step,
 * keep codes from standing still.
 *
 * Source: Dettmers et al. 2022 ("8-bit Optimizers via Block-wise Quantization").
 *
 * @example
 * const states = adamw8bit({ learningRate: 1e-3 }).states('w', matrix([2, 3], 0.02))
 * states[0] // { name: 'w.m', shape: [2, 3], dtype: 'u8' }
 * states[1] // { name: 'w.m.scale', shape: [1], dtype: 'f32' }
 */
export function adamw8bit(options: AdamwOptions): Optimizer {
  const { control, attributes } = adamwSettings(options)
  const states: Optimizer['states'] = (name, { shape }) =>
    [`${name}.m`, `${name}.v`].flatMap((moment) => [
      { name: moment, shape, dtype: 'u8' },
      { name: `${moment}.scale`, shape: scalesShape(shape), dtype: 'f32' },
    ])
  return {
    control,
    states,
    update(name, spec, gradient, control) {
      const [m, mScale, v, vScale] = states(name, spec).map(remembered)
      const before = { weight: state(name, spec.shape), m, mScale, v, vScale }
      const after = adamw8bitStep(before, gradient, control, attributes(spec))
      return [
        [before.weight, after.weight],
        [m, after.m],
        [mScale, after.mScale],
        [v, after.v],
        [vScale, after.vScale],
      ]
    },
  }
}
