import { ConfigError } from '../../base/index.ts'

/**
 * Refuses settings that cannot be meant: no number, or out of range.
 *
 * @throws ConfigError that names filter, option, range and what was given
 *
 * @example
 * requireRange('gopher', { mostSymbols: 0.1 }, 0, 1)
 */
export function requireRange(
  filter: string,
  options: Readonly<Record<string, number>>,
  least: number,
  most = Number.POSITIVE_INFINITY,
): void {
  for (const [name, value] of Object.entries(options)) {
    if (!(value >= least && value <= most)) {
      const range = most === Number.POSITIVE_INFINITY ? `from ${least} on` : `from ${least} to ${most}`
      throw new ConfigError(`${filter}: ${name} is ${value}; expected a number ${range}`)
    }
  }
}
