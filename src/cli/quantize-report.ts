import { duration, type PackedDType, quantity } from '../base/index.ts'
import type { Method, QualityReport, QuantizedLayer } from '../quant/index.ts'
import { table } from './table.ts'

/** What one way to quantize a model gave. */
export interface Measured {
  readonly type: PackedDType
  readonly method: Method
  /** Bits a weight, of all weights. */
  readonly bits: number
  readonly bytes: number
  /** On held-out tokens, where there were some. */
  readonly quality?: QualityReport
  readonly layers: readonly QuantizedLayer[]
  readonly fallbacks: readonly string[]
  readonly milliseconds: { readonly calibrate: number; readonly quantize: number; readonly evaluate: number }
}

const percent = (share: number, digits = 2) => `${(100 * share).toFixed(digits)} %`
const cost = ({ perplexity, quantizedPerplexity }: QualityReport) =>
  `${quantizedPerplexity < perplexity ? '' : '+'}${percent(quantizedPerplexity / perplexity - 1, 3)}`

/** A report on one quantized model, for a terminal. */
export function reportText(measured: Measured, data: string | undefined, out: string | undefined): string {
  const { type, method, bits, bytes, quality, layers, fallbacks, milliseconds } = measured
  const lines = [
    ['type', `${type}, ${method}`],
    ['size', `${quantity(bytes, 'B')}, ${bits.toFixed(2)} bits a weight`],
  ]
  if (quality !== undefined) {
    lines.push(
      ['perplexity', `${quality.perplexity.toFixed(4)} → ${quality.quantizedPerplexity.toFixed(4)} (${cost(quality)})`],
      ['KL divergence', `${quality.divergenceNats.toExponential(2)} nats a token`],
      ['same top token', percent(quality.agreement)],
      ['measured on', `${quality.tokens.toLocaleString('en')} tokens of ${data}`],
    )
  }
  const { calibrate, quantize, evaluate } = milliseconds
  lines.push([
    'time',
    `calibrate ${duration(calibrate)}, quantize ${duration(quantize)}, measure ${duration(evaluate)}`,
  ])
  if (fallbacks.length > 0)
    lines.push(['other types', `rows are not whole blocks of ${type}: ${fallbackText(measured)}`])
  const rows = layers.map(({ name, dtype, weightError, outputError, exponent }) => [
    name,
    dtype,
    percent(Math.sqrt(weightError)),
    outputError === undefined ? '–' : percent(Math.sqrt(outputError)),
    exponent === undefined ? '–' : exponent.toFixed(2),
  ])
  const header = ['matrix', 'type', 'weights off by', 'outputs off by', 'exponent']
  return [table(lines), '', table(rows, { header }), ...(out === undefined ? [] : ['', out])].join('\n')
}

function fallbackText({ fallbacks, layers }: Measured): string {
  const types = [...new Set(layers.filter(({ name }) => fallbacks.includes(name)).map(({ dtype }) => dtype))]
  return `${fallbacks.length} ${fallbacks.length === 1 ? 'matrix is' : 'matrices are'} ${types.join(', ')}`
}

/** A table of several ways to quantize one model. */
export function comparisonText(all: readonly Measured[]): string {
  const rows = all.map((measured) => {
    const { type, method, bits, quality, milliseconds } = measured
    return [
      type,
      method,
      bits.toFixed(2),
      ...(quality === undefined
        ? ['–', '–', '–', '–']
        : [
            quality.quantizedPerplexity.toFixed(4),
            cost(quality),
            quality.divergenceNats.toExponential(1),
            percent(quality.agreement),
          ]),
      duration(milliseconds.calibrate + milliseconds.quantize),
    ]
  })
  const [first] = all
  const header = ['type', 'method', 'bits', 'perplexity', 'cost', 'KL nats', 'same top', 'time']
  const before =
    first?.quality &&
    `perplexity before: ${first.quality.perplexity.toFixed(4)}, on ${first.quality.tokens.toLocaleString('en')} tokens`
  return [table(rows, { header }), ...(before ? [before] : [])].join('\n')
}
