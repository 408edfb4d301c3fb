/**
 * What several generators give, as it comes, each value with the number of its generator; of each its result last. Ending the
 * merged one ends all.
 */
export async function* merged<T, R>(
  sources: readonly AsyncGenerator<T, R>[],
): AsyncGenerator<{ readonly index: number; readonly result: IteratorResult<T, R> }> {
  const ask = async (index: number) => ({ index, result: await sources[index].next() })
  const asked = new Map(sources.map((_, index) => [index, ask(index)]))
  try {
    while (asked.size > 0) {
      const came = await Promise.race(asked.values())
      if (came.result.done) asked.delete(came.index)
      else asked.set(came.index, ask(came.index))
      yield came
    }
  } finally {
    await Promise.allSettled([...asked.keys()].map((index) => sources[index].return(undefined as R)))
  }
}
