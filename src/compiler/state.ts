import type { Backend, Segment } from '../backend/index.ts'
import {
  byteLength,
  ConfigError,
  type Elements,
  elementsOver,
  ShapeError,
  sameShape,
  shapeText,
} from '../base/index.ts'
import { ALIGNMENT } from './memory.ts'
import type { StateSpec } from './plan.ts'

/** Where one named state lives. */
export interface StatePlace extends StateSpec {
  readonly segment: Segment
  readonly offset: number
}

/**
 * Named values that stay in backend memory between runs and are shared by programs: weights, moments, counters. Names are
 * checkpoint names.
 */
export interface State {
  readonly backend: Backend
  /** What there is, in the order in which it was made. */
  readonly places: ReadonlyMap<string, StatePlace>
  /** Bytes of backend memory. */
  readonly bytes: number
  /** Makes room, filled with zeros, for what is not there yet. Throws a ShapeError when it is there in another shape. */
  ensure(specs: readonly StateSpec[]): void
  write(name: string, values: Elements): void
  /** A copy of the contents, in memory of the caller's where it gives some. */
  read(name: string, into?: Uint8Array): Promise<Elements>
  release(): void
}

/**
 * An empty state on a backend.
 *
 * @example
 * const state = createState(referenceBackend())
 * state.ensure([{ name: 'w', shape: [2], dtype: 'f32' }])
 * await state.read('w') // [0, 0]
 */
export function createState(backend: Backend): State {
  const places = new Map<string, StatePlace>()
  const segments: Segment[] = []
  const placeOf = (name: string): StatePlace => {
    const place = places.get(name)
    if (place === undefined)
      throw new ConfigError(`there is no state named ${name}; there are ${[...places.keys()].slice(0, 8).join(', ')} …`)
    return place
  }
  return {
    backend,
    places,
    get bytes() {
      return segments.reduce((total, segment) => total + segment.bytes, 0)
    },
    ensure(specs) {
      const missing: StateSpec[] = []
      for (const spec of specs) {
        const place = places.get(spec.name)
        if (place === undefined) missing.push(spec)
        else if (!sameShape(place.shape, spec.shape) || place.dtype !== spec.dtype) {
          throw new ShapeError(
            'state',
            `${spec.name} is ${place.dtype} ${shapeText(place.shape)}, but a program needs ${spec.dtype} ${shapeText(spec.shape)}`,
          )
        }
      }
      if (missing.length === 0) return
      const offsets: number[] = []
      let bytes = 0
      for (const spec of missing) {
        offsets.push(bytes)
        bytes += Math.ceil(byteLength(spec.dtype, spec.shape) / ALIGNMENT) * ALIGNMENT
      }
      const segment = backend.allocate(bytes)
      segments.push(segment)
      for (const [i, spec] of missing.entries()) places.set(spec.name, { ...spec, segment, offset: offsets[i] })
    },
    write(name, values) {
      const { segment, offset, shape, dtype } = placeOf(name)
      const bytes = byteLength(dtype, shape)
      if (values.byteLength !== bytes) {
        throw new ShapeError(
          'state',
          `${name} is ${dtype} ${shapeText(shape)} of ${bytes} bytes, got ${values.byteLength} bytes`,
        )
      }
      segment.write(offset, new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    },
    async read(name, into) {
      const { segment, offset, shape, dtype } = placeOf(name)
      const bytes = await segment.read(offset, byteLength(dtype, shape), into)
      return elementsOver(dtype, shape, bytes.buffer, bytes.byteOffset)
    },
    release() {
      for (const segment of segments) segment.release()
      segments.length = 0
      places.clear()
    },
  }
}
