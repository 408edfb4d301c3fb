import type { StepReport } from '../train/index.ts'
import { type ProgressState, progressLine } from './progress-line.ts'
import { changeOver, smoothed } from './smoothing.ts'
import { type Environment, isLive, type Output, painter } from './terminal.ts'

export interface ProgressOptions {
  readonly output: Output
  readonly steps: number
  /** FLOPs of one step, and the machine's peak in FLOP/s; without both, no share of the peak is shown. */
  readonly flopsPerStep?: number
  readonly peakFlops?: number
  readonly environment?: Environment
  /** Milliseconds, from any beginning. */
  readonly now?: () => number
}

/** What a training run shows while it runs. */
export interface ProgressDisplay {
  step(report: Pick<StepReport, 'step' | 'lossNats' | 'learningRate' | 'tokens' | 'milliseconds'>): void
  /** Takes in the loss of an evaluation; it is shown from the next line on. */
  validation(lossNats: number): void
  /** Prints lines above the progress line. */
  print(text: string): void
  /** Leaves the last line standing; nothing is drawn afterwards. */
  end(): void
}

const SMOOTHING_STEPS = 20
/** A live line is redrawn this often at most. */
const REDRAW_MS = 80
/** Plain lines come at each twentieth of a run, and at least this often. */
const PLAIN_LINES = 20
const PLAIN_MS = 30_000

/**
 * Shows a run on a terminal as one line that is redrawn; elsewhere (a file, a pipe, CI) as plain lines now and then.
 * Loss and speed are smoothed over about 20 steps; the time left counts everything that happens between steps too.
 */
export function progressDisplay(options: ProgressOptions): ProgressDisplay {
  const { output, steps, flopsPerStep, peakFlops, environment = process.env, now = () => performance.now() } = options
  const live = isLive(output, environment)
  const paint = painter(output, environment)
  const loss = smoothed(SMOOTHING_STEPS)
  const tokens = smoothed(SMOOTHING_STEPS)
  const milliseconds = smoothed(SMOOTHING_STEPS)
  const change = changeOver(SMOOTHING_STEPS)
  let state: ProgressState = { step: 0, steps }
  let first: { readonly step: number; readonly time: number } | undefined
  let printed = { step: Number.NEGATIVE_INFINITY, time: Number.NEGATIVE_INFINITY }
  let drawn = false
  let shown = 0
  let ended = false

  // The last column stays free: some terminals break a line that fills it.
  const line = () =>
    live
      ? progressLine(state, { paint, columns: (output.columns ?? 80) - 1 })
      : progressLine(state, { paint, barWidth: 0 })
  const draw = () => {
    output.write(`\r${line()}\x1b[K`)
    drawn = true
    shown = state.step
    printed = { step: state.step, time: now() }
  }
  const isDue = () => {
    const { step } = state
    if (step >= steps) return true
    if (live) return now() - printed.time >= REDRAW_MS
    const part = (at: number) => Math.floor((at * PLAIN_LINES) / steps)
    return part(step) > part(printed.step) || now() - printed.time >= PLAIN_MS
  }

  return {
    step(report) {
      const { step, lossNats, learningRate } = report
      first ??= { step: step - 1, time: now() - report.milliseconds }
      const smoothLoss = loss.add(lossNats)
      const stepMs = milliseconds.add(report.milliseconds)
      const rate = stepMs > 0 ? 1000 / stepMs : undefined
      state = {
        ...state,
        step,
        lossNats: smoothLoss,
        changeNats: change(smoothLoss),
        learningRate,
        tokensPerSecond: rate && tokens.add(report.tokens) * rate,
        peakShare: flopsPerStep && peakFlops && rate ? (flopsPerStep * rate) / peakFlops : undefined,
        remainingMs: ((now() - first.time) / (step - first.step)) * Math.max(steps - step, 0),
      }
      if (ended || !isDue()) return
      if (live) draw()
      else {
        output.write(`${line().trimStart()}\n`)
        shown = step
        printed = { step, time: now() }
      }
    },
    validation(lossNats) {
      state = { ...state, validationNats: lossNats }
      if (live && drawn && !ended) draw()
    },
    print(text) {
      const clear = drawn && !ended ? '\r\x1b[K' : ''
      output.write(`${clear}${text}\n`)
      if (clear) draw()
    },
    end() {
      if (ended) return
      if (live && drawn) {
        draw()
        output.write('\n')
      } else if (!live && state.step > shown) output.write(`${line().trimStart()}\n`)
      ended = true
    },
  }
}
