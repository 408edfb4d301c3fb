// The hot loop of MinHash in WebAssembly with vectors of four integers, assembled here from its instructions: about 450
// bytes, so that browsers compile it at once. minhash.ts holds the definition, and a test holds both equal.
//
// Hash functions lie in memory in groups of 16: their factors a, their summands b, their least values so far, 64 bytes each.

/** Hash functions of a group: four vectors, whose a, b and minima stay in twelve registers. */
export const groupSize = 16
export const groupBytes = 3 * 4 * groupSize

const vectors = 4
const bytesOfB = 64
const bytesOfMinima = 128

const op = {
  loop: 0x03,
  end: 0x0b,
  branchIf: 0x0d,
  get: 0x20,
  set: 0x21,
  tee: 0x22,
  constant: 0x41,
  less: 0x49,
  add: 0x6a,
}
const vectorOp = { load: [0xfd, 0x00], splat: [0xfd, 0x09], store: [0xfd, 0x0b] }
const laneOp = { add: [0xfd, 0xae, 0x01], multiply: [0xfd, 0xb5, 0x01], least: [0xfd, 0xb7, 0x01] }
const type = { i32: 0x7f, v128: 0x7b, none: 0x40, function: 0x60 }

/** LEB128, the numbers of WebAssembly; `signed` leaves the sign bit of the last byte free. */
function number(value: number, signed = false): number[] {
  return value < (signed ? 0x40 : 0x80) ? [value] : [(value & 0x7f) | 0x80, ...number(value >>> 7, signed)]
}
const list = (items: readonly (readonly number[])[]) => [...number(items.length), ...items.flat()]
const section = (id: number, ...items: number[][]) => sized([id], list(items))
const sized = (head: number[], body: number[]) => [...head, ...number(body.length), ...body]
const name = (text: string) => list([...text].map((letter) => [letter.charCodeAt(0)]))

const each = (code: (vector: number) => number[]) => Array.from({ length: vectors }, (_, v) => code(v)).flat()
const get = (local: number) => [op.get, local]
const set = (local: number, ...value: number[][]) => [...value.flat(), op.set, local]
/** Alignment 2⁴ is a hint; the address is on the stack. */
const load = (address: number, offset: number) => [...get(address), ...vectorOp.load, 4, ...number(offset)]
/** Adds to a local and goes on with the loop while it is below a limit. */
const advance = (local: number, step: number, limit: number) => [
  ...[...get(local), op.constant, ...number(step, true), op.add, op.tee, local],
  ...[...get(limit), op.less, op.branchIf, 0],
]
const loop = (...body: number[][]) => [op.loop, type.none, ...body.flat(), op.end]

/** Parameters, then an address, then the vectors of a group, then the shingle in all lanes. */
const [group, groupsEnd, first, end, at, a, b, minima, shingle] = [0, 1, 2, 3, 4, 5, 9, 13, 17]

const body = loop(
  each((v) => set(a + v, load(group, 16 * v))),
  each((v) => set(b + v, load(group, bytesOfB + 16 * v))),
  each((v) => set(minima + v, load(group, bytesOfMinima + 16 * v))),
  set(at, get(first)),
  loop(
    set(shingle, get(at), [...vectorOp.splat, 2, 0]),
    each((v) => {
      const product = [...get(shingle), ...get(a + v), ...laneOp.multiply]
      return set(minima + v, get(minima + v), product, get(b + v), laneOp.add, laneOp.least)
    }),
    advance(at, 4, end),
  ),
  each((v) => [...get(group), ...get(minima + v), ...vectorOp.store, 4, ...number(bytesOfMinima + 16 * v)]),
  advance(group, groupBytes, groupsEnd),
)

/** `minima(group, groupsEnd, first, end)`: addresses in bytes; at least one group and one shingle. */
function moduleBytes(pages: number): Uint8Array<ArrayBuffer> {
  const locals = list([
    [1, type.i32],
    [3 * vectors + 1, type.v128],
  ])
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [type.function, ...list(Array(4).fill([type.i32])), 0]),
    ...section(3, [0]),
    ...section(5, [0, ...number(pages)]),
    ...section(7, [...name('memory'), 2, 0], [...name('minima'), 0, 0]),
    ...section(10, sized([], [...locals, ...body, op.end])),
  ])
}

export interface MinimaModule {
  readonly memory: WebAssembly.Memory
  minima(group: number, groupsEnd: number, first: number, end: number): void
}

/** The loop with so much memory; undefined where WebAssembly or its vectors are missing. */
export function minimaModule(bytes: number): MinimaModule | undefined {
  if (typeof WebAssembly === 'undefined') return undefined
  const code = moduleBytes(Math.ceil(bytes / 0x10000))
  if (!WebAssembly.validate(code)) return undefined
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(code)).exports as unknown as MinimaModule
  } catch {
    return undefined // a page whose content security policy forbids to compile
  }
}
