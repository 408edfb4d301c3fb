import { openPython } from './peers/python.ts'
import type { Bench, Context } from './runner/contract.ts'
import { randomBatch, recipe, setups } from './runner/models.ts'
import { compare, figure } from './runner/statistics.ts'
import { type TrainingMemory, trainingMemory } from './runner/training-memory.ts'

// Peak resident memory of a whole process that trains for two steps (moments appear in the first): weights, gradients, moments, activations, and the
// runtime around them. GB are 10⁹ bytes.

const setup = setups['gpt2-124m']
const GB = 1e9

const bench: Bench = {
  title: 'Peak resident memory of training GPT-2 124M (B 4, T 256) with AdamW, and how near the plan comes to it.',
  async *cases(context) {
    const { quick, backend, wants } = context
    // What a process touches hardly varies: a short look takes one sample.
    const runs = quick ? 1 : 5
    for (const precision of quick ? (['f32'] as const) : (['f32', 'bf16'] as const)) {
      const title = `gpt2-124m ${precision} B${setup.batch} T${setup.tokens}`
      if (!wants(title)) continue
      const ours: TrainingMemory[] = []
      const peers: Record<string, number[]> = {}
      for (let i = 0; i < runs; i++) {
        ours.push(await trainingMemory({ family: 'gpt2', ...setup, threads: backend.threads, options: { precision } }))
        const theirs = await peakOfPytorch(context, precision, i === 0)
        if (theirs !== undefined) (peers[theirs.name] ??= []).push(theirs.bytes / GB)
      }
      const [{ plannedBytes, runtimeBytes }] = ours
      yield compare({
        case: title,
        ours: figure(
          ours.map(({ peakBytes }) => peakBytes / GB),
          'GB',
        ),
        peers,
        target: 'value <= 2.8',
        lessIsBetter: true,
        note: `planned ${(plannedBytes / GB).toFixed(3)} GB; Node itself ${(runtimeBytes / GB).toFixed(3)} GB`,
      })
      yield compare({
        case: `${title}, without Node, of the plan`,
        ours: figure(
          ours.map((one) => (100 * (one.peakBytes - one.runtimeBytes)) / one.plannedBytes),
          '%',
        ),
        target: 'value <= 110',
      })
    }
    if (quick) context.skip('bf16', 'left out by --quick')
  },
}
export default bench

async function peakOfPytorch({ backend, skip }: Context, setting: string, isFirst: boolean) {
  const peer = await openPython('pytorch_train.py', backend.threads)
  if ('why' in peer) {
    if (isFirst) skip(`pytorch ${setting}`, peer.why)
    return undefined
  }
  const { inputs, targets, batch, tokens } = randomBatch(setup)
  await peer.request({ op: 'open', config: setup.config, batch, tokens, ...recipe })
  await peer.request({ op: 'batch', ids: [...inputs], targets: [...targets] })
  await peer.request({ op: 'step', setting, steps: 2 })
  const bytes = await peer.request<number>({ op: 'peakBytes' })
  await peer.close()
  return { name: `pytorch ${peer.version} ${setting}`, bytes }
}
