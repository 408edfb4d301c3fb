import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Compiler } from './compilers.ts'
import { hostCompiler, wasmCompiler } from './compilers.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const kernelFolder = join(root, 'kernels/cpu')
const buildFolder = join(root, 'build')
/** Sources that are not kernels: compiled once, for their host. */
const hosts = {
  native: ['addon', 'map-file', 'runtime', 'program', 'isas'],
  wasm: ['wasm', 'runtime', 'program', 'isas'],
}
const everyHost = new Set([...hosts.native, ...hosts.wasm])

const common = [
  '-std=c++20',
  '-O3',
  '-fno-exceptions',
  '-fno-rtti',
  '-ffp-contract=off',
  '-fvisibility=hidden',
  '-Wall',
  '-Wextra',
]
const avx512 = ['-mavx512f', '-mavx512bw', '-mavx512vl', '-mavx512dq', '-mavx2', '-mfma', '-mf16c']
const instructionSets: Record<string, Record<string, string[]>> = {
  x64: {
    sse2: [],
    avx2: ['-mavx2', '-mfma', '-mf16c'],
    avx512,
    avx512bf16: [...avx512, '-mavx512bf16', '-mavx512vnni'],
  },
  arm64: { neon: [] },
}
const wasmBase = ['--target=wasm32-unknown-unknown', '-ffreestanding', '-nostdinc++', '-nostdlib', '-msimd128']
const wasmCommon = [...wasmBase, '-mbulk-memory', '-msign-ext', '-mmutable-globals', '-mnontrapping-fptoint']
// `single` runs without shared memory; its kernels are those of `simd`, only the runtime around them differs.
const wasmVariants = {
  relaxed: { isa: 'relaxed', kernels: ['-mrelaxed-simd', '-matomics'], host: ['-mrelaxed-simd', '-matomics'] },
  simd: { isa: 'simd', kernels: ['-matomics'], host: ['-matomics'] },
  single: { isa: 'simd', kernels: ['-matomics'], host: [] },
}
const wasmLink = [
  '--no-entry',
  '--import-memory',
  '--max-memory=4294967296',
  '--export=__stack_pointer',
  '--export=__heap_base',
]

export interface BuildOptions {
  native?: boolean
  wasm?: boolean
  quiet?: boolean
  /** Called when something has to be compiled, which takes half a minute. */
  onBuild?: (what: 'native' | 'WebAssembly') => void
}

export interface BuildResult {
  /** Path of the addon, or why there is none. */
  readonly native?: string | { readonly why: string }
  /** Folder of the WebAssembly modules, or why there is none. */
  readonly wasm?: string | { readonly why: string }
}

/** Where the native addon of this platform is built. */
export const nativePath = join(buildFolder, 'native', `${process.platform}-${process.arch}`, 'alippe.node')
/** Where the WebAssembly modules are built. */
export const wasmFolder = join(buildFolder, 'wasm')

const digest = (...parts: (string | Uint8Array)[]) => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\0')
  return hash.digest('hex').slice(0, 32)
}

/** Writes through a temporary name, so that a reader never sees half a file and builders may race. */
async function writeWhole(path: string, bytes: Uint8Array | string) {
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.${randomBytes(6).toString('hex')}`
  await writeFile(temporary, bytes)
  await rename(temporary, path)
}

interface Sources {
  /** Text of each unit with all that it includes, by name. */
  readonly units: ReadonlyMap<string, string>
  readonly files: string[]
}

async function readSources(): Promise<Sources> {
  const names = (await readdir(kernelFolder)).filter((name) => /\.(cc|h|def)$/.test(name)).sort()
  const files = [join(root, 'kernels/kernel.h'), ...names.map((name) => join(kernelFolder, name))]
  const contents = await Promise.all(files.map((file) => readFile(file)))
  const texts = new Map(files.map((file, i) => [basename(file), contents[i].toString()]))
  // A unit is its own text and that of every header it includes, directly or not.
  const textWithHeaders = (name: string, seen: Set<string>): string => {
    const text = texts.get(name)
    if (text === undefined || seen.has(name)) return ''
    seen.add(name)
    const included = [...text.matchAll(/^\s*#include "(.*)"/gm)].map((match) => basename(match[1]))
    return text + included.map((header) => textWithHeaders(header, seen)).join('')
  }
  const units = names.filter((name) => name.endsWith('.cc'))
  return { units: new Map(units.map((name) => [basename(name, '.cc'), textWithHeaders(name, new Set())])), files }
}

interface Unit {
  readonly name: string
  readonly flags: readonly string[]
}

/** Compiles what changed, at most two units at a time, and links. */
async function buildModule(compiler: Compiler, sources: Sources, units: readonly Unit[], linkFlags: readonly string[]) {
  const objects = join(buildFolder, 'objects')
  await mkdir(objects, { recursive: true })
  const paths: string[] = []
  const waiting = units.map((unit, i) => ({ unit, i }))
  async function worker() {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { unit, i } = next
      const source = sources.units.get(unit.name)!
      paths[i] = join(objects, `${unit.name}-${digest(compiler.name, unit.flags.join(' '), source)}.o`)
      if (existsSync(paths[i])) continue
      await writeWhole(paths[i], await compiler.compile(join(kernelFolder, `${unit.name}.cc`), unit.flags))
    }
  }
  await Promise.all([worker(), worker()])
  return { bytes: await compiler.link(paths, linkFlags), objects: paths }
}

/** True when `path` was built from the same sources, flags and compiler. */
async function isFresh(path: string, hash: string): Promise<boolean> {
  return existsSync(path) && (await readFile(`${path}.hash`, 'utf8').catch(() => '')) === hash
}

function kernelUnits(sources: Sources, isa: string, flags: readonly string[]): Unit[] {
  const names = [...sources.units.keys()].filter((name) => !everyHost.has(name))
  return names.map((name) => ({ name, flags: [...flags, `-DALIPPE_ISA=${isa}`] }))
}

async function buildNative(
  sources: Sources,
  used: Set<string>,
  onBuild?: BuildOptions['onBuild'],
): Promise<BuildResult['native']> {
  const whyFile = join(buildFolder, 'native/why.txt')
  const decline = async (why: string) => {
    await writeWhole(whyFile, why + '\n')
    return { why }
  }
  const sets = instructionSets[process.arch]
  if (!sets || process.platform === 'win32') {
    return decline(`There is no native build for ${process.platform} ${process.arch}; WebAssembly is used instead.`)
  }
  const compiler = await hostCompiler()
  if (!compiler) {
    return decline(
      'No C++ compiler was found (looked for $CXX, c++, g++, clang++); install one for native speed, WebAssembly is used until then.',
    )
  }
  const headers = join(dirname(dirname(process.execPath)), 'include/node')
  if (!existsSync(join(headers, 'node_api.h'))) {
    return decline(`The headers of Node were not found in ${headers}; WebAssembly is used instead.`)
  }
  const quieter = /clang/.test(compiler.name) ? [] : ['-Wno-uninitialized', '-Wno-maybe-uninitialized']
  const flags = [...common, ...quieter, '-fPIC']
  const units = hosts.native.map((name): Unit => ({ name, flags: [...flags, `-I${headers}`] }))
  for (const [isa, extra] of Object.entries(sets)) units.push(...kernelUnits(sources, isa, [...flags, ...extra]))
  const platform =
    process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : ['-pthread', '-Wl,--gc-sections', '-s']
  const link = ['-shared', ...platform]
  const hash = digest(compiler.name, JSON.stringify([units, link]), ...sources.units.values())
  if (await isFresh(nativePath, hash)) return nativePath
  await alone(async () => {
    if (await isFresh(nativePath, hash)) return
    onBuild?.('native')
    const { bytes, objects } = await buildModule(compiler, sources, units, link)
    for (const object of objects) used.add(basename(object))
    await writeWhole(nativePath, bytes)
    await writeWhole(`${nativePath}.hash`, hash)
    await rm(whyFile, { force: true })
  })
  return nativePath
}

async function buildWasm(
  sources: Sources,
  used: Set<string>,
  onBuild?: BuildOptions['onBuild'],
): Promise<BuildResult['wasm']> {
  const present = hosts.wasm.every((name) => sources.units.has(name))
  if (!present) return { why: 'The sources of the WebAssembly host are missing.' }
  let building = false
  for (const [variant, { isa, kernels, host }] of Object.entries(wasmVariants)) {
    const compiler = await wasmCompiler(sources.files, variant === 'relaxed')
    if (!compiler) return { why: 'No compiler for WebAssembly was found: install @yowasp/clang, or clang 17 and lld.' }
    const flags = [...common, ...wasmCommon]
    const units = [
      ...hosts.wasm.map((name): Unit => ({ name, flags: [...flags, ...host, `-DALIPPE_ISA=${isa}`] })),
      ...kernelUnits(sources, isa, [...flags, ...kernels]),
    ]
    const link = [...wasmLink, ...(variant === 'single' ? [] : ['--shared-memory'])]
    const hash = digest(compiler.name, JSON.stringify([units, link]), ...sources.units.values())
    const path = join(wasmFolder, `${variant}.wasm`)
    if (await isFresh(path, hash)) continue
    await alone(async () => {
      if (await isFresh(path, hash)) return
      if (!building) onBuild?.('WebAssembly')
      building = true
      const { bytes, objects } = await buildModule(compiler, sources, units, link)
      for (const object of objects) used.add(basename(object))
      await writeWhole(path, bytes)
      await writeWhole(`${path}.hash`, hash)
    })
  }
  return wasmFolder
}

/** Does `work` while no other process does: many may start at once and find the build missing. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  const lock = join(buildFolder, 'lock')
  await mkdir(buildFolder, { recursive: true })
  for (;;) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const owner = Number(await readFile(lock, 'utf8').catch(() => '0'))
    if (owner && owner !== process.pid && !isAlive(owner)) await rm(lock, { force: true })
    await new Promise((resolve) => setTimeout(resolve, 50 + 100 * Math.random()))
  }
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

function isAlive(id: number): boolean {
  try {
    return process.kill(id, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Objects grow old quickly while a kernel is being written; those of yesterday that no build used go. */
async function removeOldObjects(used: ReadonlySet<string>) {
  const folder = join(buildFolder, 'objects')
  for (const name of await readdir(folder).catch(() => [])) {
    if (used.has(name)) continue
    const age = await stat(join(folder, name)).then(
      (s) => Date.now() - s.mtimeMs,
      () => 0,
    )
    if (age > 3600_000 * 24) await rm(join(folder, name), { force: true })
  }
}

/**
 * Builds the CPU kernels: the native addon for this machine and the WebAssembly modules. Does nothing when sources,
 * flags and compiler are those of the last build, so it may be called at every start.
 *
 * @throws Error with the compiler's words when a source does not compile
 */
export async function buildKernels({
  native = true,
  wasm = true,
  quiet = false,
  onBuild,
}: BuildOptions): Promise<BuildResult> {
  const sources = await readSources()
  const used = new Set<string>()
  const started = performance.now()
  const result = {
    ...(native && { native: await buildNative(sources, used, onBuild) }),
    ...(wasm && { wasm: await buildWasm(sources, used, onBuild) }),
  }
  if (used.size) await removeOldObjects(used)
  if (!quiet) {
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    for (const part of Object.values(result))
      console.error(typeof part === 'string' ? `${part} (${seconds} s)` : part?.why)
  }
  return result
}

if (import.meta.main) {
  const options = process.argv.slice(2)
  const only = options.includes('--native') !== options.includes('--wasm')
  await buildKernels({
    native: !only || options.includes('--native'),
    wasm: !only || options.includes('--wasm'),
    quiet: options.includes('--quiet'),
  })
}
