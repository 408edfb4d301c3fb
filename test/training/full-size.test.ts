import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

// soak.ts does it for longer.
it('GPT-2 124M trains on real text without growing', { timeout: 300_000 }, async () => {
  const path = join(import.meta.dirname, 'soak.ts')
  const words = [path, '--steps', '12', '--batch', '1', '--tokens', '64']
  const { stdout, stderr } = await promisify(execFile)(process.execPath, words).catch((error) => error)
  const lines = stdout.trim().split('\n')
  console.log([lines[0], lines[1], lines[12], lines[13]].join('\n'))
  expect(stderr).toBe('')
  expect(lines.filter((line: string) => line.startsWith('step '))).toHaveLength(12)
})
