import { openContest, sampleContest } from './runner/contest.ts'
import type { Bench, Case, Context } from './runner/contract.ts'
import type { InferenceModel } from './runner/random-model.ts'
import { compare, figure, median, rounded } from './runner/statistics.ts'

// One stream is bound by reading the weights: beside tokens/s, the part of what reading memory reaches. Memory drifts, so it is
// measured before each sample, and a sample is held against the one before it.

interface Setup {
  readonly model: InferenceModel
  readonly type: 'bf16' | 'f16' | 'q8_0' | 'q4_0' | 'q4_k'
  /** Per cent of the bandwidth. */
  readonly bandwidth?: number
  /** Times llama.cpp. */
  readonly ratio: number
}

const setups: readonly Setup[] = [
  { model: 'llama-1b', type: 'bf16', bandwidth: 92, ratio: 1 },
  { model: 'llama-1b', type: 'f16', bandwidth: 92, ratio: 1 },
  { model: 'llama-1b', type: 'q8_0', bandwidth: 85, ratio: 1.35 },
  { model: 'llama-1b', type: 'q4_0', bandwidth: 80, ratio: 1.35 },
  { model: 'llama-1b', type: 'q4_k', bandwidth: 80, ratio: 1 },
  { model: 'gpt2-124m', type: 'q8_0', ratio: 1.4 },
  { model: 'gpt2-124m', type: 'q4_0', ratio: 1.4 },
]

const bench: Bench = {
  title: 'Decoding one stream: tokens/s beside llama.cpp, and GB/s of weights as part of what reading memory reaches.',
  async *cases(context) {
    for (const setup of context.quick ? setups.slice(-2) : setups)
      if (context.wants(`${setup.model} ${setup.type}`)) yield* casesOf(context, setup)
  },
}
export default bench

async function* casesOf(context: Context, { model, type, bandwidth, ratio }: Setup): AsyncGenerator<Case> {
  await using contest = await openContest(context, model, type)
  const tokens = model === 'llama-1b' ? 12 : 64
  const { samples, peers } = await sampleContest(
    contest,
    { memory: async () => (await context.backend.peaks()).readGBs, ours: () => contest.ours(1, tokens) },
    () => contest.theirs(1, tokens),
    { rounds: context.quick ? 5 : 11 },
  )
  const { memory, ours } = samples
  const title = `${model} ${type}`
  yield compare({ case: title, ours: figure(ours, 'tokens/s'), peers, target: `ratio >= ${ratio}` })
  if (bandwidth === undefined) return
  const gbs = ours.map((rate) => (rate * contest.weightBytes) / 1e9)
  const shares = gbs.map((rate, i) => (100 * rate) / memory[i])
  yield compare({
    case: `${title}, weights`,
    ours: { ...figure(gbs, 'GB/s'), percentOfPeak: rounded(median(shares)) },
    target: `percentOfPeak >= ${bandwidth}`,
    note: `memory ${median(memory).toFixed(1)} GB/s`,
  })
}
