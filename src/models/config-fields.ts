import { ConfigError } from '../base/index.ts'

/** The entries of a config.json, of whoever wrote it. */
export type ConfigEntries = Readonly<Record<string, unknown>>

/** More layers than this are refused before anything is made of them. */
export const mostLayers = 4096
/** Larger sizes of an axis are refused; products of two of them are still whole numbers. */
export const largestAxis = 1 << 26

const shown = (value: unknown) => JSON.stringify(value)?.slice(0, 60) ?? 'nothing'

function refuse(name: string, expected: string, value: unknown): never {
  throw new ConfigError(`config.json: ${name} must be ${expected}, got ${shown(value)}`)
}

/** A whole number from 1 to `most`; `absent` where the entry is missing or null. */
export function wholeEntry(
  entries: ConfigEntries,
  name: string,
  options: { most?: number; absent?: number } = {},
): number {
  const { most = largestAxis, absent } = options
  const value = entries[name] ?? absent
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most) return value as number
  return refuse(name, `a whole number from 1 to ${most}`, value)
}

/** A finite number above 0; `absent` where the entry is missing or null. */
export function positiveEntry(entries: ConfigEntries, name: string, absent?: number): number {
  const value = entries[name] ?? absent
  return Number.isFinite(value) && (value as number) > 0 ? (value as number) : refuse(name, 'a number above 0', value)
}

/** True or false; `absent` where the entry is missing or null. */
export function flagEntry(entries: ConfigEntries, name: string, absent: boolean): boolean {
  const value = entries[name] ?? absent
  return typeof value === 'boolean' ? value : refuse(name, 'true or false', value)
}

/** Refuses an entry that is none of those that mean what is computed here; `absent` is what a missing one means. */
export function expectEntry(entries: ConfigEntries, name: string, allowed: readonly unknown[], absent: unknown): void {
  const value = entries[name] ?? absent
  if (!allowed.includes(value)) refuse(name, allowed.map(shown).join(' or '), value)
}
