import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

/** Something that turns a source file into an object file and objects into a module. */
export interface Compiler {
  /** For messages: `g++ 12.2.0`. Part of every object's hash. */
  readonly name: string
  compile(source: string, flags: readonly string[]): Promise<Uint8Array>
  link(objects: readonly string[], flags: readonly string[]): Promise<Uint8Array>
}

/** Runs a program; gives its standard output, or throws an error that holds what it said. */
export function execute(program: string, parameters: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, parameters, { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} failed: ${stderr || error.message}`))
      else resolve(stdout)
    })
  })
}

async function versionOf(program: string): Promise<string | undefined> {
  try {
    return (await execute(program, ['--version'])).split('\n')[0]
  } catch {
    return undefined
  }
}

async function inTemporaryFile(work: (path: string) => Promise<unknown>): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'alippe-'))
  try {
    await work(join(folder, 'out'))
    return await readFile(join(folder, 'out'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function commandCompiler(name: string, program: string, linker: string): Compiler {
  return {
    name,
    compile: (source, flags) => inTemporaryFile((out) => execute(program, [...flags, '-c', source, '-o', out])),
    link: (objects, flags) => inTemporaryFile((out) => execute(linker, [...objects, ...flags, '-o', out])),
  }
}

/** The machine's C++ compiler: `$CXX`, c++, g++ or clang++; undefined when there is none. */
export async function hostCompiler(): Promise<Compiler | undefined> {
  for (const program of [process.env.CXX, 'c++', 'g++', 'clang++']) {
    const version = program && (await versionOf(program))
    if (program && version) return commandCompiler(version, program, program)
  }
  return undefined
}

const plainProbe = 'typedef float v __attribute__((vector_size(16))); v f(v a) { return a + a; }'
const relaxedProbe = plainProbe.replace('a + a', '__builtin_wasm_relaxed_madd_f32x4(a, a, a)')

/**
 * The machine's clang with wasm-ld, or undefined when they are missing or, for relaxed SIMD, older than clang 17: before
 * that its instructions had other names and numbers.
 */
async function systemWasmCompiler(relaxed: boolean): Promise<Compiler | undefined> {
  const version = await versionOf('clang++')
  if (!version || !(await versionOf('wasm-ld'))) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'alippe-'))
  try {
    const source = join(folder, 'probe.cc')
    await writeFile(source, relaxed ? relaxedProbe : plainProbe)
    const flags = ['--target=wasm32', '-msimd128', ...(relaxed ? ['-mrelaxed-simd'] : [])]
    await execute('clang++', [...flags, '-fsyntax-only', source])
  } catch {
    return undefined
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return commandCompiler(version, 'clang++', 'wasm-ld')
}

/** Files and folders by name. */
type Tree = { [name: string]: Tree | Uint8Array | string }

/** clang and wasm-ld that are themselves WebAssembly, from the package @yowasp/clang; `files` are what they may read. */
async function packagedWasmCompiler(files: readonly string[]): Promise<Compiler | undefined> {
  const yowasp = await import('@yowasp/clang').catch(() => undefined)
  if (!yowasp) return undefined
  const commands = yowasp.commands
  // Its file system does not know "..": the contract lies beside the kernels there.
  const sources: Tree = {}
  for (const file of files)
    sources[basename(file)] = readFileSync(file, 'utf8').replaceAll('"../kernel.h"', '"kernel.h"')
  const tree: Tree = { kernels: { cpu: sources } }
  await yowasp.runLLVM(undefined, {}, { fetchProgress: () => {} })
  async function call(command: 'clang++' | 'wasm-ld', parameters: string[], input: Tree) {
    let said = ''
    const decoder = new TextDecoder()
    const stderr = (bytes: Uint8Array | null) => void (said += bytes ? decoder.decode(bytes, { stream: true }) : '')
    try {
      const result = await commands[command](parameters, input, {
        stdout: stderr,
        stderr,
        fetchProgress: () => {},
      })
      return (result as Record<string, Uint8Array>).out
    } catch (error) {
      throw new Error(`${command} failed: ${said || (error as Error).message}`)
    }
  }
  const lock = JSON.parse(
    readFileSync(new URL(import.meta.resolve('@yowasp/clang').replace(/gen\/.*$/, 'package.json')), 'utf8'),
  )
  return {
    name: `@yowasp/clang ${lock.version}`,
    compile: (source, flags) => call('clang++', [...flags, '-c', `kernels/cpu/${basename(source)}`, '-o', 'out'], tree),
    link(objects, flags) {
      const input: Record<string, Uint8Array> = {}
      for (const object of objects) input[basename(object)] = readFileSync(object)
      return call('wasm-ld', [...objects.map((object) => basename(object)), ...flags, '-o', 'out'], input)
    },
  }
}

/**
 * A compiler for WebAssembly: the machine's when it is new enough (ten times faster), else the packaged one.
 * `ALIPPE_WASM_COMPILER=packaged` asks for the latter.
 */
export async function wasmCompiler(files: readonly string[], relaxed: boolean): Promise<Compiler | undefined> {
  const system = process.env.ALIPPE_WASM_COMPILER === 'packaged' ? undefined : await systemWasmCompiler(relaxed)
  return system ?? (await packagedWasmCompiler(files))
}
