import { cpus, freemem, totalmem } from 'node:os'
import type { Command } from 'commander'
import { quantity } from '../base/index.ts'
import { nativeRefusal, openBackend } from '../node/index.ts'
import { sayBuilding, wholeNumber } from './engine.ts'
import { table } from './table.ts'
import { painter } from './terminal.ts'

interface DoctorFlags {
  readonly threads?: number
  readonly json?: boolean
}

/** What the machine can do, measured; the contract of `alippe doctor --json`. */
interface Report {
  readonly node: string
  readonly cpu: string
  readonly backend: string
  readonly threads: number
  readonly isa: string
  /** GFLOP/s and GOP/s of all threads together; 0 where there is no instruction for it. */
  readonly peak: { readonly f32: number; readonly bf16: number; readonly int8: number }
  readonly memory: { readonly readGBs: number; readonly totalBytes: number; readonly freeBytes: number }
  readonly wasm: { readonly simd: boolean; readonly relaxed: boolean; readonly peakF32: number; readonly why?: string }
  readonly webgpu: { readonly adapter: string | null; readonly why: string }
  /** Why the native engine is not in use; null when it is. */
  readonly native: string | null
}

export function command(program: Command): Command {
  return program
    .command('doctor')
    .description('Says which engine this machine runs and measures its limits: the base of every percentage.')
    .option('--threads <n>', 'threads that compute (default: all)', wholeNumber(1))
    .option('--json', 'print one JSON document')
    .action(async ({ threads, json }: DoctorFlags) => {
      const report = await examine(threads)
      console.log(json ? JSON.stringify(report, null, 2) : inWords(report))
    })
}

async function examine(threads: number | undefined): Promise<Report> {
  const backend = await openBackend({ threads, onBuild: sayBuilding })
  const native = nativeRefusal() ?? null
  const { readGBs, ...peak } = await backend.peaks()
  const { name, isa } = backend
  const used = backend.threads
  await backend.close()
  return {
    node: process.versions.node,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    backend: name,
    threads: used,
    isa,
    peak,
    memory: { readGBs, totalBytes: totalmem(), freeBytes: freemem() },
    wasm: await examineWasm(threads),
    webgpu: { adapter: null, why: 'this version has no WebGPU backend' },
    native,
  }
}

async function examineWasm(threads: number | undefined): Promise<Report['wasm']> {
  try {
    const backend = await openBackend({ backend: 'wasm', threads, onBuild: sayBuilding })
    const { f32 } = await backend.peaks()
    const { isa } = backend
    await backend.close()
    return { simd: true, relaxed: isa === 'relaxed', peakF32: f32 }
  } catch (error) {
    return { simd: false, relaxed: false, peakF32: 0, why: (error as Error).message }
  }
}

function inWords({ node, cpu, backend, threads, peak, memory, wasm, native, webgpu }: Report): string {
  const paint = painter(process.stdout)
  const speed = (value: number, unit: string) => (value === 0 ? 'no instruction for it' : `${value.toFixed(0)} ${unit}`)
  const rows = [
    ['processor', `${cpu}, ${threads} ${threads === 1 ? 'thread' : 'threads'} in use`],
    [
      'memory',
      `${quantity(memory.totalBytes, 'B')}, ${quantity(memory.freeBytes, 'B')} free, read at ${memory.readGBs.toFixed(1)} GB/s`,
    ],
    ['Node', node],
    ['engine', backend],
    ['peak f32', speed(peak.f32, 'GFLOP/s')],
    ['peak bf16', speed(peak.bf16, 'GFLOP/s')],
    ['peak int8', speed(peak.int8, 'GOP/s')],
    ['WebAssembly', wasm.why ?? `${wasm.relaxed ? 'relaxed SIMD' : 'SIMD'}, ${wasm.peakF32.toFixed(0)} GFLOP/s in f32`],
    ['WebGPU', webgpu.why],
  ]
  const verdict =
    native === null
      ? paint('green', '✓ The native engine runs.')
      : `${paint('yellow', '! WebAssembly runs in place of the native engine:')} ${native}`
  return `${table(rows)}\n\n${verdict}`
}
