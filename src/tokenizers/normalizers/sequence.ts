import type { Normalizer } from '../stages.ts'

/**
 * Normalizers one after the other.
 *
 * @example
 * normalizerSequence([strip(), lowercase()]).normalize(' Әліппе ') // 'әліппе'
 */
export function normalizerSequence(normalizers: readonly Normalizer[]): Normalizer {
  return {
    json: { type: 'Sequence', normalizers: normalizers.map(({ json }) => json) },
    normalize: (text, sources, sourceEnds) => normalizedInTurn(normalizers, text, sources, sourceEnds),
  }
}

/** What normalizers make of a text, one after the other. */
export function normalizedInTurn(
  normalizers: readonly Pick<Normalizer, 'normalize'>[],
  text: string,
  sources?: number[],
  sourceEnds?: number[],
): string {
  if (sources === undefined) return normalizers.reduce<string>((result, each) => each.normalize(result), text)
  let result = text
  let starts = Array.from({ length: text.length }, (_, i) => i)
  let ends: number[] = []
  for (const each of normalizers) {
    const from: number[] = []
    const to: number[] = []
    result = each.normalize(result, from, to)
    const nextEnds = from.map((source, i) => {
      const end = to[i] ?? source + 1
      if (end <= source || source < 0) return starts[source] ?? 0
      return ends[end - 1] ?? starts[end - 1] + 1
    })
    const hasEnds = to.length > 0 || ends.length > 0
    starts = from.map((source) => (source < 0 ? -1 : (starts[source] ?? text.length)))
    ends = hasEnds ? nextEnds : []
  }
  for (const start of starts) sources.push(start)
  if (sourceEnds !== undefined) for (const end of ends) sourceEnds.push(end)
  return result
}
