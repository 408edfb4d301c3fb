import type { ResolvedRun } from './resolve-run.ts'

/** What was chosen for the user: the precision and why, and what followed from the size of the model. Each a name and words. */
export function choices(why: string | undefined, derived: ResolvedRun['derived']): [string, string][] {
  const values = Object.entries(derived).map(([name, value]) => `${name} ${value}`)
  return [
    ...(why === undefined ? [] : [['precision', why] satisfies [string, string]]),
    ...(values.length === 0 ? [] : [['derived', values.join(', ')] satisfies [string, string]]),
  ]
}

/** Prints them above what is said of a run. */
export function sayChoices(why: string | undefined, derived: ResolvedRun['derived']): void {
  for (const [name, words] of choices(why, derived)) console.log(`${name.padEnd(10)}${words}`)
}
