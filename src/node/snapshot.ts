import { byteLength, elementsOver } from '../base/index.ts'
import type { State } from '../compiler/index.ts'
import type { Tensors } from './tensors-file.ts'

/** A copy of states as they were at one moment. Its memory is taken with the first copy, and used again by the next. */
export interface Snapshot extends Tensors {
  /** Bytes of memory that a copy takes. */
  readonly bytes: number
  /** Copies the states as they are now. No program that changes them may be running. */
  take(): Promise<void>
}

/** A place for copies of the states of these names. */
export function snapshotOf(state: State, names: readonly string[]): Snapshot {
  const places = new Map(names.map((name) => [name, state.places.get(name)!]))
  const bytesIn = (name: string) => byteLength(places.get(name)!.dtype, places.get(name)!.shape)
  const copies = new Map<string, Uint8Array>()
  return {
    places,
    bytes: names.reduce((total, name) => total + bytesIn(name), 0),
    async take() {
      for (const name of names) {
        let copy = copies.get(name)
        if (copy === undefined) copies.set(name, (copy = new Uint8Array(bytesIn(name))))
        await state.read(name, copy)
      }
    },
    async read(name) {
      const { shape, dtype } = places.get(name)!
      return elementsOver(dtype, shape, copies.get(name)!.buffer)
    },
  }
}
