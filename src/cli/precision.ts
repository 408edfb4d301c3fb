import type { CpuBackend } from '../backend/cpu/index.ts'
import type { RunSettings, SessionSettings } from './run-settings.ts'

/**
 * Settles `auto`: the precision of matrix products that has the higher peak on this machine. Most have no instruction for
 * bf16; there f32 is faster.
 *
 * @returns also, in words, why; undefined where the user chose
 */
export async function settlePrecision(
  training: RunSettings['training'],
  backend: Pick<CpuBackend, 'peaks'>,
): Promise<{ settings: SessionSettings; why?: string }> {
  const { precision } = training
  if (precision !== 'auto') return { settings: { ...training, precision } }
  const { f32, bf16 } = await backend.peaks()
  const peaks = `f32 ${f32.toFixed(0)} GFLOP/s, bf16 ${bf16 === 0 ? 'no instruction' : `${bf16.toFixed(0)} GFLOP/s`}`
  const faster = bf16 > f32 ? 'bf16' : 'f32'
  return { settings: { ...training, precision: faster }, why: `${faster}, the faster of: ${peaks}` }
}
