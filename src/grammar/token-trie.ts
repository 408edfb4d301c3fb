const fewNodes = 2048

/**
 * The bytes of all tokens as a tree: each path from the root is the beginning of some token. Nodes stand in the order of a
 * walk that goes down first, so a walk is one pass over arrays, and leaving out a subtree is one jump.
 */
export class TokenTrie {
  /** The bytes of each token; undefined for ids that stand for no text. */
  readonly bytes: readonly (Uint8Array | undefined)[]
  /** The byte that leads to a node from the one above. */
  readonly byteOf: Uint8Array
  /** How many bytes lead to a node from the root, which itself is no node. */
  readonly depthOf: Uint16Array
  /** The first node behind those below a node. */
  readonly endOf: Int32Array
  /** A token that ends at a node, or −1. */
  readonly tokenAt: Int32Array
  /** Another token with the same bytes as a token, or −1. */
  readonly sameAs: Int32Array
  readonly deepest: number
  /** The depth that all but some nodes are above of. */
  readonly mostDepth: number
  /** Bytes that are tokens by themselves: `[256]` of 0 and 1. */
  readonly singles = new Uint8Array(256)

  /** @param bytes of each id; tokens without any are left out */
  constructor(bytes: readonly (Uint8Array | undefined)[]) {
    this.bytes = bytes.map((each) =>
      each?.length === 0 || each === undefined || each.length > 65_000 ? undefined : each,
    )
    const ids = [...this.bytes.keys()].filter((id) => this.bytes[id] !== undefined)
    ids.sort((a, b) => compareBytes(this.bytes[a]!, this.bytes[b]!) || a - b)
    const most = ids.reduce((sum, id) => sum + this.bytes[id]!.length, 0)
    const byteOf = new Uint8Array(most)
    const depthOf = new Uint16Array(most)
    const endOf = new Int32Array(most)
    const tokenAt = new Int32Array(most).fill(-1)
    this.sameAs = new Int32Array(bytes.length).fill(-1)
    let count = 0
    let deepest = 0
    /** The nodes that lead to the token before. */
    const path: number[] = []
    const closeTo = (depth: number) => {
      while (path.length > depth) endOf[path.pop()!] = count
    }
    let before = new Uint8Array()
    for (const id of ids) {
      const token = this.bytes[id]! as Uint8Array<ArrayBuffer>
      closeTo(sharedLength(before, token))
      while (path.length < token.length) {
        byteOf[count] = token[path.length]
        depthOf[count] = path.length + 1
        path.push(count++)
      }
      const node = path[path.length - 1]
      this.sameAs[id] = tokenAt[node]
      tokenAt[node] = id
      if (token.length === 1) this.singles[token[0]] = 1
      deepest = Math.max(deepest, token.length)
      before = token
    }
    closeTo(0)
    this.byteOf = byteOf.slice(0, count)
    this.depthOf = depthOf.slice(0, count)
    this.endOf = endOf.slice(0, count)
    this.tokenAt = tokenAt.slice(0, count)
    this.deepest = deepest
    const counts = new Int32Array(deepest + 2)
    for (const depth of this.depthOf) counts[depth]++
    let mostDepth = deepest
    for (let below = 0; mostDepth > 8 && below + counts[mostDepth] <= fewNodes; mostDepth--) below += counts[mostDepth]
    this.mostDepth = mostDepth
  }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const i = sharedLength(a, b)
  return i < a.length && i < b.length ? a[i] - b[i] : a.length - b.length
}

function sharedLength(a: Uint8Array, b: Uint8Array): number {
  const most = Math.min(a.length, b.length)
  let i = 0
  while (i < most && a[i] === b[i]) i++
  return i
}
