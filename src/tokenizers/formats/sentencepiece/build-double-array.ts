import { ConfigError } from '../../../base/index.ts'
import { endsKey, leafBit } from '../../normalizers/double-array.ts'

/** After so many places that were of no use, those before are not tried again. */
const mostTries = 128

/**
 * Builds the array that normalizers/double-array.ts reads.
 *
 * @param keys not empty, without NUL, in ascending order of their bytes, none twice
 * @param values one for each key, below 2^31
 */
export function buildDoubleArray(keys: readonly Uint8Array[], values: ArrayLike<number>): Uint32Array {
  let units = new Uint32Array(1 << 12)
  let taken = new Uint8Array(units.length)
  /** Two nodes never share the place of their children, or one would find the other's. */
  let isBase = new Uint8Array(units.length)
  let searchFrom = 1
  taken[0] = 1
  // SentencePiece refuses an array whose first unit is 0.
  isBase[0] = 1

  function grow(): void {
    const size = units.length * 2
    // Within this distance every offset can be written.
    if (size > 1 << 21) throw new ConfigError('charsmap: too many rules for a double array')
    units = enlarged(units, size)
    taken = enlarged(taken, size)
    isBase = enlarged(isBase, size)
  }

  function baseFor(labels: readonly number[]): number {
    let tries = 0
    while (searchFrom < units.length && taken[searchFrom] === 1) searchFrom++
    for (let place = searchFrom; ; place++, tries++) {
      if (place >= units.length) grow()
      if (taken[place] === 1) continue
      const base = place ^ labels[0]
      if (isBase[base] === 1) continue
      let fits = true
      for (let i = 1; fits && i < labels.length; i++) fits = taken[base ^ labels[i]] === 0
      if (!fits) continue
      // Where much was tried in vain the array is as good as full.
      if (tries > mostTries) searchFrom = place
      return base
    }
  }

  /** Places the children of the node at `place`: keys `from` up to `to`, which share their first `depth` bytes. */
  function build(place: number, from: number, to: number, depth: number): void {
    const labels: number[] = []
    const begins: number[] = []
    for (let i = from; i < to; i++) {
      const label = keys[i].length === depth ? 0 : keys[i][depth]
      if (labels.at(-1) === label) continue
      labels.push(label)
      begins.push(i)
    }
    begins.push(to)
    const base = baseFor(labels)
    isBase[base] = 1
    for (const label of labels) taken[base ^ label] = 1
    units[place] = ((units[place] & ~leafBit) | ((base ^ place) << 10)) >>> 0
    labels.forEach((label, i) => {
      const child = base ^ label
      if (label === 0) {
        units[place] |= endsKey
        units[child] = (leafBit | values[from]) >>> 0
      } else {
        units[child] = label
        build(child, begins[i], begins[i + 1], depth + 1)
      }
    })
  }
  units[0] = 0
  if (keys.length > 0) build(0, 0, keys.length, 0)
  // Any byte from any base lands inside the array.
  const end = Math.ceil((taken.lastIndexOf(1) + 1) / 256) * 256
  for (let block = 0; block < end; block += 256) {
    // What is not used gets the label that would only be right from a place where no children are.
    const nowhere = isBase.indexOf(0, block)
    for (let place = block; place < block + 256; place++)
      if (taken[place] === 0) units[place] = (place ^ nowhere) & 0xff
  }
  return units.slice(0, end)
}

function enlarged<T extends Uint32Array | Uint8Array>(array: T, size: number): T {
  const larger = new (array.constructor as new (size: number) => T)(size)
  larger.set(array)
  return larger
}
