import type { Command } from 'commander'
import { ConfigError, DataError, duration, quantity, readQuantity } from '../base/index.ts'
import {
  type ComputePlan,
  type ComputeRequest,
  estimateOf,
  hasOptimum,
  KAPLAN_COMPUTE_EXPONENT,
  lawExponents,
  planCompute,
  publishedLaws,
  type ScalingLaw,
} from '../scaling/index.ts'
import { type EngineFlags, numberIn, openEngine, wholeNumber, withEngine } from './engine.ts'
import { digits, findingsJson, findingsText, findScaling, type ScalingFindings } from './scaling-report.ts'
import { readSweep, type SweepRow } from './sweep-file.ts'
import { table } from './table.ts'
import { type Paint, painter } from './terminal.ts'

interface ScalingFlags extends EngineFlags {
  readonly flops?: number
  readonly parameters?: number
  readonly tokens?: number
  readonly hours?: number
  readonly efficiency?: number
  readonly law?: string
  readonly resamples: number
  readonly json?: boolean
}

/** What is planned when nothing is asked for. */
const DEFAULT_FLOPS = 1e18
/** About the share of the peak that training of gpt2-124m reaches in bf16; bench/train.ts measures it. */
const DEFAULT_EFFICIENCY = 0.6

export function addScaling(parent: Command): void {
  const command = parent
    .command('scaling')
    .description('The best size and length of a run by scaling laws: published ones, and that of a sweep of your own.')
    .option('--flops <n>', 'compute of the run, 6·N·D; such as 1e18', readQuantity)
    .option('--parameters <n>', 'N; such as 124M', readQuantity)
    .option('--tokens <n>', 'D; such as 2.5B', readQuantity)
    .option('--hours <n>', 'compute as time on this machine', numberIn(0))
    .option('--efficiency <share>', 'share of the peak that training reaches, for --hours', numberIn(0, 1))
    .option('--law <law>', `${Object.keys(publishedLaws).join(', ')}, or the file of a sweep (default: all published)`)
    .option('--resamples <n>', 'draws behind the errors of a fit', wholeNumber(2), 1000)
    .option('--json', 'print one JSON document')
  withEngine(command).action(explainScaling)
}

/** A law, and the runs behind it when they are the user's. */
interface Candidate {
  readonly name: string
  readonly law: ScalingLaw
  readonly source: string
}

type Planned = Candidate & { readonly plan: ComputePlan }

async function explainScaling(flags: ScalingFlags): Promise<void> {
  const paint = painter(process.stdout)
  const rows = flags.law === undefined || flags.law in publishedLaws ? undefined : await openSweep(flags.law)
  const findings = rows && findScaling(rows, flags.resamples)
  const speed = flags.hours === undefined ? undefined : await trainingSpeed(flags, rows)
  const { flops, parameters, tokens, hours } = flags
  const asked = [flops ?? hours, parameters, tokens].filter((each) => each !== undefined).length
  const request: ComputeRequest =
    asked === 0 ? { flops: DEFAULT_FLOPS } : { flops, parameters, tokens, hours, flopsPerSecond: speed?.flopsPerSecond }
  const plans = candidates(flags.law, findings).map((each) => ({ ...each, plan: planCompute(each.law, request) }))
  if (flags.json) {
    console.log(JSON.stringify({ speed, laws: plans, sweep: findings && findingsJson(findings) }, null, 2))
    return
  }
  const width = Math.min(process.stdout.columns ?? 80, 100)
  const parts = findings ? [findingsText(findings, paint, width)] : []
  if (speed !== undefined)
    parts.push(`${duration(hours! * 3.6e6)} at ${quantity(speed.flopsPerSecond, 'FLOP/s')}: ${speed.source}`)
  parts.push(plansText(plans, asked === 2, paint))
  const range = findings && sizeRange(findings, request)
  if (range !== undefined) parts.push(range)
  console.log(parts.join('\n\n'))
}

async function openSweep(path: string): Promise<SweepRow[]> {
  const rows = await readSweep(path)
  if (rows !== undefined) return rows
  throw new ConfigError(
    `--law must be ${Object.keys(publishedLaws).join(', ')}, or a file that \`alippe sweep\` made; ${path} cannot be read`,
  )
}

/** The law that was named or fitted, beside all published ones when none was named. */
function candidates(named: string | undefined, findings: ScalingFindings | undefined): Candidate[] {
  const published = Object.entries(publishedLaws).map(([name, { law, source }]) => ({ name, law, source }))
  if (findings === undefined) return published.filter(({ name }) => named === undefined || name === named)
  const { law } = findings
  // Runs in too narrow a range can give a law whose loss rises with size or text.
  if (law instanceof DataError || !hasOptimum(law.law)) return published
  return [{ name: 'these runs', law: law.law, source: `${findings.runs.length} runs` }, ...published]
}

async function trainingSpeed(flags: ScalingFlags, rows: readonly SweepRow[] | undefined) {
  const measured = Math.max(0, ...(rows ?? []).map(({ flopsPerSecond }) => flopsPerSecond ?? 0))
  if (flags.efficiency === undefined && measured > 0)
    return { flopsPerSecond: measured, source: 'the fastest run of the sweep' }
  const backend = await openEngine(flags)
  const { f32, bf16 } = await backend.peaks()
  await backend.close()
  const [precision, peak] = bf16 > f32 ? ['bf16', bf16] : ['f32', f32]
  const efficiency = flags.efficiency ?? DEFAULT_EFFICIENCY
  const share = `${(100 * efficiency).toFixed(0)} % of the peak of ${peak.toFixed(0)} GFLOP/s in ${precision}`
  const word = flags.efficiency === undefined ? 'taken to be ' : ''
  return { flopsPerSecond: efficiency * peak * 1e9, source: `${word}${share}` }
}

function plansText(plans: readonly Planned[], isForced: boolean, paint: Paint): string {
  const rows = plans.map(({ name, law, plan }) => {
    const { parametersExponent, tokensExponent, lossExponent } = lawExponents(law)
    const { flops, parameters, tokens, lossNats, tokensPerParameter, optimum } = plan
    const tenfold = ((optimum.lossNats - law.E) * (1 - 10 ** -lossExponent)) / optimum.lossNats
    return [
      name,
      scientific(flops),
      quantity(parameters),
      quantity(tokens),
      tokensPerParameter >= 1000 ? quantity(tokensPerParameter) : tokensPerParameter.toFixed(1),
      lossNats.toFixed(3),
      `−${(100 * tenfold).toFixed(1)} %`,
      parametersExponent.toFixed(3),
      tokensExponent.toFixed(3),
    ]
  })
  const header = ['law', 'C, FLOP', 'N', 'D', 'D/N', 'loss', '10 × C', 'N ∝ C^', 'D ∝ C^']
  const title = isForced ? 'The run that was asked for' : 'The best run'
  const kaplan = (100 * (1 - 10 ** -KAPLAN_COMPUTE_EXPONENT)).toFixed(1)
  const notes = [
    'N are all parameters, embeddings included. 10 × C is what ten times the compute takes off the best loss;',
    `by Kaplan et al. 2020 ${kaplan} %: α_C = ${KAPLAN_COMPUTE_EXPONENT.toFixed(3)}, for N without embeddings and a loss without E.`,
  ]
  return [
    `${paint('bold', title)}, by L(N, D) = E + A/N^α + B/D^β and C = 6·N·D\n${table(rows, { header, paint })}`,
    ...(isForced ? [forcedText(plans, paint)] : []),
    lawsText(plans, paint),
    notes.join('\n'),
  ].join('\n\n')
}

/** What a forced size or length costs beside the best run of the same compute. */
function forcedText(plans: readonly Planned[], paint: Paint): string {
  const rows = plans.map(({ name, plan: { optimum, lostNats, computeFactor } }) => [
    name,
    quantity(optimum.parameters),
    quantity(optimum.tokens),
    optimum.lossNats.toFixed(3),
    lostNats.toFixed(4),
    `${computeFactor.toFixed(2)} ×`,
  ])
  const header = ['law', 'best N', 'best D', 'best loss', 'lost', 'compute for that loss']
  return `The best run of the same compute, and what is lost beside it\n${table(rows, { header, paint })}`
}

function lawsText(plans: readonly Planned[], paint: Paint): string {
  const rows = plans.map(({ name, law, source }) => {
    const { E, A, B, alpha, beta } = law
    return [name, ...[E, A, B, alpha, beta].map((each) => (name in publishedLaws ? each : digits(each))), source]
  })
  return table(rows, { header: ['law', 'E', 'A', 'B', 'α', 'β', 'source'], paint })
}

/** `5.76e23`, as compute is spoken of. */
const scientific = (value: number) => Number(value.toPrecision(3)).toExponential().replace('+', '')

/** Where the best size lies under the laws of the resamples. */
function sizeRange({ law }: ScalingFindings, request: ComputeRequest): string | undefined {
  if (law instanceof DataError || !hasOptimum(law.law)) return undefined
  const sizeUnder = (each: ScalingLaw) => planCompute(each, request).optimum.parameters
  const usable = law.resamples.filter(hasOptimum)
  const { interval } = estimateOf(sizeUnder(law.law), usable.map(sizeUnder), 0.95)
  const [low, high] = interval.map((each) => quantity(each))
  return `The best size for that compute lies between ${low} and ${high} in 95 % of the resamples.`
}
