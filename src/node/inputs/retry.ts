import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { NetworkError, type NetworkOptions } from './network.ts'

/** An attempt that failed in a way that may pass. It never leaves {@link withRetries}. */
export class PassingFailure extends Error {
  /** How long the server asks to wait, in milliseconds. */
  readonly waitMs: number | undefined
  /** The attempt got further than the last one, so that the count of failures begins again. */
  progressed = false

  constructor(message: string, waitMs?: number, options?: ErrorOptions) {
    super(message, options)
    this.waitMs = waitMs
  }
}

const firstWaitMs = 500
const longestWaitMs = 30_000
/** A server may ask for a longer wait than we would choose; beyond this the user decides. */
const longestAskedMs = 120_000

/**
 * Repeats what failed in passing, after waits that double: half a second, one, two, up to thirty, each shortened by up to a
 * half so that many clients do not come back at once. What the server asks for in Retry-After goes before that.
 *
 * @param address what errors name
 * @throws NetworkError after `retries` failures in a row; what is no {@link PassingFailure} passes through at once
 */
export async function withRetries<T>(
  address: string,
  attempt: () => Promise<T>,
  { retries = 5, sleep = wait }: NetworkOptions,
  signal?: AbortSignal,
): Promise<T> {
  for (let failures = 0; ; ) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof PassingFailure)) throw error
      failures = error.progressed ? 1 : failures + 1
      const again = 'what was loaded is kept, so try again later'
      if (failures > retries) {
        const often = `${failures} ${failures === 1 ? 'time' : 'times'} in a row`
        throw new NetworkError(`cannot read ${address}: ${error.message}, ${often}; ${again}`, { cause: error })
      }
      if ((error.waitMs ?? 0) > longestAskedMs) {
        const seconds = Math.ceil(error.waitMs! / 1000)
        throw new NetworkError(`cannot read ${address}: ${error.message}, and asks to wait ${seconds} s; ${again}`)
      }
      await sleep(error.waitMs ?? waitBefore(address, failures), signal)
      if (signal?.aborted) throw new NetworkError(`reading ${address} was stopped`)
    }
  }
}

/** Ends at once when it is stopped. */
async function wait(ms: number, signal?: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => {})
}

/** The jitter comes from the address and the number of the attempt, so that a run can be repeated. */
function waitBefore(address: string, failures: number): number {
  const whole = Math.min(firstWaitMs * 2 ** (failures - 1), longestWaitMs)
  const share = createHash('sha256').update(`${failures} ${address}`).digest().readUInt32LE() / 2 ** 32
  return Math.round(whole * (1 - share / 2))
}
