import { BackendError } from '../../base/index.ts'

const page = 65536
const alignment = 64

interface Range {
  readonly start: number
  readonly end: number
}

/** Ranges of one WebAssembly memory. */
export interface Heap {
  /** Address of `bytes` zero bytes, a multiple of 64. Grows the memory when it must. */
  allocate(bytes: number): number
  /** Gives back what {@link allocate} gave. */
  free(address: number): void
}

/**
 * Hands out the memory from `base` on: first fit over a sorted list of free ranges, neighbours joined.
 *
 * @throws BackendError from `allocate` when the memory cannot grow enough (4 GiB at most)
 */
export function heapOver(memory: WebAssembly.Memory, base: number): Heap {
  const align = (address: number) => Math.ceil(address / alignment) * alignment
  const used = new Map<number, number>()
  let free: Range[] = [{ start: align(base), end: memory.buffer.byteLength }]
  // Up to here memory may have been written; beyond it is still zero.
  let touched = align(base)

  function join(range: Range) {
    const sorted = [...free, range].sort((a, b) => a.start - b.start)
    free = []
    for (const next of sorted) {
      const last = free.at(-1)
      if (last && last.end === next.start) free[free.length - 1] = { start: last.start, end: next.end }
      else if (next.end > next.start) free.push(next)
    }
  }

  function grow(bytes: number) {
    const end = memory.buffer.byteLength
    const tail = free.at(-1)
    const missing = bytes - (tail && tail.end === end ? tail.end - tail.start : 0)
    try {
      memory.grow(Math.ceil(missing / page))
    } catch {
      const inUse = [...used.values()].reduce((sum, size) => sum + size, 0)
      throw new BackendError(
        `allocate: ${bytes} bytes beside ${inUse} in use do not fit into a WebAssembly memory (4 GiB at most); use a smaller model or batch, or the native engine`,
      )
    }
    join({ start: end, end: memory.buffer.byteLength })
  }

  return {
    allocate(bytes) {
      const size = Math.max(alignment, align(bytes))
      let at = free.findIndex((range) => range.end - range.start >= size)
      if (at < 0) {
        grow(size)
        at = free.findIndex((range) => range.end - range.start >= size)
      }
      const { start, end } = free[at]
      free.splice(at, 1, ...(end - start > size ? [{ start: start + size, end }] : []))
      used.set(start, size)
      if (start < touched) new Uint8Array(memory.buffer, start, Math.min(size, touched - start)).fill(0)
      touched = Math.max(touched, start + size)
      return start
    },
    free(address) {
      const size = used.get(address)
      if (size === undefined) return
      used.delete(address)
      join({ start: address, end: address + size })
    },
  }
}
