import { duration, quantity } from '../base/index.ts'
import { choices } from './choices.ts'
import type { DryRun } from './dry-run.ts'
import { table } from './table.ts'
import type { Paint } from './terminal.ts'

/** A dry run for a person, in 80 columns. */
export function dryRunText(report: DryRun, paint: Paint): string {
  const { model, settings, engine } = report
  const { batch, tokens, accumulate, optimizer, schedule, precision } = settings
  const { parameters } = model
  const times = accumulate > 1 ? `, ${accumulate} times over` : ''
  const rows = [
    ['model', `${model.family}, ${sizes(model.config)}`],
    ['step', `${batch} × ${tokens} tokens${times}, ${optimizer}, ${schedule}`],
    ['engine', `${engine.backend}, ${engine.threads} ${engine.threads === 1 ? 'thread' : 'threads'}, ${precision}`],
    ...choices(engine.precision, report.derived),
  ]
  const share = (part: number, of: number) => `${((100 * part) / of).toFixed(0)} %`
  const parts = (['embeddings', 'blocks', 'head'] as const).map((name) => [
    name,
    quantity(parameters[name]),
    share(parameters[name], parameters.total),
  ])
  const title = (text: string) => `\n${paint('bold', text)}`
  return [
    table(rows),
    title('Parameters'),
    table([...parts, ['total', quantity(parameters.total)]]),
    title('Memory'),
    table(memoryRows(report)),
    ...(report.recomputed === null ? [] : [`Computed again: ${report.recomputed}`]),
    title('Work'),
    table(workRows(report), { header: ['', 'a step', 'the run'], paint }),
    '',
    verdict(report),
    ...(Object.keys(report.derived).length > 0 ? [untuned] : []),
  ].join('\n')
}

const untuned = 'Derived values follow laws fitted on larger models; no other value was tuned.'

function sizes(config: DryRun['model']['config']): string {
  const words = [
    [['n_layer', 'num_hidden_layers'], 'layers'],
    [['n_embd', 'hidden_size'], 'width'],
    [['n_head', 'num_attention_heads'], 'heads'],
    [['n_positions', 'max_position_embeddings'], 'context'],
    [['vocab_size'], 'vocabulary'],
  ] as const
  return words
    .map(([keys, word]) => `${word} ${keys.map((key) => config[key]).find((value) => value !== undefined)}`)
    .join(', ')
}

function memoryRows({ memory }: DryRun): string[][] {
  const words = {
    weights: 'weights',
    optimizer: 'optimizer',
    gradientSums: 'sums of gradients',
    runningMean: 'running mean of the weights',
    otherState: 'other state',
    activations: 'activations, when memory is fullest',
    gradients: 'gradients of weights, then',
    temporary: 'logits, gradients of activations, batches, then',
    evaluation: 'activations of an evaluation',
    checkpoints: 'checkpoints while they are written',
    workspace: 'workspace of kernels',
    runtime: 'Node and this program',
    total: 'total',
  }
  return Object.entries(words).flatMap(([kind, word]) => {
    const bytes = memory[kind as keyof typeof words]
    return bytes === 0 ? [] : [[word, quantity(bytes, 'B')]]
  })
}

function workRows({ step, run, measured }: DryRun): string[][] {
  const rows = [
    ['steps', '1', quantity(run.steps)],
    ['tokens', quantity(step.tokens), quantity(run.tokens)],
    ['computed', quantity(step.flops, 'FLOP'), quantity(run.flops, 'FLOP')],
    ['moved', quantity(step.bytesMoved, 'B'), quantity(run.bytesMoved, 'B')],
  ]
  if (measured) rows.push(['time', duration(measured.stepMilliseconds), duration(measured.runMilliseconds)])
  return rows
}

function verdict({ measured, notMeasured, settings }: DryRun): string {
  if (measured === null) return `No step was measured: ${notMeasured}.`
  const { tokensPerSecond, percentOfPeak, peakGFLOPs } = measured
  return (
    `Measured: ${quantity(tokensPerSecond)} tokens/s, ${percentOfPeak.toFixed(0)} % of the peak of ${settings.precision} ` +
    `(${quantity(peakGFLOPs * 1e9, 'FLOP/s')}).\nEvaluations and checkpoints come on top.`
  )
}
