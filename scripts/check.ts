/**
 * What has to hold before a change is committed, from the quickest to the slowest: types, layers, lint and format,
 * kernels that compile, tests.
 *
 *     npm run check     all but the tests of test/ and examples/, in under two minutes; stops at what fails
 *     npm test          all of it, to the end; the last line counts the tests
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'
import { buildKernels } from './build-kernels.ts'
import { countsText, countTests, type TestCounts, type TestReport } from './count-tests.ts'
import { checkRepository, findingText } from './layers.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const all = process.argv.includes('--all')

interface Outcome {
  readonly passed: boolean
  /** One line on what was found. */
  readonly summary: string
  /** What to read when it failed. */
  readonly details?: string
}

interface Stage {
  readonly name: string
  readonly milliseconds: number
  readonly outcome: Outcome
}

async function timed(name: string, work: () => Outcome | Promise<Outcome>): Promise<Stage> {
  const start = performance.now()
  let outcome: Outcome
  try {
    outcome = await work()
  } catch (error) {
    outcome = { passed: false, summary: 'failed', details: error instanceof Error ? error.message : String(error) }
  }
  return { name, milliseconds: performance.now() - start, outcome }
}

/** Prints a stage; true when it passed. */
function report({ name, milliseconds, outcome }: Stage): boolean {
  const { passed, summary, details } = outcome
  if (!passed && details) console.log(`${details.trimEnd()}\n`)
  const mark = passed ? styleText('green', '✓') : styleText('red', '✗')
  console.log(`${mark} ${name.padEnd(8)} ${`${(milliseconds / 1000).toFixed(1)} s`.padStart(8)}  ${summary}`)
  return passed
}

/** Runs a program of node_modules/.bin; `show` lets its words through as they come. */
function runTool(tool: string, parameters: readonly string[], show = false): Promise<{ code: number; output: string }> {
  const { FORCE_COLOR, NO_COLOR } = process.env
  const color = process.stdout.isTTY && !NO_COLOR && FORCE_COLOR === undefined ? { FORCE_COLOR: '1' } : {}
  const program = join(root, 'node_modules/.bin', process.platform === 'win32' ? `${tool}.cmd` : tool)
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, {
      cwd: root,
      env: { ...process.env, ...color },
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
      shell: process.platform === 'win32',
    })
    let output = ''
    child.stdout?.on('data', (bytes) => void (output += bytes))
    child.stderr?.on('data', (bytes) => void (output += bytes))
    child.on('error', (error) => reject(new Error(`${tool} did not start: ${error.message}; run npm ci`)))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

async function buildStage(): Promise<Outcome> {
  const { native, wasm } = await buildKernels({ native: true, wasm: true, quiet: true })
  const missing = [native, wasm].flatMap((part) => (typeof part === 'object' ? [part.why] : []))
  const nothing = typeof native !== 'string' && typeof wasm !== 'string'
  return { passed: !nothing, summary: missing.length > 0 ? missing.join(' ') : 'native and WebAssembly' }
}

async function typesStage(): Promise<Outcome> {
  const { code, output } = await runTool('tsc', ['-p', '.'])
  return { passed: code === 0, summary: code === 0 ? 'tsc' : 'npx tsc -p . shows these again', details: output }
}

async function biomeStage(): Promise<Outcome> {
  const { code, output } = await runTool('biome', ['check', '--error-on-warnings'])
  const summary = code === 0 ? 'lint and format' : 'npx biome check --write mends most of it'
  return { passed: code === 0, summary, details: output }
}

function layersStage(): Outcome {
  const { files, findings } = checkRepository(root)
  if (findings.length === 0) return { passed: true, summary: `${files} files keep to the table of ARCHITECTURE.md` }
  return { passed: false, summary: `${findings.length} findings`, details: findings.map(findingText).join('\n') }
}

let counts: TestCounts = { passed: 0, failed: 0, skipped: 0, skippedNames: [] }

async function testStage(): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'alippe-check-'))
  try {
    const file = join(folder, 'report.json')
    const filters = all ? [] : ['src/', 'scripts/']
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile=${file}`]
    const { code } = await runTool('vitest', ['run', ...filters, ...reporters], true)
    counts = countTests(readReport(file), code)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const { passed, failed, skipped, skippedNames } = counts
  for (const name of skippedNames.slice(0, 20)) console.log(styleText('yellow', `skipped: ${name}`))
  if (skipped > 20) console.log(styleText('yellow', `… and ${skipped - 20} more were skipped`))
  return { passed: failed === 0, summary: `${passed} passed, ${failed} failed, ${skipped} skipped` }
}

function readReport(file: string): TestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** Runs the stages; gives the names of those that failed. Without --all the first failure is the last stage. */
async function runStages(): Promise<string[]> {
  const failed: string[] = []
  const finish = async (running: Promise<Stage>) => {
    const stage = await running
    if (!report(stage)) failed.push(stage.name)
  }
  // Two cores: the two programs run at once, and the layers are checked while they start.
  const [types, biome] = [timed('types', typesStage), timed('biome', biomeStage)]
  const layers = timed('layers', layersStage)
  for (const running of [types, layers, biome]) await finish(running)
  if (failed.length > 0 && !all) return failed
  await finish(timed('kernels', buildStage))
  if (failed.length > 0 && !all) return failed
  await finish(timed('tests', testStage))
  return failed
}

const start = performance.now()
const failed = await runStages()
const seconds = ((performance.now() - start) / 1000).toFixed(1)
if (failed.length === 0) console.log(`Everything holds (${seconds} s).`)
else console.log(styleText('red', `What does not hold: ${failed.join(', ')} (${seconds} s).`))
// A stage that fails counts as one failure more, so that the line tells what the exit code tells.
const failedStages = failed.filter((name) => name !== 'tests').length
if (all) console.log(countsText({ ...counts, failed: counts.failed + failedStages }))
process.exitCode = failed.length === 0 ? 0 : 1
