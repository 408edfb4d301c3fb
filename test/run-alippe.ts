import { execFile } from 'node:child_process'
import { join } from 'node:path'

/** What `alippe` is started from. */
export const main = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts')

/** Without colours, whatever the terminal of the tests has. */
export const environment = { ...process.env, NO_COLOR: '1' }

export interface Result {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command in a process of its own, in a folder. */
export function runAlippe(folder: string, ...words: string[]): Promise<Result> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...words], { cwd: folder, env: environment }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
}
