/** Where a node was written. */
export interface Origin {
  /** The names of {@link scope} around it: `blocks.3.attention`; empty outside of all. */
  readonly scope: string
  /** Whether a gradient rule wrote it, for a node that was written there. */
  readonly isGradient: boolean
}

// Graphs are written synchronously, so the innermost place is always the one that is being written.
let current: Origin = { scope: '', isGradient: false }

/** The place that is being written. */
export function origin(): Origin {
  return current
}

function at<T>(place: Origin, body: () => T): T {
  const outer = current
  current = place
  try {
    return body()
  } finally {
    current = outer
  }
}

/** A name below the one that is being written. */
export function scopedName(name: string): string {
  return current.scope === '' ? name : `${current.scope}.${name}`
}

/**
 * Runs `body` with `name.` in front of every tap inside it, and as the place of what it writes.
 *
 * @example
 * scope('blocks', () => scope('0', () => ones([1]))).node.origin.scope // 'blocks.0'
 */
export function scope<T>(name: string, body: () => T): T {
  return at({ scope: scopedName(name), isGradient: current.isGradient }, body)
}

/** Runs a gradient rule: what it writes belongs to the place of the node whose gradient it is. */
export function gradientOf<T>({ scope }: Origin, rule: () => T): T {
  return at({ scope, isGradient: true }, rule)
}
