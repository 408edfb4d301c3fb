/**
 * Rewrites a text character by character. What stands for a character comes from it.
 *
 * @param rewrite what stands for a code point; undefined for the character itself
 * @param sources as in a `Normalizer`
 */
export function rewritten(
  text: string,
  rewrite: (codePoint: number) => string | undefined,
  sources?: number[],
): string {
  let out = ''
  /** Text up to here is in `out`. */
  let done = 0
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at)!
    const end = at + (code > 0xffff ? 2 : 1)
    const part = rewrite(code)
    if (part !== undefined) {
      out += text.slice(done, at) + part
      done = end
    }
    if (sources !== undefined) for (let i = part?.length ?? end - at; i > 0; i--) sources.push(at)
    at = end
  }
  return done === 0 ? text : out + text.slice(done)
}

/** Tells where each code unit of a text comes from that is left as it is. */
export function sameSources(text: string, sources?: number[]): void {
  if (sources !== undefined) for (let i = 0; i < text.length; i++) sources.push(i)
}

/** Whether all characters are below U+0080. */
export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}
