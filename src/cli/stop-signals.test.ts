import { spawn } from 'node:child_process'
import { expect, it } from 'vitest'

const script = `
  import { stopSignals } from ${JSON.stringify(new URL('./stop-signals.ts', import.meta.url).href)}
  const signals = stopSignals(() => console.log('asked'))
  setInterval(() => console.log('works', signals.received), 50)`

/** Starts it, and hands every line to `react`; gives the exit code and the signal that ended it. */
function play(react: (line: string, kill: (signal: NodeJS.Signals) => void) => void) {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.stdout.on('data', (chunk) => {
    for (const line of String(chunk).trim().split('\n')) react(line, (signal) => child.kill(signal))
  })
  return new Promise((resolve) => child.on('close', (code, signal) => resolve([code, signal])))
}

it('asks once, takes a quick second signal for the first, and ends at a later one', async () => {
  const lines: string[] = []
  let askedAt = 0
  const end = await play((line, kill) => {
    lines.push(line)
    if (lines.length === 1) kill('SIGINT')
    if (line === 'asked') {
      askedAt = performance.now()
      kill('SIGINT')
    }
    if (askedAt > 0 && performance.now() - askedAt > 400) kill('SIGTERM')
  })
  expect(end).toEqual([null, 'SIGTERM'])
  expect(lines.filter((line) => line === 'asked')).toHaveLength(1)
  expect(lines.filter((line) => line === 'works SIGINT').length).toBeGreaterThan(2)
})
