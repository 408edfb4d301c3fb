/**
 * Orders paths as a walk through their folders in the order of names does, whatever the locale.
 *
 * @example
 * ['b', 'a.md', 'a/z'].sort(comparePaths) // ['a/z', 'a.md', 'b']
 */
export function comparePaths(a: string, b: string): number {
  const left = a.split(/[/\\]/)
  const right = b.split(/[/\\]/)
  for (let i = 0; i < left.length && i < right.length; i++) {
    if (left[i] !== right[i]) return left[i] < right[i] ? -1 : 1
  }
  return left.length - right.length
}

/** Whether a name holds what globs are made of. */
export function isGlob(name: string): boolean {
  return /[*?[{]/.test(name)
}
