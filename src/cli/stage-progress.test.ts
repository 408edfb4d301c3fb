import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import { stageProgress } from './stage-progress.ts'

/** An output that remembers, and a clock that is set by hand. */
function watched(isTTY: boolean) {
  const said: string[] = []
  const clock = { ms: 0 }
  const output = { isTTY, write: (text: string) => said.push(stripVTControlCharacters(text)) }
  return { said, clock, progress: stageProgress(output, { environment: {}, now: () => clock.ms }) }
}

it('says a line a stage where nobody watches', () => {
  const { said, progress } = watched(false)
  progress.show('clean', 0)
  progress.show('clean', 0.5)
  progress.show('encode', 0)
  progress.end()
  expect(said).toEqual(['clean …\n', 'encode …\n'])
})

it('measures speed and what is left from what is done now, not from what was there already', () => {
  const { said, clock, progress } = watched(true)
  progress.show('clean', 0, 100e6)
  clock.ms = 200
  progress.show('clean', 0.5, 100e6) // blocks of an earlier start
  clock.ms = 2200
  progress.show('clean', 0.75, 100e6)
  expect(said.at(-1)).toContain(' 75% 12.5 MB/s ETA 2.0s')
  clock.ms = 4200
  progress.show('encode', 0)
  expect(said.at(-2)).toBe('\r✓ clean      4.2s\n')
})

it('leaves the line of a stage that is not done as it is', () => {
  const { said, progress } = watched(true)
  progress.show('clean', 0)
  progress.stop()
  progress.end()
  expect(said.at(-1)).toBe('\n')
  expect(said.join('')).not.toContain('✓')
})
