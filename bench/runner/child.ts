import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Runs a program of bench/children in a process of its own and reads the JSON that it prints. */
export async function runChild<T>(name: string, ...words: readonly (string | number)[]): Promise<T> {
  const path = join(import.meta.dirname, '..', 'children', `${name}.ts`)
  const { stdout } = await promisify(execFile)(process.execPath, [path, ...words.map(String)])
  return JSON.parse(stdout)
}
