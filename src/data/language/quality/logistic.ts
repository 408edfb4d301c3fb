/** ln(1 + e^x) without overflow. */
const softplus = (x: number): number => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)))

/** 1 / (1 + e^−x). @example logistic(0) // 0.5 */
export const logistic = (x: number): number => 1 / (1 + Math.exp(-x))

/** −ln of the probability that a score gives to the label. */
export const logisticLoss = (score: number, isGood: boolean): number => softplus(isGood ? -score : score)

/** How the loss changes with the score. */
export const logisticSlope = (score: number, isGood: boolean): number => logistic(score) - (isGood ? 1 : 0)

/**
 * Finds a and b so that logistic(a · score + b) is how often documents with a score are good.
 *
 * @returns [1, 0] when the documents are all of one kind
 * Source: Platt 1999, with targets away from 0 and 1 and Newton's method as Lin, Lin & Weng 2007.
 */
export function calibrate(scores: ArrayLike<number>, areGood: ArrayLike<boolean>): readonly [a: number, b: number] {
  let good = 0
  for (let i = 0; i < areGood.length; i++) if (areGood[i]) good++
  const bad = areGood.length - good
  if (good === 0 || bad === 0) return [1, 0]
  const [high, low] = [(good + 1) / (good + 2), 1 / (bad + 2)]
  const lossOf = (a: number, b: number) => {
    let loss = 0
    for (let i = 0; i < scores.length; i++) {
      const x = a * scores[i] + b
      loss += softplus(x) - (areGood[i] ? high : low) * x
    }
    return loss
  }
  let a = 0
  let b = Math.log((good + 1) / (bad + 1))
  let loss = lossOf(a, b)
  for (let round = 0; round < 100; round++) {
    // A little is added to the curvature, so that it can be divided by.
    let [aa, ab, bb, ga, gb] = [1e-12, 0, 1e-12, 0, 0]
    for (let i = 0; i < scores.length; i++) {
      const p = logistic(a * scores[i] + b)
      const slope = p - (areGood[i] ? high : low)
      const curve = p * (1 - p)
      aa += curve * scores[i] * scores[i]
      ab += curve * scores[i]
      bb += curve
      ga += slope * scores[i]
      gb += slope
    }
    if (Math.abs(ga) < 1e-7 * scores.length && Math.abs(gb) < 1e-7 * scores.length) break
    const determinant = aa * bb - ab * ab
    const stepA = (bb * ga - ab * gb) / determinant
    const stepB = (aa * gb - ab * ga) / determinant
    let size = 1
    while (size > 1e-10 && !(lossOf(a - size * stepA, b - size * stepB) < loss)) size /= 2
    if (size <= 1e-10) break
    a -= size * stepA
    b -= size * stepB
    loss = lossOf(a, b)
  }
  return [a, b]
}
