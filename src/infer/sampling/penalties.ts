import type { DryOptions, SamplingOptions } from './options.ts'

/** How often ids occur. */
export interface Occurrences {
  /** In the prompt or after it. */
  readonly all: ReadonlySet<number>
  /** Among what was drawn. */
  readonly drawn: ReadonlyMap<number, number>
}

/** Makes ids that occurred less likely. */
export function penalize(
  logits: Float32Array,
  { repetitionPenalty = 1, presencePenalty = 0, frequencyPenalty = 0 }: SamplingOptions,
  { all, drawn }: Occurrences,
): void {
  if (repetitionPenalty !== 1)
    for (const id of all) logits[id] = logits[id] > 0 ? logits[id] / repetitionPenalty : logits[id] * repetitionPenalty
  if (presencePenalty !== 0 || frequencyPenalty !== 0)
    for (const [id, count] of drawn) logits[id] -= presencePenalty + frequencyPenalty * count
}

/** Scratch of {@link dryPenalize}, grown when needed. */
let lengths = new Int32Array(256)

/**
 * Where the text's end stood earlier in it, whatever followed there becomes less likely: by multiplier · base^(n − allowedLength)
 * for a repetition of n tokens, when n is at least allowedLength.
 *
 * @param ids the text in `ids[0, length)`
 * Cost: one pass over the text (the Z-function of the reversed text: Gusfield 1997, §1.4).
 */
export function dryPenalize(
  logits: Float32Array,
  { multiplier, base = 1.75, allowedLength = 2, breakers = [] }: DryOptions,
  ids: ArrayLike<number>,
  length: number,
): void {
  if (multiplier === 0) return
  // A repetition is within what follows the last breaker.
  let most = 0
  while (most < length && !breakers.includes(ids[length - 1 - most])) most++
  if (most < allowedLength) return
  if (lengths.length < length) lengths = new Int32Array(2 * length)
  const longest = new Map<number, number>()
  // lengths[i]: how far the text up to length − 1 − i agrees with the text, from the end backwards.
  const back = (i: number) => ids[length - 1 - i]
  let from = 0
  let to = 0
  for (let i = 1; i < length; i++) {
    let agree = i < to ? Math.min(lengths[i - from], to - i) : 0
    while (i + agree < length && back(agree) === back(i + agree)) agree++
    lengths[i] = agree
    if (i + agree > to) {
      from = i
      to = i + agree
    }
    const repeated = Math.min(agree, most)
    const next = back(i - 1)
    if (repeated >= allowedLength && repeated > (longest.get(next) ?? 0)) longest.set(next, repeated)
  }
  for (const [id, repeated] of longest) {
    if (id < logits.length && !breakers.includes(id)) logits[id] -= multiplier * base ** (repeated - allowedLength)
  }
}
