import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { runChild } from './runner/child.ts'
import type { Bench } from './runner/contract.ts'
import { interleave, type Sampler } from './runner/interleave.ts'
import { type Setup, setups } from './runner/models.ts'
import { randomGguf } from './runner/random-model.ts'
import { compare, figure } from './runner/statistics.ts'

// All of it in fresh processes: what somebody waits for who calls the command once, or opens a page.

const widget: Setup = {
  name: 'widget',
  config: { vocabSize: 64, context: 32, width: 32, layers: 1, heads: 2 },
  batch: 4,
  tokens: 32,
}

const alippe = join(import.meta.dirname, '..', 'bin', 'alippe.js')

async function version(): Promise<number> {
  const start = performance.now()
  await promisify(execFile)(process.execPath, [alippe, '--version'])
  return performance.now() - start
}

/** The first token of a model that lies on this machine, without what the system has to read from a disk. */
async function firstToken(): Promise<number> {
  const path = await randomGguf('gpt2-124m', 'q8_0')
  const start = performance.now()
  const run = promisify(execFile)(process.execPath, [alippe, 'generate', path, 'the words', '-n', '1'])
  run.child.stdin?.end()
  await run
  return performance.now() - start
}

const planOf =
  ({ config, batch, tokens }: Setup): Sampler =>
  async () =>
    (await runChild<{ milliseconds: number }>('plan-time', JSON.stringify(config), batch, tokens)).milliseconds

const questions: readonly (readonly [title: string, target: string, sample: Sampler])[] = [
  ['alippe --version, whole process', 'value <= 150', version],
  ['alippe generate, first token of 124M q8_0, whole process', 'value <= 400', firstToken],
  ['plan of a training step, gpt2-124m', 'value <= 500', planOf(setups['gpt2-124m'])],
  ['plan of a training step, 1 layer, C 32', 'value <= 20', planOf(widget)],
]

const bench: Bench = {
  title: 'What is waited for before anything happens: the command line, tracing and planning, in fresh processes.',
  async *cases({ quick, wants }) {
    const asked = questions.filter(([title]) => wants(title))
    const samplers = Object.fromEntries(asked.map(([title, , sample]) => [title, sample]))
    const samples = await interleave(samplers, { rounds: quick ? 5 : 15 })
    for (const [title, target] of asked) yield compare({ case: title, ours: figure(samples[title], 'ms'), target })
  },
}
export default bench
