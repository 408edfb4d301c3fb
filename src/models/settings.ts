import { ConfigError } from '../base/index.ts'

/** Checks that every number of a config is a whole number above 0; returns the config. */
export function positiveIntegers<T extends object>(model: string, config: T): T {
  for (const [name, value] of Object.entries(config)) {
    if (typeof value === 'number' && !(Number.isInteger(value) && value > 0)) {
      throw new ConfigError(`${model}: ${name} must be a whole number above 0, got ${value}`)
    }
  }
  return config
}

/**
 * The standard deviation that an output embedding starts with: 0.02, or less where the width would make the first logits
 * so uneven that the first loss is more than half a percent above ln V. Logits of normalised features have variance
 * C·deviation², and uneven logits cost half their variance.
 */
export function initialDeviation(vocabSize: number, width: number): number {
  return Math.min(0.02, Math.sqrt((2 * 0.005 * Math.log(vocabSize)) / width))
}
