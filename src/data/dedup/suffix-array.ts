// SA-IS without a table of types: of a suffix that is put into its place, the symbol before it, which lies beside it in
// memory, tells at once whether the next scan has to come back to it; the sign of the entry keeps that. So each suffix costs
// one access to a distant place a scan. Words of the paper: a suffix is L when it is greater than the next one, S when it is
// smaller, and LMS when it is S behind an L.

/**
 * The order of all suffixes of a sequence: entry i is where the i-th smallest begins. A suffix comes before those that it
 * is the beginning of.
 *
 * @param sequence bytes, or ids of tokens below 2³¹; time and memory grow with the greatest of them
 * @returns `[n]`
 * Cost: linear, also for sequences that are made to be slow. Beside the result and the sequence 4 bytes an element, and up
 * to 4 more for sequences that are made to need them.
 * Source: Nong, Zhang, Chan 2009, "Linear suffix array construction by almost pure induced-sorting".
 *
 * @example
 * suffixArray(new TextEncoder().encode('banana')) // [5, 3, 1, 0, 4, 2]
 */
export function suffixArray(sequence: Uint8Array | Uint32Array): Int32Array {
  const n = sequence.length
  const order = new Int32Array(n)
  let symbols = 0
  for (let i = 0; i < n; i++) if (sequence[i] >= symbols) symbols = sequence[i] + 1
  // One kind of array for all depths, and no views of parts: engines run code for several kinds several times slower.
  const same = new Int32Array(n)
  same.set(sequence)
  sortSuffixes(same, 0, n, order, symbols)
  return order
}

/** Sorts the suffixes of the n symbols of `s` from `at` on into the first n entries of `order`. */
function sortSuffixes(s: Int32Array, at: number, n: number, order: Int32Array, symbols: number): void {
  if (n <= 1) {
    order[0] = 0
    return
  }
  const buckets = new Int32Array(symbols)
  // LMS suffixes at the ends of their buckets, in any order; inducing sorts their substrings.
  order.fill(0, 0, n)
  bucketEnds(s, at, n, buckets)
  forEachLms(s, at, n, (p) => {
    order[--buckets[s[at + p]]] = p
  })
  induce(s, at, n, order, buckets, true)
  let count = 0
  for (let i = 0; i < n; i++) if (order[i] < 0) order[count++] = ~order[i]

  if (count > 1) sortLms(s, at, n, order, count)
  order.fill(0, count, n)
  bucketEnds(s, at, n, buckets)
  for (let i = count - 1; i >= 0; i--) {
    const p = order[i]
    order[i] = 0
    order[--buckets[s[at + p]]] = p
  }
  induce(s, at, n, order, buckets, false)
}

/** Calls for LMS positions from the last to the first. */
function forEachLms(s: Int32Array, at: number, n: number, call: (position: number) => void): void {
  let isS = false
  for (let i = at + n - 2; i >= at; i--) {
    if (s[i] < s[i + 1]) isS = true
    else if (s[i] > s[i + 1]) {
      if (isS) call(i + 1 - at)
      isS = false
    }
  }
}

function bucketEnds(s: Int32Array, at: number, n: number, buckets: Int32Array): void {
  buckets.fill(0)
  for (let i = at; i < at + n; i++) buckets[s[i]]++
  let sum = 0
  for (let c = 0; c < buckets.length; c++) buckets[c] = sum += buckets[c]
}

function bucketStarts(s: Int32Array, at: number, n: number, buckets: Int32Array): void {
  bucketEnds(s, at, n, buckets)
  for (let c = buckets.length - 1; c > 0; c--) buckets[c] = buckets[c - 1]
  buckets[0] = 0
}

/**
 * From LMS suffixes at the ends of their buckets, all suffixes; 0 stands for nothing, and for suffix 0, which nothing is
 * induced from. Where only LMS suffixes are wanted, they are left as their complements, and 0 is everywhere else.
 */
function induce(s: Int32Array, at: number, n: number, order: Int32Array, buckets: Int32Array, onlyLms: boolean): void {
  const end = at + n - 1
  bucketStarts(s, at, n, buckets)
  // The end of the sequence, smaller than all, is behind the last suffix.
  order[buckets[s[end]]++] = s[end - 1] < s[end] ? ~(n - 1) : n - 1
  induceL(s, at, n, order, buckets, onlyLms)
  bucketEnds(s, at, n, buckets)
  induceS(s, at, n, order, buckets, onlyLms)
}

// A function for each scan: engines compile a long loop while it runs, and do that badly where another one follows.

/** Positive entries are those whose suffix before is L. */
function induceL(s: Int32Array, at: number, n: number, order: Int32Array, buckets: Int32Array, onlyLms: boolean): void {
  for (let i = 0; i < n; i++) {
    const p = order[i]
    if (p > 0) {
      const q = p - 1
      const symbol = s[at + q]
      const to = buckets[symbol]
      buckets[symbol] = to + 1
      order[to] = q > 0 && s[at + q - 1] < symbol ? ~q : q
      order[i] = onlyLms ? 0 : ~p
    } else if (p < 0) order[i] = ~p
  }
}

/** Positive entries are those whose suffix before is S. */
function induceS(s: Int32Array, at: number, n: number, order: Int32Array, buckets: Int32Array, onlyLms: boolean): void {
  for (let i = n - 1; i >= 0; i--) {
    const p = order[i]
    if (p > 0) {
      const q = p - 1
      const symbol = s[at + q]
      const to = buckets[symbol] - 1
      buckets[symbol] = to
      order[to] = q > 0 && s[at + q - 1] > symbol ? ~q : q
      if (onlyLms) order[i] = 0
    } else if (p < 0 && !onlyLms) order[i] = ~p
  }
}

/**
 * Sorts LMS suffixes, given in the order of their substrings in the first `count` entries: substrings get names, equal ones
 * the same, and the sequence of names is sorted by the same algorithm in the free part of the array.
 */
function sortLms(s: Int32Array, at: number, n: number, order: Int32Array, count: number): void {
  // Two LMS positions are never neighbours, so half of a position is a place of its own.
  order.fill(-1, count, n)
  let next = -1
  forEachLms(s, at, n, (p) => {
    // Length up to and with the next LMS symbol. The last ends with the sequence; where it equals another it is smaller,
    // and so is its name, with which the sequence of names ends.
    order[count + (p >> 1)] = (next < 0 ? n - 1 : next) - p + 1
    next = p
  })
  const names = nameSubstrings(s, at, order, count)
  // Names in the order of the sequence, at the end of the array.
  const reduced = n - count
  for (let i = n - 1, to = n - 1; i >= count; i--) if (order[i] >= 0) order[to--] = order[i]
  if (names < count) sortSuffixes(order, reduced, count, order, names)
  else for (let i = 0; i < count; i++) order[order[reduced + i]] = i
  let to = n
  forEachLms(s, at, n, (p) => {
    order[--to] = p
  })
  for (let i = 0; i < count; i++) order[i] = order[reduced + order[i]]
}

/** Puts the name of each LMS substring where its length was; returns how many names there are. */
function nameSubstrings(s: Int32Array, at: number, order: Int32Array, count: number): number {
  let names = 0
  let before = 0
  let lengthBefore = 0
  for (let i = 0; i < count; i++) {
    const p = order[i]
    const length = order[count + (p >> 1)]
    if (length !== lengthBefore || !equalRange(s, at + before, at + p, length)) names++
    order[count + (p >> 1)] = names - 1
    before = p
    lengthBefore = length
  }
  return names
}

function equalRange(s: Int32Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (s[a + i] !== s[b + i]) return false
  return true
}
