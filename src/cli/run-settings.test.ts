import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readToml } from './read-toml.ts'
import { resolveRun } from './resolve-run.ts'
import { fields, givenSettings, identityOf, runSettings, type SessionSettings } from './run-settings.ts'
import { fileKeys, validate } from './validate.ts'

const check = (value: unknown) => validate(givenSettings, value, fileKeys('f.toml'))
const training = (value: object) => check({ training: value })
const usual = validate(runSettings, {}, fileKeys('f.toml'))

describe('settings of a run', () => {
  it('say nothing that a file does not say', () => {
    expect(check({})).toEqual({})
    expect(training({ steps: 5 })).toEqual({ training: { steps: 5 } })
    expect(training({ memory: '2GB' })).toEqual({ training: { memory: 2e9 } })
    expect(training({ memory: 2e9 })).toEqual({ training: { memory: 2e9 } })
  })

  it('are described, each of them', () => {
    const all = Object.values(fields).flatMap((shape) => Object.entries(shape))
    expect(all.filter(([, field]) => !field.meta()?.description).map(([key]) => key)).toEqual([])
  })

  const whole = (least: number) => [-1, least - 1, 1.5, '5', Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]
  const words = ['other', 1, true]
  const notBelow1 = [-0.1, 1, '0']
  const cases: [section: string, key: string, values: readonly unknown[], wanted: string][] = [
    ['corpus', 'data', ['texts', [], [1]], 'must be'],
    ['corpus', 'world', whole(0), 'must be a whole number from 0 on'],
    ['corpus', 'villages', whole(2), 'must be a whole number from 2 on'],
    ['tokenizer', 'vocabulary', whole(257), 'must be a whole number from 257 on'],
    ['model', 'name', words, 'must be one of "llama", "gpt2", "gpt2-124m"'],
    ['model', 'depth', whole(1), 'must be a whole number from 1 on'],
    ['model', 'width', whole(1), 'must be a whole number from 1 on'],
    ['model', 'context', whole(1), 'must be a whole number from 1 on'],
    ['training', 'batch', whole(1), 'must be a whole number from 1 on'],
    ['training', 'tokens', whole(1), 'must be a whole number from 1 on'],
    ['training', 'accumulate', whole(1), 'must be a whole number from 1 on'],
    ['training', 'steps', whole(1), 'must be a whole number from 1 on'],
    ['training', 'ratio', [0, -1, '20'], 'must be a number above 0'],
    ['training', 'seed', whole(0), 'must be a whole number from 0 on'],
    ['training', 'precision', words, 'must be one of "f32", "bf16", "auto"'],
    ['training', 'optimizer', words, 'must be one of "adamw", "adamw-8bit", "muon", "sgd", "lion"'],
    ['training', 'learningRate', [0, -1, '1e-3', Number.NaN], 'must be a number above 0'],
    ['training', 'schedule', words, 'must be one of "cosine", "wsd", "linear", "constant"'],
    ['training', 'warmup', [-1, 'much'], 'must be a number from 0 on'],
    ['training', 'floor', [-0.1, 1.1], 'must be a number from 0 to 1'],
    ['training', 'decay', [-0.1, 1.1], 'must be a number from 0 to 1'],
    ['training', 'weightDecay', [-1, 'no'], 'must be a number from 0 on'],
    ['training', 'clip', [-1, false], 'must be a number from 0 on'],
    ['training', 'dropout', notBelow1, 'must be a number from 0 to below 1'],
    ['training', 'labelSmoothing', notBelow1, 'must be a number from 0 to below 1'],
    ['training', 'zLoss', [-1], 'must be a number from 0 on'],
    ['training', 'ema', notBelow1, 'must be a number from 0 to below 1'],
    ['training', 'mup', whole(0), 'must be a whole number from 0 on'],
    ['training', 'recompute', words, 'must be one of "none", "selective", "block", "sqrt"'],
    ['training', 'memory', [0, -1, 1.5, '', '2 XB', true, []], 'must be bytes, as 2000000000 or "2GB"'],
    ['training', 'onSpike', words, 'must be one of "stop", "rollback", "ignore"'],
    ['training', 'spike', [0, -1, '8'], 'must be a number above 0'],
    ['training', 'keepCheckpoints', whole(1), 'must be a whole number from 1 on'],
    ['training', 'evaluateEvery', whole(0), 'must be a whole number from 0 on'],
    ['training', 'evaluationBatches', whole(1), 'must be a whole number from 1 on'],
    ['training', 'saveEvery', whole(1), 'must be a whole number from 1 on'],
  ]

  it.each(cases)('[%s] %s refuses %j', (section, key, values, wanted) => {
    for (const value of values)
      expect(() => check({ [section]: { [key]: value } }), String(value)).toThrow(
        new RegExp(`^f\\.toml: ${section}\\.${key}(\\[0\\])? ${wanted}`),
      )
  })

  it.each([
    [{ trainig: {} }, 'f.toml: trainig is not known; did you mean training?'],
    [{ training: { learnRate: 1 } }, 'f.toml: training.learnRate is not known; did you mean learningRate?'],
    [{ training: { precision: 'bf15' } }, 'got "bf15"; did you mean bf16?'],
    [{ model: { layers: 4 } }, 'f.toml: model.layers is not known; there are name, depth, width, heads'],
    [{ training: 5 }, 'f.toml: training must be a table, got 5'],
    [{ corpus: { data: 'texts' } }, 'f.toml: corpus.data must be a list in [ ], got "texts"'],
  ])('of %j guess what was meant', (value, message) => {
    expect(() => check(value)).toThrow(message)
  })
})

describe('what makes a run what it is', () => {
  const settings = { ...usual.training, precision: 'f32' } as SessionSettings

  it('is nothing where everything is as by default, whatever the order', () => {
    expect(identityOf(settings)).toEqual([])
    const { seed, steps, ...rest } = { ...settings, seed: 7, steps: 5 }
    expect(identityOf({ steps, ...rest, seed })).toEqual([
      ['seed', 7],
      ['steps', 5],
    ])
  })

  it('does not change with how the run is watched and where it computes', () => {
    const watched = { saveEvery: 1, evaluateEvery: 1, evaluationBatches: 1, keepCheckpoints: 9, spike: 3, memory: 5e9 }
    expect(identityOf({ ...settings, ...watched, onSpike: 'ignore', recompute: 'block' })).toEqual([])
  })
})

describe('the recipes', () => {
  const files = globSync(join(import.meta.dirname, '..', '..', 'recipes', '*.toml'))
  const runs = files.filter((file) => basename(file) !== 'data.toml')

  it('are there', () => expect(runs.length).toBeGreaterThanOrEqual(3))

  it.each(runs.map((file) => [basename(file), file]))('%s says how to train a model that can be', async (_, file) => {
    const { settings, derived } = resolveRun(await readToml(file, givenSettings))
    expect(derived).toEqual({})
    expect(settings.training.precision).toBe('auto')
  })
})
