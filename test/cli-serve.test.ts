import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { referenceBackend } from '../src/backend/reference/index.ts'
import { llama } from '../src/models/index.ts'
import { trainBpe } from '../src/tokenizers/index.ts'
import { weightsOf } from './infer/engines.ts'
import { writeModelFolder } from './model-folder.ts'
import { environment, main, runAlippe } from './run-alippe.ts'

// `alippe serve` as a process: started, asked, told to end.

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alippe-'))
  const tokenizer = trainBpe('The cat sat on the mat. '.repeat(9), { vocabSize: 280 })
  const model = llama({ vocabSize: tokenizer.vocabSize, context: 512, width: 16, layers: 1, heads: 2 })
  const state = await weightsOf(model, referenceBackend())
  await writeFile(join(folder, 'chat.jinja'), '{% for m in messages %}{{ m.content }} {% endfor %}')
  await writeModelFolder(join(folder, 'model'), model, state, tokenizer)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Starts a server, and waits for its address. */
async function serve(...words: string[]): Promise<{ process: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [main, 'serve', 'model', '--port', '0', ...words], {
    cwd: folder,
    env: environment,
  })
  let said = ''
  for await (const piece of child.stdout) {
    said += piece
    const url = /http:\/\/\S+(?=\/v1)/.exec(said)?.[0]
    if (url !== undefined) return { process: child, url }
  }
  throw new Error(`it ended, saying: ${said}`)
}

describe('alippe serve', { timeout: 60_000 }, () => {
  it('answers, and ends when it is told to, after what runs has been answered', async () => {
    const { process: child, url } = await serve('--name', 'mine', '--chat-template', 'chat.jinja')
    const { data } = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] }
    expect(data.map(({ id }) => id)).toEqual(['mine'])
    const asked = { messages: [{ role: 'user', content: 'The cat' }], max_tokens: 300, stream: true }
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'mine', ...asked }),
    })
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await response.text()).toMatch(/data: \[DONE\]\n\n$/)
    expect(await ended).toEqual([0, null])
    await expect(fetch(`${url}/health`)).rejects.toThrow()
  })

  it('asks for a key where there is one', async () => {
    const { process: child, url } = await serve('--api-key', 'secret')
    expect((await fetch(`${url}/v1/models`)).status).toBe(401)
    expect((await fetch(`${url}/v1/models`, { headers: { authorization: 'Bearer secret' } })).status).toBe(200)
    const ended = once(child, 'exit')
    child.kill('SIGINT')
    await ended
  })

  it('says so when the port is taken', async () => {
    const { process: child, url } = await serve()
    const { code, stderr } = await runAlippe(folder, 'serve', 'model', '--port', new URL(url).port)
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/another program does; stop it, or take another port with --port/)
    const ended = once(child, 'exit')
    child.kill('SIGINT')
    await ended
  })
})

describe('alippe chat', { timeout: 60_000 }, () => {
  const chat = (input: string, ...words: string[]) =>
    new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
      const child = spawn(process.execPath, [main, 'chat', 'model', ...words], { cwd: folder, env: environment })
      let [stdout, stderr] = ['', '']
      child.stdout.on('data', (piece) => (stdout += piece))
      child.stderr.on('data', (piece) => (stderr += piece))
      child.on('close', (code) => resolve({ code, stdout, stderr }))
      child.stdin.end(input)
    })

  it('answers line by line, remembers what was said, and forgets it when told to', async () => {
    const words = ['--chat-template', 'chat.jinja', '--tokens', '8', '--temperature', '0']
    const lines = async (input: string) => {
      const { code, stdout, stderr } = await chat(input, ...words)
      expect([code, stderr]).toEqual([0, ''])
      return stdout
    }
    const one = await lines('The cat\n')
    expect(one).not.toBe('')
    const two = await lines('The cat\nThe mat\n')
    expect(two.startsWith(one)).toBe(true)
    const anew = await lines('The cat\n/clear\nThe cat\n')
    expect(anew).toBe(one + one)
    expect(two).not.toBe(one + (await lines('The mat\n')))
    expect(await lines('"""\nThe cat\n"""\n')).toBe(one)
    expect(await lines('/?\n')).toMatch(/clear/)
  })

  it('says what is missing where the model has no template', async () => {
    const { code, stderr } = await chat('a\n')
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/no chat template.*--chat-template/)
  })
})
