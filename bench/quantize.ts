import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type PackedDType, random, sizeOf } from '../src/base/index.ts'
import { gpt2, type LanguageModel, presets } from '../src/models/index.ts'
import { parameterCount } from '../src/nn/index.ts'
import { type Method, type QualityReport, quantize } from '../src/quant/index.ts'
import type { Bench } from './runner/contract.ts'
import { randomBatch } from './runner/models.ts'
import { compare, figure } from './runner/statistics.ts'

// How long it takes to quantize a model, calibration included. What it costs in perplexity needs a trained model: that is
// `alippe quantize MODEL --compare`, and the last cases here where the model of recipes/quantize-20m.toml has been trained.

const root = join(import.meta.dirname, '..')
const TRAINED = join(root, 'runs', 'm20')

/** The most perplexity that the model of the recipe may lose, in per cent. */
const costs: readonly (readonly [PackedDType, Method, number])[] = [
  ['int8', 'round', 0.1],
  ['q4_0', 'gptq', 2],
  ['q4_0', 'awq', 2],
]

const bench: Bench = {
  title: 'Time that it takes to quantize a model with calibration on 128 rows of 512 tokens, in seconds.',
  async *cases({ backend, quick, wants, skip, progress, machine }) {
    const config = quick ? { ...presets.small, context: 512 } : presets['gpt2-124m']
    const model = gpt2(config)
    const samples = quick ? 16 : 128
    const precision = machine.peak.bf16 > machine.peak.f32 ? 'bf16' : 'f32'
    const batches = Array.from({ length: samples / 4 }, () => randomBatch({ name: '', config, batch: 4, tokens: 512 }))
    const name = `${(parameterCount(model.weights) / 1e6).toFixed(0)}M`
    for (const method of ['gptq', 'awq', 'smoothquant'] as const) {
      const title = `${method} of ${name}, ${samples} rows`
      if (!wants(title)) continue
      const read = randomWeights(model)
      const started = performance.now()
      const { milliseconds } = await quantize(model, read, {
        backend,
        type: method === 'smoothquant' ? 'int8' : 'q4_0',
        method,
        batches,
        precision,
        onProgress: ({ share }) => progress(`${title}: ${Math.floor(100 * share)} %`),
      })
      yield compare({
        case: title,
        ours: figure([(performance.now() - started) / 1000], 's'),
        target: method === 'gptq' && !quick ? 'value <= 180' : undefined,
        note: `calibration in ${precision} ${(milliseconds.calibrate / 1000).toFixed(0)} s, the rest ${(milliseconds.quantize / 1000).toFixed(0)} s`,
      })
    }
    if (quick) return
    if (!existsSync(TRAINED)) {
      skip('perplexity', 'train it first: npx alippe train --config recipes/quantize-20m.toml --out runs/m20')
      return
    }
    for (const [type, method, most] of costs) {
      const title = `20M, ${type} by ${method}`
      if (!wants(title)) continue
      progress(title)
      const { bits, quality, milliseconds } = await alippeQuantize(type, method)
      const lost = 100 * (quality.quantizedPerplexity / quality.perplexity - 1)
      yield compare({
        case: title,
        ours: figure([lost], '% perplexity'),
        target: `value <= ${most}`,
        note: `${quality.perplexity.toFixed(4)} before, ${bits.toFixed(2)} bits a weight, KL ${quality.divergenceNats.toExponential(1)} nats; ${((milliseconds.calibrate + milliseconds.quantize) / 1000).toFixed(0)} s`,
      })
    }
  },
}
export default bench

interface Quantized {
  readonly bits: number
  readonly quality: QualityReport
  readonly milliseconds: { readonly calibrate: number; readonly quantize: number }
}

/** The command's own report on the trained model, in its JSON. */
async function alippeQuantize(type: PackedDType, method: Method): Promise<Quantized> {
  const words = ['quantize', TRAINED, '--config', join(root, 'recipes', 'quantize-20m.toml'), '--json']
  const command = [join(root, 'bin', 'alippe.js'), ...words, '--type', type, '--method', method]
  const { stdout } = await promisify(execFile)(process.execPath, command, { maxBuffer: 2 ** 24 })
  return JSON.parse(stdout)
}

/** Numbers as large as those that a model begins with, drawn when they are asked for. */
function randomWeights(model: LanguageModel): (name: string) => Float32Array {
  return (name) => {
    const { shape, initial } = model.weights[name]
    if (initial.kind === 'constant') return new Float32Array(sizeOf(shape)).fill(initial.value)
    const rng = random(1)
    const width = initial.deviation * Math.sqrt(12)
    return Float32Array.from({ length: sizeOf(shape) }, () => width * (rng.integer(2 ** 24) / 2 ** 24 - 0.5))
  }
}
