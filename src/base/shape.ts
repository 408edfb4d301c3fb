/** Sizes of a tensor's axes, outermost first; row-major, no strides. A scalar is `[]`. */
export type Shape = readonly number[]

/** Number of elements. `sizeOf([2, 3])` is 6, `sizeOf([])` is 1. */
export function sizeOf(shape: Shape): number {
  let size = 1
  for (const axis of shape) size *= axis
  return size
}

/** How a shape is printed in messages: `[2, 3]`. */
export function shapeText(shape: Shape): string {
  return `[${shape.join(', ')}]`
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((axis, i) => axis === b[i])
}

/**
 * The shape that two operands broadcast to (NumPy's rule: aligned at the last axis, 1 stretches),
 * or undefined when they do not fit.
 */
export function broadcastShapes(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length)
  const result: number[] = new Array(rank)
  for (let i = 1; i <= rank; i++) {
    const x = a[a.length - i] ?? 1
    const y = b[b.length - i] ?? 1
    if (x !== y && x !== 1 && y !== 1) return undefined
    result[rank - i] = x === 1 ? y : x
  }
  return result
}

/** `-1` is the last axis. Throws a RangeError when the axis is not there; callers say whose it was. */
export function normalizeAxis(axis: number, rank: number): number {
  const normalized = axis < 0 ? axis + rank : axis
  if (!Number.isInteger(axis) || normalized < 0 || normalized >= rank) {
    throw new RangeError(`axis ${axis} is not in a tensor of ${rank} axes`)
  }
  return normalized
}
