import { createState, type State, type StatePlace, type StateSpec } from '../compiler/index.ts'

/**
 * A state whose names that begin with `prefix` are its own, and all others those of `base`: what a program needs beside the weights does
 * not get into the weights' state, where checkpoints would find it. To release it releases its own part.
 */
export function layeredState(base: State, prefix: string): State {
  const own = createState(base.backend)
  let both = new Map<string, StatePlace>()
  const layerOf = (name: string) => (name.startsWith(prefix) ? own : base)
  return {
    backend: base.backend,
    get places(): ReadonlyMap<string, StatePlace> {
      // Places are only ever added, until all are released.
      if (both.size !== base.places.size + own.places.size) both = new Map([...base.places, ...own.places])
      return both
    },
    get bytes() {
      return base.bytes + own.bytes
    },
    ensure(specs) {
      const ownSpecs: StateSpec[] = []
      const baseSpecs: StateSpec[] = []
      for (const spec of specs) (layerOf(spec.name) === own ? ownSpecs : baseSpecs).push(spec)
      base.ensure(baseSpecs)
      own.ensure(ownSpecs)
    },
    write: (name, values) => layerOf(name).write(name, values),
    read: (name, into) => layerOf(name).read(name, into),
    release: () => own.release(),
  }
}
