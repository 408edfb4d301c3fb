const signals = ['SIGINT', 'SIGTERM'] as const
export type StopSignal = (typeof signals)[number]

/**
 * Signals that come so soon after the first are the same wish: under npx, Ctrl-C arrives twice, from the terminal and
 * from npm.
 */
const SAME_WISH_MS = 250

/** Exit codes as shells give them to programs that a signal ended: 128 and its number. */
export const stopExitCodes: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 }

export interface StopSignals {
  /** The signal that asked for an end. */
  readonly received: StopSignal | undefined
  /**
   * Stops listening, unless a signal came: then the process is about to end, and what comes late must not cut it short. It
   * stays until all signals of the same wish can have come, since one that meets a process on its way out looks like a crash.
   */
  release(): void
}

/** Listens for Ctrl-C and SIGTERM: the first asks for an end, the second ends the process at once, as if nobody listened. */
export function stopSignals(onFirst: () => void): StopSignals {
  let first: { readonly signal: StopSignal; readonly at: number } | undefined
  const stopListening = () => {
    for (const signal of signals) process.removeListener(signal, listen)
  }
  const listen = (signal: StopSignal) => {
    if (first === undefined) {
      first = { signal, at: performance.now() }
      onFirst()
    } else if (performance.now() - first.at > SAME_WISH_MS) {
      stopListening()
      process.kill(process.pid, signal)
    }
  }
  for (const signal of signals) process.on(signal, listen)
  return {
    get received() {
      return first?.signal
    },
    release() {
      if (first === undefined) stopListening()
      else setTimeout(() => {}, Math.max(0, first.at + SAME_WISH_MS - performance.now()))
    },
  }
}
