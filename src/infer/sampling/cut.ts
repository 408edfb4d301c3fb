const BINS = 512
/** So few are sorted. */
const FEW = 64
const bins = new Float64Array(BINS)
const members = new Int32Array(FEW)

/** Where a cut goes: what has a greater key stays, and of those with this key the first `ties`. */
export interface Cut {
  readonly key: number
  readonly ties: number
}

/**
 * The cut that keeps the fewest elements whose amounts reach `goal`, taken by falling key, of equals the first first. No sort:
 * a histogram over the keys says in which bin the goal is reached, and only the few in that bin are put in order.
 *
 * @param keys `[count]`, finite; less than 1e-300 apart is equal
 * @param amounts `[count]`, 0 or more; 1 each when not given
 * Cost: three passes, and more only where very many keys are nearly equal.
 */
export function cutAt(keys: Float64Array, amounts: Float64Array | undefined, count: number, goal: number): Cut {
  let low = keys[0]
  let high = keys[0]
  for (let i = 1; i < count; i++) {
    if (keys[i] < low) low = keys[i]
    else if (keys[i] > high) high = keys[i]
  }
  /** What is above `high` amounts to. */
  let above = 0
  for (;;) {
    const scale = BINS / (high - low)
    if (!(scale < Number.MAX_VALUE)) return equals(keys, amounts, count, high, goal - above)
    bins.fill(0)
    for (let i = 0; i < count; i++) {
      const key = keys[i]
      if (key >= low && key <= high) bins[binOf(key, high, scale)] += amounts === undefined ? 1 : amounts[i]
    }
    let bin = 0
    let reached = above
    for (; bin < BINS; bin++) {
      if (reached + bins[bin] >= goal) break
      reached += bins[bin]
    }
    // Rounding may keep the goal just out of reach: all stay.
    if (bin === BINS) return { key: low, ties: count }
    above = reached

    let found = 0
    let least = Number.POSITIVE_INFINITY
    let greatest = Number.NEGATIVE_INFINITY
    for (let i = 0; i < count; i++) {
      const key = keys[i]
      if (key < low || key > high || binOf(key, high, scale) !== bin) continue
      if (found < FEW) members[found] = i
      found++
      if (key < least) least = key
      if (key > greatest) greatest = key
    }
    if (found <= FEW) return amongFew(keys, amounts, found, goal - above)
    low = least
    high = greatest
  }
}

function binOf(key: number, high: number, scale: number): number {
  const bin = ((high - key) * scale) | 0
  return bin < BINS ? bin : BINS - 1
}

/** The cut among `found` members, which are put in order. */
function amongFew(keys: Float64Array, amounts: Float64Array | undefined, found: number, goal: number): Cut {
  for (let i = 1; i < found; i++) {
    const member = members[i]
    let place = i
    for (; place > 0 && keys[members[place - 1]] < keys[member]; place--) members[place] = members[place - 1]
    members[place] = member
  }
  let left = goal
  let ties = 0
  for (let i = 0; i < found; i++) {
    const member = members[i]
    ties = i > 0 && keys[member] === keys[members[i - 1]] ? ties + 1 : 1
    left -= amounts === undefined ? 1 : amounts[member]
    if (left <= 0) return { key: keys[member], ties }
  }
  return { key: keys[members[found - 1]], ties }
}

/** The cut among elements that all have one key. */
function equals(keys: Float64Array, amounts: Float64Array | undefined, count: number, key: number, goal: number): Cut {
  let left = goal
  let ties = 0
  for (let i = 0; i < count && left > 0; i++) {
    if (keys[i] !== key) continue
    left -= amounts === undefined ? 1 : amounts[i]
    ties++
  }
  return { key, ties }
}
