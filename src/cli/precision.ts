import type { CpuBackend } from '../backend/cpu/index.ts'
import type { RunSettings, SessionSettings } from './run-settings.ts'

/** A neighbour on the same cores can halve a peak: a surprising one is measured again, and the best of each counts. */
const MEASUREMENTS = 3

/**
 * Settles `auto`: the precision of matrix products that has the higher peak on this machine. Where there is an instruction
 * for bf16 it is about twice as fast; most machines have none, and there f32 is faster.
 *
 * @param begun of a run that goes on: it keeps what it began with
 * @returns also, in words, why; undefined where the user chose
 */
export async function settlePrecision(
  training: RunSettings['training'],
  backend: Pick<CpuBackend, 'peaks'>,
  begun?: SessionSettings['precision'],
): Promise<{ settings: SessionSettings; why?: string }> {
  const { precision } = training
  if (precision !== 'auto') return { settings: { ...training, precision } }
  if (begun !== undefined) return { settings: { ...training, precision: begun }, why: `${begun}, as the run began` }
  let [f32, bf16] = [0, 0]
  for (let i = 0; i < MEASUREMENTS; i++) {
    const peaks = await backend.peaks()
    f32 = Math.max(f32, peaks.f32)
    bf16 = Math.max(bf16, peaks.bf16)
    if (bf16 === 0 || bf16 > 1.2 * f32) break
  }
  const faster = bf16 > f32 ? 'bf16' : 'f32'
  const ofBf16 = bf16 === 0 ? 'no instruction' : `${bf16.toFixed(0)} GFLOP/s`
  const why = `${faster}, the faster of: f32 ${f32.toFixed(0)} GFLOP/s, bf16 ${ofBf16}`
  return { settings: { ...training, precision: faster }, why }
}
