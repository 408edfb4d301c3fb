import type { TokenConstraint } from '../constraint.ts'

/** Makes impossible what a constraint does not allow; stop ids are allowed where the text may end. */
export function forbid(logits: Float32Array, constraint: TokenConstraint, stop: readonly number[]): void {
  const allowed = constraint.allowed()
  const ends = stop.filter((id) => id < logits.length).map((id) => [id, logits[id]] as const)
  for (let word = 0; word * 32 < logits.length; word++) {
    const bits = word < allowed.length ? allowed[word] : 0
    if (bits === 0xffffffff) continue
    const end = Math.min(logits.length, word * 32 + 32)
    for (let id = word * 32; id < end; id++) if (((bits >>> (id & 31)) & 1) === 0) logits[id] = Number.NEGATIVE_INFINITY
  }
  for (const [id, logit] of ends) logits[id] = constraint.mayEnd ? logit : Number.NEGATIVE_INFINITY
}
