/** The first place where two lists differ; −1 when they are equal. */
export function firstDifference(a: ArrayLike<unknown>, b: ArrayLike<unknown>): number {
  const longer = Math.max(a.length, b.length)
  for (let i = 0; i < longer; i++) if (a[i] !== b[i]) return i
  return -1
}

/** A text as letters of ASCII, so that what cannot be seen can be read. */
export const visible = (text: string): string =>
  JSON.stringify(text).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/**
 * A short text, found by leaving parts out, for which something is still wrong. Halves go first, then single characters.
 */
export async function smallest(text: string, isWrong: (text: string) => boolean | Promise<boolean>): Promise<string> {
  let rest = [...text]
  for (let size = rest.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < rest.length; ) {
      const without = [...rest.slice(0, at), ...rest.slice(at + size)]
      if (await isWrong(without.join(''))) rest = without
      else at += size
    }
  }
  return rest.join('')
}

/** Fails with a short text that two encoders disagree on. */
export async function expectSameIds(
  text: string,
  ours: (text: string) => ArrayLike<number>,
  theirs: (text: string) => ArrayLike<number>,
): Promise<void> {
  if (firstDifference(ours(text), theirs(text)) < 0) return
  const least = await smallest(text, (part) => firstDifference(ours(part), theirs(part)) >= 0)
  throw new Error(`${visible(least)} is ${Array.from(theirs(least))}, but ours is ${Array.from(ours(least))}`)
}
