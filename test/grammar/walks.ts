import type { GrammarConstraint } from '../../src/grammar/index.ts'

/** The ids of the bits of a mask. */
export function idsIn(mask: Uint32Array): number[] {
  const ids: number[] = []
  for (let word = 0; word < mask.length; word++) {
    for (let bits = mask[word]; bits !== 0; bits &= bits - 1) ids.push(word * 32 + (31 - Math.clz32(bits & -bits)))
  }
  return ids
}

/** The ids that a copy accepts: the definition of what is allowed. */
export function accepted(constraint: GrammarConstraint, size: number): number[] {
  const ids: number[] = []
  for (let id = 0; id < size; id++) {
    try {
      constraint.clone().accept(id)
      ids.push(id)
    } catch {}
  }
  return ids
}

/**
 * Draws allowed tokens until the text must end, or may and a coin says so; from `patience` on it prefers to end.
 *
 * @param prefer of some tokens, those to draw from when it should come to an end
 * @returns the ids
 * @throws Error at a dead end
 */
export function randomWalk(
  constraint: GrammarConstraint,
  draw: () => number,
  { patience = 40, most = 5000, prefer = (ids: number[]) => ids }: WalkOptions = {},
): number[] {
  const ids: number[] = []
  for (;;) {
    const isLate = ids.length >= patience
    if (constraint.mustEnd || (constraint.mayEnd && (isLate || draw() < 0.2))) return ids
    const allowed = idsIn(constraint.allowed())
    if (allowed.length === 0) throw new Error(`a dead end after ${ids.length} tokens`)
    if (ids.length > most) throw new Error(`no end after ${most} tokens`)
    const from = isLate && draw() < 0.7 ? prefer(allowed) : allowed
    const id = from[Math.floor(draw() * from.length)]
    constraint.accept(id)
    ids.push(id)
  }
}

export interface WalkOptions {
  readonly patience?: number
  readonly most?: number
  readonly prefer?: (ids: number[]) => number[]
}
