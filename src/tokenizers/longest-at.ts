/** Finds the longest of some strings that stands at a place: its end, or the place itself when none does. */
export function longestAt(list: readonly string[]): (text: string, at: number) => number {
  const byFirst = Map.groupBy(
    list.toSorted((a, b) => b.length - a.length),
    (each) => each.charCodeAt(0),
  )
  if (list.length === 0) return (_, at) => at
  const begins = new Uint8Array(0x10000)
  for (const first of byFirst.keys()) begins[first] = 1
  return (text, at) => {
    if (begins[text.charCodeAt(at)] === 0) return at
    const found = byFirst.get(text.charCodeAt(at))!.find((each) => text.startsWith(each, at))
    return found === undefined ? at : at + found.length
  }
}
