/**
 * The length in bytes of 's 't 'm 'd 're 've 'll at an apostrophe; 0 for none; −1 when more bytes decide.
 *
 * @param at anywhere up to `limit`
 * @param letters which of the letters count: `(?i:…)` takes capital letters and ſ (U+017F), which folds to s
 */
export function contractionLength(
  bytes: Uint8Array,
  at: number,
  limit: number,
  last: boolean,
  letters: 'small' | 'ascii' | 'folded',
): number {
  if (at >= limit) return last ? 0 : -1
  if (bytes[at] !== 0x27) return 0
  if (at + 1 >= limit) return last ? 0 : -1
  // ASCII letters become small with bit 5; no other byte becomes one of these letters.
  const fold = letters === 'small' ? 0 : 0x20
  const first = bytes[at + 1]
  switch (first | fold) {
    case 0x73: // s
    case 0x74: // t
    case 0x6d: // m
    case 0x64: // d
      return 2
    case 0x72: // r
    case 0x76: // v
    case 0x6c: {
      // l
      if (at + 2 >= limit) return last ? 0 : -1
      return (bytes[at + 2] | fold) === ((first | fold) === 0x6c ? 0x6c : 0x65) ? 3 : 0
    }
  }
  return letters === 'folded' && first === 0xc5 && at + 2 < limit && bytes[at + 2] === 0xbf ? 3 : 0
}
