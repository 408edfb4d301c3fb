import { execFile, spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { world as build } from '../src/data/index.ts'

// `alippe world`, as a user meets it.

const main = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts')

function world(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, NO_COLOR: '1' }, maxBuffer: 1 << 26 }
    execFile(process.execPath, [main, 'world', ...words], options, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
}

const parsed = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

describe('alippe world', { timeout: 60_000 }, () => {
  it('prints documents with what they are, and what all are like', async () => {
    const { stdout, stderr } = await world()
    expect(stderr).toBe('')
    const { document } = build()
    for (let i = 0; i < 8; i++) expect(stdout).toContain(document(i).text)
    expect(stdout).toMatch(/^60 people in 12 villages · a document has 104\.8 bytes and 10\.33 nats/m)
  })

  it('writes documents as a corpus, the same for the same seed and language', async () => {
    const words = ['--genre', 'tales', 'dialogues', '--language', 'kk', '--count', '30', '--seed', '5', '--jsonl']
    const [{ stdout }, again] = await Promise.all([world(...words), world(...words)])
    expect(again.stdout).toBe(stdout)
    const records = parsed(stdout)
    expect(records).toHaveLength(30)
    const { document } = build({ genres: ['tales', 'dialogues'] })
    for (const { id, text, meta } of records) {
      const [, series, index] = /^world-1-(\d+)-(\d+)$/.exec(id)!
      expect(series).toBe('5')
      expect(document(Number(index), 5).text).toBe(text)
      expect(meta.language).toBe('kk')
    }
  })

  it('writes conversations, and says so where there are none', async () => {
    const { stdout } = await world('-g', 'instructions', '--messages', '--jsonl', '-n', '20')
    for (const { messages } of parsed(stdout)) {
      expect(messages.at(-1).role).toBe('assistant')
      expect(messages.every(({ content }: { content: string }) => content.length > 0)).toBe(true)
    }
    const { code, stderr } = await world('-g', 'tales', '--messages')
    expect(code).toBe(3)
    expect(stderr).toMatch(/no genre of this mix has conversations/)
  })

  it('writes tasks and pairs', async () => {
    const [choices, pairs, context] = await Promise.all([
      world('-g', 'multiple-choice', '--held-out', '--jsonl', '-n', '12'),
      world('-g', 'instructions', 'preferences', '--jsonl', '-n', '10', '-l', 'kk'),
      world('-g', 'in-context', '--shots', '3', '--jsonl', '-n', '4'),
    ])
    for (const task of parsed(choices.stdout)) expect(task).toMatchObject({ heldOut: true, options: { length: 4 } })
    for (const { prompt, chosen, rejected } of parsed(pairs.stdout)) {
      expect(prompt).toMatch(/^Пайдаланушы: .*\nКөмекші:$/s)
      expect(chosen).not.toBe(rejected)
    }
    for (const { prompt } of parsed(context.stdout)) expect(prompt.split('\n')).toHaveLength(4)
  })

  it('shows where the needle of a long prompt lies', async () => {
    const { stdout } = await world('-g', 'recall', '-n', '1', '--bytes', '3000')
    expect(stdout).toMatch(/^needle · en · depth 0\.50 · 2,\d{3} bytes$/m)
    expect(stdout).toMatch(/… \d+ more …/)
    expect(stdout).toMatch(/^The secret number of (\w+) is (\d{4})\.[\s\S]*number of \1\?\nAnswer: \2$/m)
  })

  it('says what is in a world, as a table and as JSON', async () => {
    const size = ['--families', '2', '--villages', '3', '--hold-out-facts', '0.1']
    const [shown, json] = await Promise.all([world('--statistics', ...size), world('--json', ...size)])
    expect(shown.stdout).toMatch(/^people {6}20 in 3 villages$/m)
    expect(shown.stdout).toMatch(/^short {2}portrait +7\.3 % +\d+\.\d\d +\d+\.\d +0\.\d{3}$/m)
    const statistics = JSON.parse(json.stdout)
    const expected = build({ families: 2, villages: 3, heldOut: { facts: 0.1 } })
    expect(statistics).toMatchObject({ people: 20, villages: 3, document: expected.expectation })
    expect(statistics.heldOutFacts).toBeGreaterThan(0)
  })

  it('tells what is known of a person in either language, with the family as a tree', async () => {
    const { people } = build().facts
    const child = people.find((x) => x.has.kin.some(({ is }) => is.role.en === 'grandfather'))!
    const { stdout } = await world('--facts', child.kk.toLowerCase())
    expect(stdout).toContain(`${child.en} · ${child.kk}`)
    expect(stdout).toMatch(new RegExp(`^home +${child.is.home.en} +${child.is.home.kk}$`, 'm'))
    const grandfather = child.has.kin.find(({ is }) => is.role.en === 'grandfather')!.is.who
    const tree = stdout.trimEnd().split('\n\n').at(-1)!
    expect(tree.split('\n')).toHaveLength(7)
    expect(tree.startsWith(grandfather.en)).toBe(true)
    expect(tree).toMatch(new RegExp(`[├└]─ ${child.en} ${child.is.age.en}`))
    const { code, stderr } = await world('--facts', 'Nobody')
    expect(code).toBe(4)
    expect(stderr).toMatch(/nobody is called Nobody; there are/)
  })

  it.each([
    [['-g', 'poems'], /--genre takes short, tales, .*; got poems/],
    [['--families', '65'], /families must be a whole number from 1 to 64, got 65/],
    [['--hold-out-facts', '0.5'], /heldOut\.facts must be from 0 to 0\.143/],
    [['-g', 'recall', 'generation'], /one sort of task at a time/],
  ])('refuses %j', async (words, message) => {
    const { code, stderr } = await world(...words)
    expect(code).toBe(3)
    expect(stderr).toMatch(message)
  })

  it('stops when nobody reads any more', async () => {
    const child = spawn(process.execPath, [main, 'world', '--jsonl', '-n', '10000000'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let complaint = ''
    child.stderr.on('data', (data) => (complaint += data))
    child.stdout.once('data', () => child.stdout.destroy())
    const code = await new Promise((resolve) => child.once('exit', resolve))
    expect({ code, complaint }).toEqual({ code: 141, complaint: '' })
  })
})
