import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const run = promisify(execFile)

/** What each example must print, what else its output must satisfy, and what it is given to be quick. */
const expected: Readonly<Record<string, { parameters?: string[]; prints: RegExp[]; holds?: typeof learns }>> = {
  'train.ts': { parameters: ['50'], prints: [/^1 6\.\d+ /m, /^50 \d\.\d+ /m], holds: learns },
  'tensors.ts': { prints: [/7 calls · arena 384 B/, /step 200: loss 0\.0000/] },
  'tokenizers.ts': { prints: [/\|.*\.$/m, /^true$/m, /the assistant's: Aigul likes summer\.<\|end\|>$/m] },
  'batching.ts': { prints: [/^the same alone: true · prompt known: 32$/m, /costs 5\.\d\d nats/, /pagesHeld: 0/] },
  'look-inside.ts': { prints: [/^1\.00 0\.00/m, /^0\.\d\d 0\.\d\d 0\.00/m, /move by up to 0\.\d*[1-9]/] },
  'world.ts': { prints: [/entropy: \d+\.\d{3} nats a document/, / true$/m] },
}

describe('examples', () => {
  it('are all run', () => {
    expect(readdirSync(join(root, 'examples')).sort()).toEqual(Object.keys(expected).sort())
  })

  it.each(Object.entries(expected))(
    '%s runs as it stands',
    { timeout: 120_000 },
    async (file, { parameters = [], prints, holds }) => {
      const { stdout } = await run(process.execPath, [join('examples', file), ...parameters], { cwd: root })
      for (const pattern of prints) expect(stdout).toMatch(pattern)
      holds?.(stdout)
    },
  )
})

/**
 * The text is the documents of this repository and grows with them, so the loss at a step is no constant. A model that knows
 * how common each token is, and nothing else, is 1.0 nats below the uniform start.
 */
function learns(stdout: string): void {
  const loss = (step: number) => Number(RegExp(`^${step} (\\S+) `, 'm').exec(stdout)![1])
  expect(loss(1) - loss(50)).toBeGreaterThan(1.2)
}
