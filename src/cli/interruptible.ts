/**
 * Does work that can be gone on with. Ctrl-C ends the process with a line that says how, and with the exit code that
 * shells give to a program which it ended.
 *
 * @param tidy ends what is being drawn
 */
export async function interruptible<T>(work: () => Promise<T>, goOn: string, tidy: () => void = () => {}): Promise<T> {
  const stop = () => {
    tidy()
    console.error(`Stopped. ${goOn}`)
    process.exit(130)
  }
  process.once('SIGINT', stop)
  try {
    return await work()
  } finally {
    process.removeListener('SIGINT', stop)
  }
}
