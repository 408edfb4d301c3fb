import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FormatError, random } from '../../../base/index.ts'
import { outlineOf, world } from '../../index.ts'
import { type Features, featuresOf } from './features.ts'
import { calibrate, logistic, logisticLoss, logisticSlope } from './logistic.ts'
import { readQualityModel, writeQualityModel } from './quality-format.ts'
import { sumOf } from './quality-model.ts'
import { type QualityOptions, QualityTrainer } from './quality-trainer.ts'

/** Texts of the world, and the same words in another order. */
const good = Array.from(world().documents().take(3000), ({ text }) => text)
const bad = good.map((text, i) => {
  const rng = random(7, i)
  const words = text.split(/\s+/)
  for (let j = words.length - 1; j > 0; j--) {
    const k = rng.integer(j + 1)
    ;[words[j], words[k]] = [words[k], words[j]]
  }
  return words.join(' ')
})

function trained(options: QualityOptions, count = 2000) {
  const trainer = new QualityTrainer(options)
  for (let i = 0; i < count; i++) trainer.add(good[i], true).add(bad[i], false)
  return trainer.train()
}

describe('QualityTrainer', () => {
  const model = trained({})

  it('tells texts from shuffled words that it has not seen', () => {
    let right = 0
    for (let i = 2000; i < 3000; i++) {
      if (model.probability(outlineOf(good[i])) > 0.5) right++
      if (model.probability(outlineOf(bad[i])) < 0.5) right++
    }
    expect(right / 2000).toBeGreaterThan(0.95)
  })

  it('needs pairs of words or characters for that, since the words are the same', () => {
    const accuracy = (options: QualityOptions) => {
      const other = trained({ ...options, pairs: false, epochs: 2 }, 500)
      const right = [good, bad].map((texts, kind) =>
        texts.slice(2500).filter((text) => other.probability(outlineOf(text)) > 0.5 === (kind === 0)),
      )
      return (right[0].length + right[1].length) / 1000
    }
    expect(Math.abs(accuracy({}) - 0.5)).toBeLessThan(0.05)
    expect(accuracy({ characters: 5 })).toBeGreaterThan(0.9)
  })

  it('gives the same model again', () => {
    expect(writeQualityModel(trained({ bits: 12 }, 100))).toEqual(writeQualityModel(trained({ bits: 12 }, 100)))
    expect(writeQualityModel(trained({ bits: 12, seed: 2 }, 100))).not.toEqual(
      writeQualityModel(trained({ bits: 12 }, 100)),
    )
  })

  it('gives probabilities that are shares', () => {
    const bins = Array.from({ length: 5 }, () => ({ count: 0, good: 0, sum: 0 }))
    for (const [kind, texts] of [bad, good].entries()) {
      for (const text of texts.slice(2000)) {
        const probability = model.probability(outlineOf(text))
        const bin = bins[Math.min(4, Math.floor(5 * probability))]
        bin.count++
        bin.good += kind
        bin.sum += probability
      }
    }
    // Three standard deviations of a share, and what 400 documents to calibrate by leave open.
    for (const { count, good, sum } of bins.filter(({ count }) => count > 0)) {
      expect(Math.abs(good - sum)).toBeLessThan(3 * Math.sqrt(count * 0.25) + 0.05 * count)
    }
  })
})

describe('logistic regression', () => {
  it('has the gradient that central differences have', () => {
    const settings = { bits: 10, pairs: true, characters: 3 }
    const rng = random(5)
    const weights = Float64Array.from({ length: 1024 }, () => rng.next() - 0.5)
    for (const [text, isGood] of [
      [good[0], true],
      [bad[1], false],
    ] as const) {
      const found: Features = { places: new Uint32Array(0), count: 0 }
      featuresOf(outlineOf(text), settings, found)
      const { places, count } = found
      const loss = () => logisticLoss(sumOf(weights, places, count), isGood)
      const gradient = new Float64Array(1024)
      const share = logisticSlope(sumOf(weights, places, count), isGood) / Math.sqrt(count)
      for (const place of places.subarray(0, count)) gradient[place] += share
      for (let i = 0; i < 1024; i++) {
        const kept = weights[i]
        const step = 1e-4
        weights[i] = kept + step
        const above = loss()
        weights[i] = kept - step
        const below = loss()
        weights[i] = kept
        // The third derivative is below 0.1 · x³, and losses of size 10 are rounded at 2⁻⁵².
        const bound = step ** 2 * (count / Math.sqrt(count)) ** 3 * 0.1 + (10 * 2 ** -52) / step
        expect(Math.abs((above - below) / (2 * step) - gradient[i])).toBeLessThan(bound)
      }
    }
  })

  it('is calibrated by the shares of good ones', () => {
    const rng = random(6)
    const scores = Array.from({ length: 20_000 }, () => 6 * rng.next() - 3)
    const areGood = scores.map((score) => rng.next() < logistic(2 * score - 1))
    const [a, b] = calibrate(scores, areGood)
    // Standard errors of a logistic regression on so many scores are about 0.03.
    expect(Math.abs(a - 2)).toBeLessThan(0.1)
    expect(Math.abs(b + 1)).toBeLessThan(0.1)
    expect(calibrate([1, 2], [true, true])).toEqual([1, 0])
  })
})

describe('readQualityModel', () => {
  const bytes = writeQualityModel(trained({ bits: 10 }, 50))

  it('reads what was written', () => {
    const model = trained({ bits: 11, characters: 4 }, 50)
    const read = readQualityModel(writeQualityModel(model), 'm')
    for (const text of good.slice(0, 20))
      expect(read.probability(outlineOf(text))).toBe(model.probability(outlineOf(text)))
  })

  it('stands any bytes', () => {
    fc.assert(
      fc.property(
        fc.option(fc.nat(bytes.length)),
        fc.array(fc.tuple(fc.oneof(fc.nat(60), fc.nat(bytes.length - 1)), fc.nat(255)), { maxLength: 4 }),
        (length, changes) => {
          const broken = bytes.slice(0, length ?? undefined)
          for (const [at, value] of changes) if (at < broken.length) broken[at] = value
          try {
            const probability = readQualityModel(broken, 'broken').probability(outlineOf('the cat мысық'))
            expect(probability).toSatisfy((p: number) => p >= 0 && p <= 1)
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError)
            expect((error as Error).message).toMatch(/^broken: byte \d+: /)
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
