import type { Command } from 'commander'
import { explain, plan } from '../compiler/index.ts'
import { buildModel } from '../models/index.ts'
import { parameterCount } from '../nn/index.ts'
import { trainingStep } from '../train/index.ts'
import { wholeNumber } from './engine.ts'
import { addScaling } from './explain-scaling.ts'
import { type ModelFlags, withModel } from './model-flags.ts'
import { withFlags } from './run-flags.ts'
import { optimizerOf } from './run-options.ts'
import { fields, type RunSettings, runSettings } from './run-settings.ts'

interface PlanFlags extends ModelFlags, Pick<RunSettings['training'], 'optimizer' | 'recompute' | 'memory'> {
  readonly batch: number
  readonly tokens: number
  readonly precision: 'f32' | 'bf16'
  readonly fuse: boolean
  readonly json?: boolean
}

export function command(program: Command): Command {
  const parent = program.command('explain').description('Shows what the engine would do, before it does it.')
  const { optimizer, recompute, memory } = fields.training
  withFlags(withModel(parent.command('plan')), { optimizer, recompute, memory })
    .description('The program of one training step: its kernel calls, memory, FLOPs and bytes moved.')
    .option('--batch <n>', 'sequences side by side', wholeNumber(1), 4)
    .option('--tokens <n>', 'tokens of a sequence', wholeNumber(1), 256)
    .option('--precision <p>', 'f32 or bf16', 'f32')
    .option('--no-fuse', 'leave neighbouring steps apart')
    .option('--json', 'print one JSON document')
    .action(explainPlan)
  addScaling(parent)
  return parent
}

function explainPlan({ batch, tokens, precision, fuse, json, vocab, ...flags }: PlanFlags): void {
  const { recompute, memory } = flags
  const model = buildModel({ ...flags, vocabSize: vocab, context: Math.max(tokens, flags.context ?? 0) })
  const started = performance.now()
  const optimizer = optimizerOf({ ...runSettings.parse({}).training, optimizer: flags.optimizer })
  const step = trainingStep(model, { batch, tokens, optimizer, clip: 1 })
  const compiled = plan(step, { precision, fuse, recompute, memory })
  const milliseconds = performance.now() - started
  if (json) {
    const { calls, arenaBytes, arena, stateBytes, flops, recomputedFlops, recomputed, bytesMoved } = compiled
    const memory = { arenaBytes, arena, stateBytes }
    const work = { flops, recomputedFlops, recomputed, bytesMoved }
    const parameters = parameterCount(model.weights)
    console.log(JSON.stringify({ parameters, calls: calls.length, ...memory, ...work, milliseconds }))
    return
  }
  console.log(explain(compiled))
  console.log(
    `${parameterCount(model.weights).toLocaleString('en')} parameters · compiled in ${milliseconds.toFixed(0)} ms`,
  )
}
