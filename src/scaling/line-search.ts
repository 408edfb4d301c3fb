import type { Differentiable, Evaluation } from './differentiable.ts'

/** A place on the line from `x` along `direction`, and what the function is there. */
export interface LinePoint {
  /** In lengths of the direction. */
  readonly step: number
  readonly x: Float64Array
  readonly evaluation: Evaluation
  /** Derivative along the direction. */
  readonly slope: number
}

export interface Line {
  readonly minimand: Differentiable
  readonly start: LinePoint
  readonly direction: Float64Array
}

/** Share of the decrease that the slope at the start promises. */
const DECREASE = 1e-4
/** Greatest slope, as a share of that at the start. */
const CURVATURE = 0.9
const MOST_TRIALS = 40

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

function at({ minimand, start, direction }: Line, step: number): LinePoint {
  const x = start.x.map((value, i) => value + step * direction[i])
  const evaluation = minimand(x)
  return { step, x, evaluation, slope: dot(evaluation.gradient, direction) }
}

/**
 * A step that satisfies the strong Wolfe conditions: the value falls by a share of what the slope promised, and the slope
 * has become flat. Values that are not finite count as too high.
 *
 * @returns undefined when there is none within the trials: the slope is not one of descent, or rounding hides the decrease
 * Source: Nocedal & Wright 2006, algorithms 3.5 and 3.6; cubic interpolation: eq. 3.59.
 */
export function wolfeStep(line: Line, first: number): LinePoint | undefined {
  const { start } = line
  if (!(start.slope < 0)) return undefined
  let last = start
  let step = first
  for (let trial = 0; trial < MOST_TRIALS; trial++) {
    const here = at(line, step)
    if (isTooHigh(line, here) || (trial > 0 && here.evaluation.value >= last.evaluation.value)) {
      return zoom(line, last, here, MOST_TRIALS - trial)
    }
    if (isFlat(line, here)) return here
    if (here.slope >= 0) return zoom(line, here, last, MOST_TRIALS - trial)
    last = here
    step *= 2
  }
  return undefined
}

function isTooHigh({ start }: Line, { step, evaluation, slope }: LinePoint): boolean {
  const { value } = evaluation
  return !Number.isFinite(slope) || !(value <= start.evaluation.value + DECREASE * step * start.slope)
}

const isFlat = ({ start }: Line, { slope }: LinePoint) => Math.abs(slope) <= -CURVATURE * start.slope

/** Between a low point, whose slope leads towards the other, and another point there are good steps: halves until one is met. */
function zoom(line: Line, lowest: LinePoint, other: LinePoint, trials: number): LinePoint | undefined {
  let low = lowest
  let high = other
  for (let trial = 0; trial < trials; trial++) {
    const here = at(line, between(low, high))
    if (isTooHigh(line, here) || here.evaluation.value >= low.evaluation.value) high = here
    else {
      if (isFlat(line, here)) return here
      if (here.slope * (high.step - low.step) >= 0) high = low
      low = here
    }
  }
  return undefined
}

/** The minimum of the cubic through both points, or the middle where that is near an end or there is none. */
function between(low: LinePoint, high: LinePoint): number {
  const width = high.step - low.step
  const d1 = low.slope + high.slope - (3 * (high.evaluation.value - low.evaluation.value)) / width
  const d2 = Math.sign(width) * Math.sqrt(d1 * d1 - low.slope * high.slope)
  const share = 1 - (high.slope + d2 - d1) / (high.slope - low.slope + 2 * d2)
  return low.step + width * (share > 0.1 && share < 0.9 ? share : 0.5)
}
