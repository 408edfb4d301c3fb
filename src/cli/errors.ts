import { CommanderError } from 'commander'
import { AlippeError } from '../base/index.ts'
import { printable } from './printable.ts'

/** Exit codes by kind of error; what is not here exits with 1. */
const exitCodes: Readonly<Record<string, number>> = {
  ALIPPE_CONFIG: 3,
  ALIPPE_DATA: 4,
  ALIPPE_MEMORY: 5,
}

/** Prints an error as a person wants to read it; returns the exit code of the process. */
export function reportError(error: unknown): number {
  // Commander has printed its own message already; asking for help or the version is no failure.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof AlippeError) {
    console.error(`alippe: ${printable(error.message)}`)
    return exitCodes[error.code] ?? 1
  }
  console.error('alippe: something went wrong that should not have; please report it with what follows')
  console.error(error)
  return 1
}
