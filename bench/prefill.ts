import { openContest, sampleContest } from './runner/contest.ts'
import type { Bench } from './runner/contract.ts'
import { compare, figure } from './runner/statistics.ts'

const TOKENS = 512

/** Times llama.cpp. */
const setups = [
  ['llama-1b', 'q8_0', 3],
  ['llama-1b', 'q4_0', 2],
  ['llama-1b', 'bf16', 1.5],
  ['gpt2-124m', 'q8_0', 1],
  ['gpt2-124m', 'q4_0', 1],
] as const

const bench: Bench = {
  title: `Reading a prompt of ${TOKENS} tokens up to the first token, in tokens/s beside llama.cpp.`,
  async *cases(context) {
    for (const [model, type, ratio] of context.quick ? setups.slice(-2) : setups) {
      const title = `${model} ${type}`
      if (!context.wants(title)) continue
      await using contest = await openContest(context, model, type)
      const { samples, peers } = await sampleContest(
        contest,
        { ours: () => contest.ourPrefill(TOKENS) },
        () => contest.theirPrefill(TOKENS),
        { rounds: 5 },
      )
      yield compare({ case: title, ours: figure(samples.ours, 'tokens/s'), peers, target: `ratio >= ${ratio}` })
    }
  },
}
export default bench
