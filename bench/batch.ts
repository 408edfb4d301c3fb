import { type Contest, openContest, sampleContest } from './runner/contest.ts'
import type { Bench, Case, Context } from './runner/contract.ts'
import type { InferenceModel } from './runner/random-model.ts'
import { compare, figure, median } from './runner/statistics.ts'

// Streams that are decoded together share one reading of the weights.

const STREAMS = 8

interface Setup {
  readonly model: InferenceModel
  readonly type: 'q8_0' | 'q4_0' | 'bf16'
  /** Times llama.cpp's eight streams; times one stream of ours. */
  readonly ratio: number
  readonly speedup?: number
}

const setups: readonly Setup[] = [
  { model: 'llama-1b', type: 'q8_0', ratio: 1 },
  { model: 'llama-1b', type: 'q4_0', ratio: 1 },
  { model: 'llama-1b', type: 'bf16', ratio: 1 },
  { model: 'gpt2-124m', type: 'q4_0', ratio: 1 },
  { model: 'gpt2-124m', type: 'q8_0', ratio: 3, speedup: 5 },
]

const bench: Bench = {
  title: `${STREAMS} streams batched continuously: tokens/s together, beside llama.cpp's ${STREAMS} and beside one of ours.`,
  async *cases(context) {
    for (const setup of context.quick ? setups.slice(-1) : setups) {
      if (!context.wants(`${setup.model} ${setup.type}`)) continue
      await using contest = await openContest(context, setup.model, setup.type, STREAMS)
      yield* casesOf(context, setup, contest)
    }
  },
}
export default bench

async function* casesOf({ quick }: Context, setup: Setup, contest: Contest): AsyncGenerator<Case> {
  const tokens = setup.model === 'llama-1b' ? 12 : 64
  const rounds: number[][] = []
  const { samples, peers } = await sampleContest(
    contest,
    {
      one: () => contest.ours(1, tokens),
      all: () => contest.ours(STREAMS, tokens, rounds[rounds.push([]) - 1]),
    },
    () => contest.theirs(STREAMS, tokens),
    { rounds: quick ? 5 : 11 },
  )
  const title = `${setup.model} ${setup.type}, ${STREAMS} streams`
  yield compare({
    case: title,
    ours: figure(samples.all, 'tokens/s'),
    peers,
    target: `ratio >= ${setup.ratio}`,
  })
  if (setup.speedup === undefined) return
  const times = samples.all.map((rate, i) => rate / samples.one[i])
  yield compare({
    case: `${title}, times one`,
    ours: figure(times, '×'),
    target: `value >= ${setup.speedup}`,
    note: `one: ${median(samples.one).toFixed(0)} tokens/s`,
  })
  const gaps = rounds.slice(1).flat() // without the warm-up
  const late = gaps.toSorted((a, b) => a - b)[Math.floor(0.95 * gaps.length)]
  yield compare({
    case: `${title}, 95 of 100 tokens`,
    ours: figure([late / median(gaps)], '× median'),
    target: 'value <= 1.5',
    note: `median ${median(gaps).toFixed(2)} ms, 95 of 100 within ${late.toFixed(2)} ms`,
  })
}
