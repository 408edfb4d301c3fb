/**
 * The word that differs least from one that was meant to be it; undefined when none is near.
 *
 * @example
 * nearest('leastWord', ['leastWords', 'mostWords']) // 'leastWords'
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const meant = word.toLowerCase().slice(0, 100)
  let best: string | undefined
  let least = Math.max(1, Math.floor(0.4 * meant.length)) + 1
  for (const candidate of known) {
    const distance = edits(meant, candidate.toLowerCase())
    if (distance < least) [best, least] = [candidate, distance]
  }
  return best
}

/** Letters to change, put in or take out (Levenshtein 1965). */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + Number(a[i - 1] !== b[j - 1]))
    }
    row = next
  }
  return row[b.length]
}
