import { duration, quantity } from '../base/index.ts'
import { bar } from './progress-line.ts'
import { type Environment, isLive, type Output, painter } from './terminal.ts'

/** Shows stages of long work that follow one another, and how far each is. */
export interface StageProgress {
  /**
   * @param share of the stage that is done, 0 to 1
   * @param bytes that the whole stage goes through, where a speed says something
   */
  show(stage: string, share: number, bytes?: number): void
  /** The last stage is done. */
  end(): void
  /** The work ends in the middle of a stage. */
  stop(): void
}

const redrawMs = 80
/** What is done by then was there already, and says nothing about speed. */
const settledMs = 300

export interface StageProgressOptions {
  readonly environment?: Environment
  /** Milliseconds, from any beginning. */
  readonly now?: () => number
}

/** One line a stage, redrawn on a terminal; elsewhere a line when a stage begins. */
export function stageProgress(
  output: Output = process.stderr,
  { environment = process.env, now = () => performance.now() }: StageProgressOptions = {},
): StageProgress {
  const live = isLive(output, environment)
  const paint = painter(output, environment)
  let current: { stage: string; start: number; from: number; fromTime: number; drawn: number } | undefined

  function finish(): void {
    if (current === undefined) return
    const took = duration(now() - current.start)
    if (live) output.write(`\r${paint('green', '✓')} ${current.stage.padEnd(10)} ${paint('dim', took)}\x1b[K\n`)
    current = undefined
  }

  return {
    show(stage, share, bytes) {
      const time = now()
      if (current?.stage !== stage) {
        finish()
        current = { stage, start: time, from: share, fromTime: time, drawn: Number.NEGATIVE_INFINITY }
        if (!live) output.write(`${stage} …\n`)
      }
      if (time - current.start < settledMs) Object.assign(current, { from: share, fromTime: time })
      if (!live || time - current.drawn < redrawMs) return
      current.drawn = time
      const done = share - current.from
      const elapsed = time - current.fromTime
      const speed = done > 0 && bytes !== undefined ? ` ${quantity((done * bytes * 1000) / elapsed, 'B/s')}` : ''
      const left = done > 0.02 ? ` ETA ${duration((elapsed * (1 - share)) / done)}` : ''
      const percent = `${Math.floor(100 * share)}%`.padStart(4)
      const text = `  ${stage.padEnd(10)} ${paint('cyan', bar(share, 20))}${percent}${speed}${paint('dim', left)}`
      output.write(`\r${text}\x1b[K`)
    },
    end: finish,
    stop() {
      if (live && current !== undefined) output.write('\n')
      current = undefined
    },
  }
}
