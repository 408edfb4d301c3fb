import { describe, expect, it } from 'vitest'
import { logTicks, tickLabels, ticks } from './axis.ts'
import { curve, type Point } from './curve.ts'
import { painter, widthOf } from './terminal.ts'

const line: Point[] = [
  [0, 0],
  [10, 10],
]
/** 1 + 4/√step over 1000 steps. */
const falling = Array.from({ length: 1000 }, (_, i): Point => [i + 1, 1 + 4 / Math.sqrt(i + 1)])

describe('curve', () => {
  it('draws a straight line', () => {
    expect(curve(line, { width: 30, height: 7 })).toBe(
      [
        '10 ┤                     ⣀⡠⠔⠒⠉',
        '   │               ⢀⣀⠤⠔⠊⠉',
        ' 5 ┤          ⢀⡠⠤⠒⠊⠁',
        '   │     ⣀⡠⠔⠒⠉⠁',
        ' 0 ┤⣀⠤⠔⠊⠉',
        '   └┬────────────────────────┬',
        '    0                       10',
      ].join('\n'),
    )
  })

  it('sets one dot to a column at the value of the function, and more where it is steep', () => {
    const [width, height] = [50, 18]
    const rows = curve(falling, { width, height })
      .split('\n')
      .slice(0, height - 2)
    const margin = rows[0].search(/[│┤]/) + 1
    const [high, low] = [5, 1 + 4 / Math.sqrt(1000)]
    const dotRows = rows.length * 4
    const columns = (width - margin) * 2
    let lowest = Number.POSITIVE_INFINITY
    for (let x = 0; x < columns; x++) {
      const lit: number[] = []
      for (let y = 0; y < dotRows; y++) {
        const bits = (rows[y >> 2][margin + (x >> 1)] ?? '⠀').codePointAt(0)! - 0x2800
        const bit = [0x01, 0x02, 0x04, 0x40, 0x08, 0x10, 0x20, 0x80][(x & 1) * 4 + (y & 3)]
        if (bits > 0 && bits & bit) lit.push(y)
      }
      // The steps of this column of dots, and what the function is at their ends.
      const stepAt = (at: number) => 1 + (at / (columns - 1)) * 999
      const dot = (step: number) => ((high - (1 + 4 / Math.sqrt(step))) / (high - low)) * (dotRows - 1)
      expect(lit.length, `column ${x}`).toBeGreaterThan(0)
      expect(lit[0], 'the line is not broken').toBeLessThanOrEqual(lowest + 1)
      lowest = lit[lit.length - 1]
      if (x < 4) continue // there the mean of a column is far from both its ends
      for (const y of lit) {
        expect(y).toBeGreaterThanOrEqual(Math.floor(dot(stepAt(x - 1.5))))
        expect(y).toBeLessThanOrEqual(Math.ceil(dot(stepAt(x + 0.5))))
      }
    }
  })

  it('shows the limit, evaluations and steps on a logarithmic axis', () => {
    const points = [10, 100, 1000].map((step): Point => [step, 1.5 + 4 / Math.sqrt(step)])
    const limit = { value: 1, label: 'entropy' }
    const picture = curve(falling, { width: 60, height: 11, limit, points, logX: true, title: 'loss, nats a token' })
    expect(picture).toBe(
      [
        '   ⠤⠤ loss, nats a token  ● validation',
        '5 ┤⠑⠤⡀',
        '  │  ⠈⠢⣀',
        '4 ┤     ⠑⠤⣀',
        '  │        ⠑⠢⢄⡀',
        '3 ┤           ⠈⠑⠢⠤⣀⡀  ●',
        '2 ┤                ⠈⠉⠒⠢⠤⢄⣀⡀',
        '  │                       ⠈⠉⠉⠒⠒⠢⠤⠤⠤⣀⣀⣀⣀ ●    entropy 1.000 ●',
        '1 ┤⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡀⡉⡉⡉⡉⡉⡑⡒⡒⡒⡒⡒⡒⡒⡒⡤⡤⡤⡤⡤⡤⡤',
        '  └┬──────────────────┬─────────────────┬──────────────────┬',
        '   1                 10                100                1k',
      ].join('\n'),
    )
  })

  it('draws several curves, with names for what they are', () => {
    const bowl = (x0: number, low: number) =>
      Array.from({ length: 41 }, (_, i): Point => {
        const x = 10 ** (i / 15)
        return [x, low + Math.log10(x / x0) ** 2]
      })
    const options = { logX: true, unit: 'size', title: 'loss', pointsTitle: 'runs' }
    const picture = curve(bowl(5, 2), {
      ...options,
      others: [bowl(20, 1)],
      points: [[20, 1]],
      width: 44,
      height: 9,
    })
    expect(picture).toBe(
      [
        '   ⠤⠤ loss  ● runs',
        '  │                                      ⡠⠔⠊',
        '  │                                  ⣀⠤⠒⠉',
        '4 ┤                             ⣀⡠⠔⠒⠉',
        '  │⣀                     ⢀⣀⡠⠤⠔⠒⠉          ⣀⡠',
        '2 ┤⠉⠙⠒⠲⠦⣤⣤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠒⠒⠒⠊⠉⠁          ⣀⣀⠤⠔⠒⠉',
        '  │       ⠉⠉⠒⠒⠢⠤⠤⠤⣀⣀⣀⣀⣀●⣀⣀⣀⣀⠤⠤⠤⠔⠒⠒⠉⠉',
        '  └┬──────────────┬──────────────┬──────────',
        '   1             10             100 size',
      ].join('\n'),
    )
    const paint = painter({ write() {} }, { FORCE_COLOR: '1' })
    const colored = curve(line, { others: [line.map(([x, y]) => [x, y + 5])], paint })
    expect(colored).toContain('\x1b[36m')
    expect(colored).toContain('\x1b[32m')
  })

  it('takes the mean of what falls into one column', () => {
    const noisy = Array.from({ length: 10_000 }, (_, i): Point => [i, i % 4 === 0 ? 4 : 0])
    const rows = curve(noisy, { width: 40, height: 8 }).split('\n').slice(0, -2)
    // 1 of 0 to 4 on 24 rows of dots is row 17.25 from the top: the fifth row of cells.
    expect(rows.map((row) => /[⠁-⣿]/.test(row))).toEqual([false, false, false, false, true, false])
  })

  it('stays inside its size, whatever is drawn', () => {
    const series: Point[][] = [
      line,
      falling,
      [[5, 3]],
      [
        [1, 2],
        [1, 3],
      ],
      [
        [1e6, 1e-9],
        [2e6, 2e-9],
      ],
      [
        [3, 2],
        [9, Number.NaN],
      ],
    ]
    for (const points of series) {
      for (const [width, height] of [
        [80, 12],
        [20, 3],
        [7, 1],
        [200, 40],
      ]) {
        for (const logX of [false, true]) {
          const limit = { value: 0.5, label: 'entropy of the grammar' }
          const lines = curve(points, { width, height, limit, logX, points: [[4, 1]] }).split('\n')
          expect(lines).toHaveLength(Math.max(height, 3))
          for (const each of lines) expect(widthOf(each), each).toBeLessThanOrEqual(Math.max(width, 16))
        }
      }
    }
  })

  it('says so when there is nothing', () => {
    expect(curve([])).toBe('There is nothing to draw yet.')
    expect(curve([[1, Number.NaN]])).toBe('There is nothing to draw yet.')
  })

  it('colours without changing what is seen', () => {
    const paint = painter({ write() {} }, { FORCE_COLOR: '1' })
    const options = { limit: { value: 1, label: 'entropy' }, title: 'loss' }
    const colored = curve(falling, { ...options, paint })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is taken out
    expect(colored.replace(/\x1b\[\d+m/g, '')).toBe(curve(falling, options))
    expect(colored).toContain('\x1b[')
  })
})

describe('ticks', () => {
  it('are round, inside the range and few', () => {
    expect(ticks(0.3, 4.1, 5)).toEqual([1, 2, 3, 4])
    expect(ticks(0, 1, 5)).toEqual([0, 0.25, 0.5, 0.75, 1])
    expect(ticks(0, 2000, 3)).toEqual([0, 1000, 2000])
    expect(ticks(-1, 1, 2)).toEqual([0])
    expect(ticks(5, 5, 3)).toEqual([5])
    for (const most of [1, 2, 3, 7]) {
      for (const [low, high] of [
        [0, 1],
        [1.234, 8.9],
        [-3, 1e6],
        [1e-9, 2e-9],
      ]) {
        const found = ticks(low, high, most)
        expect(found.length).toBeLessThanOrEqual(most)
        for (const tick of found) expect(tick >= low - 1e-9 && tick <= high + 1e-9).toBe(true)
      }
    }
  })

  it('are powers of ten on a logarithmic axis', () => {
    expect(logTicks(1, 2000, 6)).toEqual([1, 10, 100, 1000])
    expect(logTicks(1, 20, 6)).toEqual([1, 2, 5, 10, 20])
    expect(logTicks(1, 1e6, 3).length).toBeLessThanOrEqual(3)
  })

  it('are written with the same decimals', () => {
    expect(tickLabels([0.5, 1, 1.25])).toEqual(['0.50', '1.00', '1.25'])
    expect(tickLabels([2, 4])).toEqual(['2', '4'])
  })
})
