/**
 * A trie over UTF-16 in flat arrays, for finding all pieces that begin at a place without making substrings. Its nodes
 * are numbers; the node after code unit u is `children[node] + classes[u]`, if that belongs to the node: `parents` says
 * (Aoe 1989). Code units that no piece has are of class 0.
 */
export interface PieceTrie {
  /** `[65536]` */
  readonly classes: Uint16Array
  readonly children: Int32Array
  readonly parents: Int32Array
  /** The id of the piece that ends at a node, or −1. */
  readonly ids: Int32Array
}

/** After so many places that were of no use, those before are not tried again. */
const mostTries = 128

/**
 * The first node has number 1.
 *
 * @param vocab ids of pieces, none of them empty
 * Cost: about linear in the number of code units.
 */
export function pieceTrie(vocab: ReadonlyMap<string, number>): PieceTrie {
  const pieces = [...vocab.keys()].sort()
  const classes = new Uint16Array(0x10000)
  let classCount = 0
  for (const piece of pieces) {
    for (let i = 0; i < piece.length; i++) classes[piece.charCodeAt(i)] ||= ++classCount
  }
  let size = 1 << 12
  let children = new Int32Array(size)
  let parents = new Int32Array(size)
  let values = new Int32Array(size).fill(-1)
  parents[1] = -1
  let searchFrom = 2
  let last = 1

  function grow(least: number): void {
    const before = size
    size = Math.max(least, size * 2)
    const enlarge = (array: Int32Array): Int32Array<ArrayBuffer> => {
      const larger = new Int32Array(size)
      larger.set(array)
      return larger
    }
    children = enlarge(children)
    parents = enlarge(parents)
    values = enlarge(values).fill(-1, before)
  }

  /** A place for children of these classes, in any order. */
  function baseFor(labels: readonly number[]): number {
    const first = labels[0]
    let tries = 0
    while (searchFrom < size && parents[searchFrom] !== 0) searchFrom++
    for (let place = Math.max(searchFrom, first + 1); ; place++, tries++) {
      if (place + classCount >= size) grow(place + classCount + 1)
      if (parents[place] !== 0) continue
      const base = place - first
      let fits = true
      for (let i = 1; fits && i < labels.length; i++) fits = base + labels[i] > 1 && parents[base + labels[i]] === 0
      if (!fits) continue
      // Where much was tried in vain the array is as good as full.
      if (tries > mostTries && place > searchFrom) searchFrom = place
      return base
    }
  }

  /** Nodes whose children are to be placed: node, from, to, depth. */
  const stack = [1, 0, pieces.length, 0]
  while (stack.length > 0) {
    const depth = stack.pop()!
    const to = stack.pop()!
    let from = stack.pop()!
    const node = stack.pop()!
    if (from < to && pieces[from].length === depth) values[node] = vocab.get(pieces[from++])!
    if (from === to) continue
    const labels: number[] = []
    const begins: number[] = []
    for (let i = from, before = -1; i < to; i++) {
      const unit = pieces[i].charCodeAt(depth)
      if (unit === before) continue
      before = unit
      labels.push(classes[unit])
      begins.push(i)
    }
    begins.push(to)
    const base = baseFor(labels)
    children[node] = base
    for (let i = 0; i < labels.length; i++) {
      const child = base + labels[i]
      parents[child] = node
      if (child > last) last = child
      stack.push(child, begins[i], begins[i + 1], depth + 1)
    }
  }
  // Any class from any node lands inside the arrays.
  const end = last + classCount + 1
  if (end > size) grow(end)
  return { classes, children: children.slice(0, end), parents: parents.slice(0, end), ids: values.slice(0, end) }
}
