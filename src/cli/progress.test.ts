import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { progressDisplay } from './progress.ts'
import { bar, type ProgressState, progressLine } from './progress-line.ts'
import { changeOver, smoothed } from './smoothing.ts'
import { painter, widthOf } from './terminal.ts'

const state: ProgressState = {
  step: 240,
  steps: 2000,
  lossNats: 2.4131,
  changeNats: -0.0042,
  validationNats: 2.4309,
  learningRate: 3e-3,
  tokensPerSecond: 18_234,
  peakShare: 0.412,
  remainingMs: 112_400,
}

describe('bar', () => {
  it('draws eighths of a cell', () => {
    expect(bar(0.5, 7)).toBe('▕███▌   ▏')
    expect([0, 1 / 16, 1, 2, -1].map((share) => bar(share, 2))).toEqual(['▕  ▏', '▕▏ ▏', '▕██▏', '▕██▏', '▕  ▏'])
  })
})

describe('progressLine', () => {
  it('says everything where there is room', () => {
    expect(progressLine(state)).toBe(
      '▕▉       ▏ 12% step  240/2000 loss 2.413 (▼0.004) val 2.431 lr 3.0e-3 18.2k tok/s 41% of peak ETA 1m52s',
    )
  })

  it('leaves out what is not known', () => {
    expect(progressLine({ step: 1, steps: 10 })).toBe('▕▊       ▏ 10% step  1/10')
    expect(progressLine({ step: 1, steps: 10, lossNats: Number.NaN })).not.toContain('loss')
  })

  it('never exceeds the terminal, and drops what matters least first', () => {
    let previous = Number.POSITIVE_INFINITY
    for (let columns = 120; columns >= 0; columns--) {
      const line = progressLine(state, { columns, paint: painter({ write() {} }, { FORCE_COLOR: '1' }) })
      expect(widthOf(line)).toBeLessThanOrEqual(columns)
      expect(widthOf(line)).toBeLessThanOrEqual(previous)
      previous = widthOf(line)
    }
    expect(progressLine(state, { columns: 80 })).toBe(
      '▕▉       ▏ 12% step  240/2000 loss 2.413 val 2.431 18.2k tok/s ETA 1m52s',
    )
    expect(progressLine(state, { columns: 40 })).toBe('step  240/2000 loss 2.413 ETA 1m52s')
    expect(progressLine(state, { columns: 12 })).toBe('loss 2.413')
    expect(progressLine({ step: 1, steps: 10 }, { columns: 6 })).toBe('step  ')
  })

  it('shows a loss that rises, and one that stands', () => {
    expect(progressLine({ ...state, changeNats: 0.1 })).toContain('(▲0.100)')
    expect(progressLine({ ...state, changeNats: -0.0001 })).toContain('(=0.000)')
  })
})

describe('smoothing', () => {
  it('begins at the first value and goes where the values go', () => {
    const mean = smoothed(10)
    expect(mean.add(4)).toBeCloseTo(4, 12)
    let last = 0
    for (let i = 0; i < 200; i++) last = mean.add(1)
    expect(last).toBeCloseTo(1, 6)
  })

  it('weighs values by 0.9 to the power of their age when the span is 10', () => {
    const mean = smoothed(10)
    mean.add(1)
    mean.add(2)
    expect(mean.add(6)).toBeCloseTo((0.81 * 1 + 0.9 * 2 + 6) / (0.81 + 0.9 + 1), 12)
  })

  it('tells the change since some values ago', () => {
    const change = changeOver(2)
    expect([10, 9, 7, 4].map(change)).toEqual([undefined, -1, -3, -5])
  })
})

/** A display on an output that keeps what is written, and a clock that is moved by hand. */
function stage({ live = true, columns = 200, steps = 100, peakFlops = 4e9 } = {}) {
  const written: string[] = []
  let time = 0
  const display = progressDisplay({
    output: { write: (text) => void written.push(text), columns, isTTY: live },
    environment: { NO_COLOR: '1' },
    steps,
    flopsPerStep: 1e8,
    peakFlops,
    now: () => time,
  })
  const step = (number: number, milliseconds = 100, lossNats = 3) => {
    time += milliseconds
    display.step({ step: number, lossNats, learningRate: 1e-3, tokens: 512, milliseconds })
  }
  return { display, step, written, text: () => written.join(''), wait: (ms: number) => void (time += ms) }
}

describe('progressDisplay on a terminal', () => {
  it('redraws one line, with speed, share of peak and time left', () => {
    const { display, step, written } = stage()
    step(1)
    expect(written).toEqual([
      '\r▕        ▏  1% step   1/100 loss 3.000 lr 1.0e-3 5.12k tok/s 25% of peak ETA 9.9s\x1b[K',
    ])
    for (let i = 2; i <= 100; i++) step(i)
    display.end()
    display.end()
    expect(written.join('')).not.toMatch(/\n./)
    expect(written.at(-1)).toBe('\n')
    expect(written.at(-2)).toContain('100% step 100/100')
  })

  it('does not redraw faster than eyes follow, but draws the last step', () => {
    const { step, written } = stage()
    for (let i = 1; i <= 100; i++) step(i, 10)
    expect(written.length).toBeLessThan(20)
    expect(written.length).toBeGreaterThan(8)
    expect(written.at(-1)).toContain('step 100/100')
  })

  it('prints other lines above it', () => {
    const { display, step, written } = stage()
    display.print('before')
    step(1)
    display.print('sample: once upon a time')
    expect(written[0]).toBe('before\n')
    expect(written[2]).toBe('\r\x1b[Ksample: once upon a time\n')
    expect(written[3]).toMatch(/^\r▕.*step {3}1\/100/)
    display.end()
    display.print('after')
    expect(written.at(-1)).toBe('after\n')
  })

  it('keeps inside the terminal', () => {
    const { step, written } = stage({ columns: 60 })
    for (let i = 1; i <= 20; i++) step(i)
    for (const text of written) expect(widthOf(stripVTControlCharacters(text).replace('\r', ''))).toBeLessThan(60)
  })

  it('counts what happens between steps in the time left', () => {
    const { display, step, written, wait } = stage()
    step(1)
    wait(900)
    display.validation(2.5)
    expect(written.at(-1)).toContain('val 2.500')
    step(2)
    // 1,100 ms for two steps, 98 to go.
    expect(written.at(-1)).toContain('ETA 54s')
  })

  it('shows how the smoothed loss moved', () => {
    const { step, written } = stage()
    step(1, 100, 4)
    step(2, 100, 3)
    // (0.95 · 4 + 3) / 1.95
    expect(written.at(-1)).toContain('loss 3.487 (▼0.513)')
  })
})

describe('progressDisplay elsewhere', () => {
  it('prints plain lines, twenty to a run, the first and the last among them', () => {
    const { display, step, text } = stage({ live: false, steps: 1000 })
    for (let i = 1; i <= 1000; i++) step(i)
    display.end()
    const lines = text().trimEnd().split('\n')
    expect(lines).toHaveLength(21)
    expect(lines[0]).toBe('0% step    1/1000 loss 3.000 lr 1.0e-3 5.12k tok/s 25% of peak ETA 1m40s')
    expect(lines[1]).toContain('step   50/1000')
    expect(lines.at(-1)).toContain('100% step 1000/1000')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(text()).not.toMatch(/[\r\x1b]/)
  })

  it('prints when steps are slow, and where it stopped', () => {
    const { display, step, text } = stage({ live: false, steps: 1000 })
    for (let i = 1; i <= 6; i++) step(i, 10_000)
    display.end()
    expect(text().match(/step +\d+/g)).toEqual(['step    1', 'step    4', 'step    6'])
    display.end()
    expect(text().match(/step/g)).toHaveLength(3)
  })
})
