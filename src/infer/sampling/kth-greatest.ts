import type { Cut } from './cut.ts'

/** A heap whose top is the least. */
let heap = new Float32Array(64)

/**
 * The cut that keeps the k greatest numbers, of equals the first. Cost: a pass, and log₂ k for each number that is among the k greatest of those up to it: few, unless
 * numbers rise.
 *
 * @param values `[V]`, k ≤ V
 */
export function kthGreatest(values: Float32Array, k: number): Cut {
  if (heap.length < k) heap = new Float32Array(2 * k)
  heap.set(values.subarray(0, k))
  for (let i = k >> 1; i >= 0; i--) sink(i, k)
  let least = heap[0]
  for (let i = k; i < values.length; i++) {
    const value = values[i]
    if (!(value > least)) continue
    heap[0] = value
    sink(0, k)
    least = heap[0]
  }
  let ties = 0
  for (let i = 0; i < k; i++) if (heap[i] === least) ties++
  return { key: least, ties }
}

/** Moves an element down to where both below it are greater. */
function sink(start: number, size: number): void {
  const value = heap[start]
  let place = start
  for (;;) {
    let below = 2 * place + 1
    if (below >= size) break
    if (below + 1 < size && heap[below + 1] < heap[below]) below++
    if (!(heap[below] < value)) break
    heap[place] = heap[below]
    place = below
  }
  heap[place] = value
}
