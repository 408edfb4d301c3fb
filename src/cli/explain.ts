import type { Command } from 'commander'
import { explain, plan } from '../compiler/index.ts'
import { buildModel } from '../models/index.ts'
import { parameterCount } from '../nn/index.ts'
import { adamw } from '../optim/index.ts'
import { trainingStep } from '../train/index.ts'
import { wholeNumber } from './engine.ts'
import { addScaling } from './explain-scaling.ts'
import { type ModelFlags, withModel } from './model-flags.ts'

interface PlanFlags extends ModelFlags {
  readonly batch: number
  readonly tokens: number
  readonly precision: 'f32' | 'bf16'
  readonly fuse: boolean
  readonly json?: boolean
}

export function command(program: Command): Command {
  const parent = program.command('explain').description('Shows what the engine would do, before it does it.')
  withModel(parent.command('plan'))
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
  const model = buildModel({ ...flags, vocabSize: vocab, context: Math.max(tokens, flags.context ?? 0) })
  const started = performance.now()
  const optimizer = adamw({ learningRate: 1e-3 })
  const compiled = plan(trainingStep(model, { batch, tokens, optimizer, clip: 1 }), { precision, fuse })
  const milliseconds = performance.now() - started
  if (json) {
    const { calls, arenaBytes, stateBytes, flops, bytesMoved } = compiled
    const parameters = parameterCount(model.weights)
    console.log(
      JSON.stringify({ parameters, calls: calls.length, arenaBytes, stateBytes, flops, bytesMoved, milliseconds }),
    )
    return
  }
  console.log(explain(compiled))
  console.log(
    `${parameterCount(model.weights).toLocaleString('en')} parameters · compiled in ${milliseconds.toFixed(0)} ms`,
  )
}
