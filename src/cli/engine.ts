import type { Command } from 'commander'
import { ConfigError } from '../base/index.ts'
import { openBackend } from '../node/index.ts'

// Options that several verbs take.

export interface EngineFlags {
  readonly backend: string
  readonly threads?: number
}

/** Adds `--backend` and `--threads`. */
export function withEngine(command: Command): Command {
  return command
    .option('--backend <name>', 'native, wasm, or auto: native where it can be had', 'auto')
    .option('--threads <n>', 'threads that compute (default: all)', wholeNumber(1))
}

const backends = ['native', 'wasm', 'auto'] as const

/** Opens the backend that the flags ask for. */
export function openEngine({ backend, threads }: EngineFlags) {
  const known = backends.find((name) => name === backend)
  if (known === undefined) throw new ConfigError(`--backend must be ${backends.join(', ')}, got ${backend}`)
  return openBackend({ backend: known, threads, onBuild: sayBuilding })
}

/** Tells why nothing seems to happen for half a minute. */
export function sayBuilding(what: string): void {
  console.error(`Compiling the ${what} kernels, once …`)
}

/** Reads a flag's value as a whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!Number.isSafeInteger(value) || value < least)
      throw new ConfigError(`expected a whole number of ${least} or more, got ${text}`)
    return value
  }
}

/** Reads a flag's value as a number in a range. */
export function numberIn(least: number, most = Number.POSITIVE_INFINITY): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!(value >= least && value <= most))
      throw new ConfigError(`expected a number from ${least} to ${most}, got ${text}`)
    return value
  }
}
