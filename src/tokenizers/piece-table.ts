/** Copies `old` into the larger `fresh`. */
export function grown<A extends Uint16Array | Int32Array | Uint32Array | Float64Array>(old: A, fresh: A): A {
  fresh.set(old)
  return fresh
}
