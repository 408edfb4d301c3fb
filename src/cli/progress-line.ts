import { compact, duration } from '../base/index.ts'
import { type Paint, plain, widthOf } from './terminal.ts'

/** What a progress line says; what is not known is left out of it. */
export interface ProgressState {
  readonly step: number
  readonly steps: number
  /** Smoothed, nats a token. */
  readonly lossNats?: number
  /** Change of the smoothed loss over the last steps. */
  readonly changeNats?: number
  /** Loss of the last evaluation. */
  readonly validationNats?: number
  readonly learningRate?: number
  readonly tokensPerSecond?: number
  /** Share of the machine's peak FLOP/s, 0 to 1. */
  readonly peakShare?: number
  readonly remainingMs?: number
}

export interface LineOptions {
  /** Cells that there are; unlimited when not given. */
  readonly columns?: number
  readonly paint?: Paint
  /** Cells inside the bar; 0 for none. */
  readonly barWidth?: number
}

/** Parts of the line in the order in which they go when there is no room; step and loss stay. */
const leastImportant = ['change', 'rate', 'peak', 'bar', 'percent', 'validation', 'speed', 'remaining', 'step'] as const

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A bar of `width` cells, drawn in eighths of a cell: `bar(0.5, 7)` is `▕███▌   ▏`. */
export function bar(share: number, width: number): string {
  const filled = Math.floor(Math.min(Math.max(share, 0), 1) * width * 8)
  const drawn = '█'.repeat(filled >> 3) + eighths[filled & 7]
  return `▕${drawn.padEnd(width)}▏`
}

/**
 * How far a run is, on one line; what matters least is left out first when it does not fit.
 *
 * @example
 * progressLine({ step: 240, steps: 2000, lossNats: 2.413, remainingMs: 112_000 })
 * // ▕▉       ▏ 12% step 240/2000 loss 2.413 ETA 1m52s
 */
export function progressLine(state: ProgressState, { columns, paint = plain, barWidth = 8 }: LineOptions = {}): string {
  const { step, steps, lossNats, changeNats, validationNats, learningRate, tokensPerSecond, peakShare, remainingMs } =
    state
  const share = steps > 0 ? step / steps : 1
  const label = (name: string, value: string) => `${paint('dim', name)} ${value}`
  const part = (value: number | undefined, text: (value: number) => string) =>
    value === undefined || !Number.isFinite(value) ? '' : text(value)
  const parts = new Map<string, string>([
    ['bar', barWidth > 0 ? paint('cyan', bar(share, barWidth)) : ''],
    ['percent', `${Math.floor(share * 100)}%`.padStart(3)],
    ['step', label('step', `${String(step).padStart(String(steps).length)}/${steps}`)],
    ['loss', part(lossNats, (loss) => label('loss', paint('bold', loss.toFixed(3))))],
    ['change', part(changeNats, (change) => changeText(change, paint))],
    ['validation', part(validationNats, (loss) => label('val', loss.toFixed(3)))],
    ['rate', part(learningRate, (rate) => label('lr', rate.toExponential(1)))],
    ['speed', part(tokensPerSecond, (speed) => `${compact(speed)} ${paint('dim', 'tok/s')}`)],
    ['peak', part(peakShare, (peak) => `${Math.round(peak * 100)}% ${paint('dim', 'of peak')}`)],
    ['remaining', part(remainingMs, (time) => label('ETA', duration(time)))],
  ])
  const text = () => [...parts.values()].filter((each) => each !== '').join(' ')
  for (const name of leastImportant) {
    if (columns === undefined || widthOf(text()) <= columns) break
    if (name === 'step' && !parts.get('loss')) break
    parts.delete(name)
  }
  const line = text()
  if (columns === undefined || widthOf(line) <= columns) return line
  // Nothing is left to take out: cut, without the colours, which a cut could leave open.
  return progressLine({ step, steps, lossNats })
    .match(/(?:step|loss).*/)![0]
    .slice(0, Math.max(columns, 0))
}

function changeText(change: number, paint: Paint): string {
  const amount = Math.abs(change).toFixed(3)
  if (Number(amount) === 0) return paint('dim', '(=0.000)')
  return change < 0 ? paint('green', `(▼${amount})`) : paint('yellow', `(▲${amount})`)
}
