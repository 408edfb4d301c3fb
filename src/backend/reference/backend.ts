import { BackendError } from '../../base/index.ts'
import type { Backend, BufferRef, Executable, KernelCall, Segment } from '../contract.ts'
import { kernels } from './kernels.ts'
import { absent, read, type View, viewOf, write } from './view.ts'

/** How long a run may hold the event loop, in milliseconds; one kernel call is never cut. */
const turnMs = 10

export interface ReferenceOptions {
  /**
   * Values of dtype f32 keep all digits of f64 between kernels, so that gradients can be compared with differences.
   * Bytes that are written and read from outside are f32 as ever; {@link writeDoubles} and {@link readDoubles} see more.
   */
  readonly double?: boolean
}

/** What a segment of this backend holds: its bytes, and in double precision a number for every four of them. */
interface Memory {
  readonly buffer: ArrayBuffer
  readonly unrounded?: Float64Array
}

const memories = new WeakMap<Segment, Memory>()

function memoryOf(segment: Segment | undefined): Memory {
  const memory = segment && memories.get(segment)
  if (!memory) throw new BackendError('reference: a buffer lies in a segment that this backend does not hold')
  return memory
}

function viewIn(segment: Segment | undefined, ref: BufferRef): View {
  const { buffer, unrounded } = memoryOf(segment)
  return viewOf(buffer, ref, unrounded)
}

/** Writes numbers to a place of a reference segment; with `double` an f32 value keeps all their digits. */
export function writeDoubles(segment: Segment, ref: BufferRef, values: ArrayLike<number>): void {
  write(viewIn(segment, ref), Float64Array.from(values))
}

/** Reads the numbers at a place of a reference segment; with `double` an f32 value has all the digits it was given. */
export function readDoubles(segment: Segment, ref: BufferRef): Float64Array {
  return read(viewIn(segment, ref))
}

/**
 * The backend that defines what every kernel computes: plain loops in f64, rounded where a value is stored. Slow; meant
 * for tests, for reading, and for machines where nothing else runs.
 *
 * @example
 * const backend = referenceBackend()
 * const memory = backend.allocate(64)
 * const y = { segment: 0, offset: 0, shape: [4], dtype: 'f32' }
 * await backend.load([{ kernel: 'fill', inputs: [], outputs: [y], attributes: [1] }], [memory]).run()
 */
export function referenceBackend({ double = false }: ReferenceOptions = {}): Backend {
  let queue: Promise<void> = Promise.resolve()

  function prepare(call: KernelCall, segments: readonly Segment[]): () => void {
    const kernel = kernels.get(call.kernel)
    if (!kernel) {
      throw new BackendError(
        `reference: there is no kernel "${call.kernel}"; there are ${[...kernels.keys()].join(', ')}`,
      )
    }
    const view = (ref: BufferRef | null): View => (ref ? viewIn(segments[ref.segment], ref) : absent)
    const inputs = call.inputs.map(view)
    const outputs = call.outputs.map(view)
    return () => kernel(inputs, outputs, call.attributes)
  }

  return {
    name: 'reference',
    threads: 1,
    kernels: new Set(kernels.keys()),
    workspaceBytes: 0,
    allocate(bytes): Segment {
      const buffer = new ArrayBuffer(bytes)
      const unrounded = double ? new Float64Array(Math.ceil(bytes / 4)) : undefined
      const segment: Segment = {
        bytes,
        write(offset, data) {
          new Uint8Array(buffer).set(data, offset)
          unrounded?.fill(Number.NaN, Math.floor(offset / 4), Math.ceil((offset + data.length) / 4))
        },
        async read(offset, length, into = new Uint8Array(length)) {
          into.set(new Uint8Array(buffer, offset, length))
          return into
        },
        release: () => void memories.delete(segment),
      }
      memories.set(segment, { buffer, unrounded })
      return segment
    },
    load(calls, segments): Executable {
      const steps = calls.map((call) => prepare(call, segments))
      return {
        run(timings) {
          const result = queue.then(() => runInTurns(steps, timings))
          queue = result.catch(() => {}) // a run that failed must not stop the next
          return result
        },
        release() {},
      }
    },
    close: () => queue,
  }
}

async function runInTurns(steps: readonly (() => void)[], timings?: Float64Array): Promise<void> {
  let turnStart = performance.now()
  for (let i = 0; i < steps.length; i++) {
    const start = performance.now()
    if (start - turnStart > turnMs) {
      await new Promise((resolve) => setTimeout(resolve))
      turnStart = performance.now()
    }
    const stepStart = performance.now()
    steps[i]()
    if (timings) timings[i] = (performance.now() - stepStart) * 1e6 // ns
  }
}
