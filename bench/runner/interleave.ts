/** Takes one sample: does some work and says how fast it went. */
export type Sampler = () => Promise<number>

export interface Rounds {
  /** Samples of each competitor. */
  readonly rounds: number
  readonly warmups?: number
}

/** Threads of the last competitor may still spin while they wait for work that will not come. */
const settleMs = 20

/**
 * Samples competitors in turn (a, b, a, b, …), so that a machine that changes its speed changes it for all of them. Every
 * second round goes backwards: nobody always comes after the same one.
 */
export async function interleave(
  competitors: Readonly<Record<string, Sampler>>,
  { rounds, warmups = 1 }: Rounds,
): Promise<Record<string, number[]>> {
  const names = Object.keys(competitors)
  const samples: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = -warmups; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const sample = await competitors[name]()
      if (round >= 0) samples[name].push(sample)
      await new Promise((resolve) => setTimeout(resolve, settleMs))
    }
  }
  return samples
}
