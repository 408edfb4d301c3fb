/**
 * Runs one bench and prints what it found, by one contract for all of them.
 *
 *     npm run -s bench                       names the benches
 *     npm run -s bench -- NAME               prints a table
 *     npm run -s bench -- NAME --json        prints one JSON document and nothing else
 *     npm run -s bench -- --table [--write]  makes README's table from bench/results
 *
 * Flags: --quick (under 50 s on two cores: fewer cases, shorter samples), --save (keeps the document in bench/results),
 * --only=TEXT (cases whose names hold it), --threads=N, --backend=native|wasm, --isa=NAME.
 */
import { existsSync, globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs, styleText } from 'node:util'
import { AlippeError, ConfigError } from '../src/base/index.ts'
import { openBackend } from '../src/node/index.ts'
import type { Bench, Case, Context, Report, Skipped } from './runner/contract.ts'
import { commitText, measureMachine } from './runner/machine.ts'
import { resultsTable, rewriteReadme } from './runner/readme.ts'
import { loadResults, saveResult } from './runner/results.ts'
import { caseLine, reportText } from './runner/show.ts'

const folder = import.meta.dirname
const root = join(folder, '..')

const options = {
  json: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  save: { type: 'boolean', default: false },
  table: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  only: { type: 'string', default: '' },
  threads: { type: 'string' },
  backend: { type: 'string' },
  isa: { type: 'string' },
} as const

type Flags = ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>['values']

const names = () =>
  globSync('*.ts', { cwd: folder })
    .map((file) => basename(file, '.ts'))
    .filter((name) => name !== 'run')
    .sort()

async function measure(name: string, { quick, only, threads, backend: kind, isa }: Flags): Promise<Report> {
  if (kind !== undefined && kind !== 'native' && kind !== 'wasm')
    throw new ConfigError(`--backend must be native or wasm, got ${kind}`)
  const { default: bench } = (await import(`./${name}.ts`)) as { default: Bench }
  const waiting = (line: string) => console.error(styleText('dim', line, { stream: process.stderr }))
  waiting(bench.title)
  const backend = await openBackend({
    backend: kind,
    isa,
    threads: threads === undefined ? undefined : Number(threads),
  })
  const machine = await measureMachine(backend)
  const cases: Case[] = []
  const skipped: Skipped[] = []
  const context: Context = {
    quick: quick!,
    backend,
    machine,
    wants: (one) => one.includes(only!),
    skip: (peer, why) => void skipped.push({ peer, why }),
    progress: waiting,
  }
  for await (const one of bench.cases(context)) {
    cases.push(one)
    waiting(caseLine(one))
  }
  await backend.close()
  const date = new Date().toISOString().slice(0, 10)
  return { bench: name, date, commit: commitText(root), quick: quick!, machine, cases, skipped }
}

async function main(): Promise<void> {
  const { values: flags, positionals } = parseArgs({ options, allowPositionals: true })
  const [name] = positionals
  if (flags.table) {
    const text = resultsTable(loadResults(join(folder, 'results')))
    if (flags.write) rewriteReadme(join(root, 'README.md'), text)
    else console.log(text)
  } else if (name === undefined) {
    for (const each of names()) {
      const { default: bench } = (await import(`./${each}.ts`)) as { default: Bench }
      console.log(`${each.padEnd(12)}${bench.title}`)
    }
  } else if (!existsSync(join(folder, `${name}.ts`)) || name === 'run') {
    throw new ConfigError(`there is no bench called ${name}; there are ${names().join(', ')}`)
  } else {
    const report = await measure(name, flags)
    console.log(flags.json ? JSON.stringify(report, null, 2) : reportText(report))
    if (flags.save) console.error(`kept as ${saveResult(join(folder, 'results'), report)}`)
  }
}

try {
  await main()
} catch (error) {
  if (!(error instanceof AlippeError)) throw error
  console.error(error.message)
  process.exit(2) // a peer's process may still wait for requests
}
