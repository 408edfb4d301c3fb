import { DataError, quantity } from '../base/index.ts'
import { fitIsoFlop, fitScalingLaw, type IsoFlopFit, type PowerLaw, type ScalingFit } from '../scaling/index.ts'
import { curve, type Point } from './curve.ts'
import type { SweepRow } from './sweep-file.ts'
import { table } from './table.ts'
import type { Paint } from './terminal.ts'

/** What the runs of a sweep say; each part where there are enough of them, else why it is missing. */
export interface ScalingFindings {
  readonly runs: readonly SweepRow[]
  readonly law: ScalingFit | DataError
  readonly isoFlop: IsoFlopFit | DataError
}

export function findScaling(runs: readonly SweepRow[], resamples: number): ScalingFindings {
  return { runs, law: orError(() => fitScalingLaw(runs, { resamples })), isoFlop: orError(() => fitIsoFlop(runs)) }
}

function orError<T>(fit: () => T): T | DataError {
  try {
    return fit()
  } catch (error) {
    if (error instanceof DataError) return error
    throw error
  }
}

/** The findings as JSON. */
export function findingsJson({ runs, law, isoFlop }: ScalingFindings) {
  return {
    runs: runs.length,
    fit:
      law instanceof DataError
        ? { missing: law.message }
        : { law: law.law, estimates: law.estimates, rSquared: law.rSquared, converged: law.converged },
    isoFlop:
      isoFlop instanceof DataError
        ? { missing: isoFlop.message }
        : {
            parameters: isoFlop.parameters,
            tokens: isoFlop.tokens,
            curves: isoFlop.curves.map(({ flops, points, minimum }) => ({ flops, runs: points.length, minimum })),
          },
  }
}

/** The findings for a person: the IsoFLOP curves with their minima, and the law with its errors. */
export function findingsText({ runs, law, isoFlop }: ScalingFindings, paint: Paint, width: number): string {
  const parts = [paint('bold', `${runs.length} runs`)]
  if (isoFlop instanceof DataError) parts.push(isoFlop.message)
  else parts.push(isoFlopCurves(isoFlop, paint, width), isoFlopTable(isoFlop, paint))
  parts.push(law instanceof DataError ? law.message : lawText(law, paint))
  return parts.join('\n\n')
}

/** Places of a parabola that are drawn. */
const DRAWN_PLACES = 60

function isoFlopCurves({ curves }: IsoFlopFit, paint: Paint, width: number): string {
  const lines = curves.map(({ points, lossAt }) => {
    const [first, last] = [points[0].parameters, points[points.length - 1].parameters]
    return Array.from({ length: DRAWN_PLACES + 1 }, (_, i): Point => {
      const parameters = first * (last / first) ** (i / DRAWN_PLACES)
      return [parameters, lossAt(parameters)]
    })
  })
  return curve(lines[0], {
    others: lines.slice(1),
    points: curves.flatMap(({ points }) => points.map(({ parameters, lossNats }): Point => [parameters, lossNats])),
    pointsTitle: 'runs',
    title: 'loss, nats a token, by size: a parabola for each compute',
    unit: 'parameters',
    logX: true,
    width,
    height: 18,
    paint,
  })
}

function isoFlopTable({ curves, parameters, tokens }: IsoFlopFit, paint: Paint): string {
  const rows = curves.map(({ flops, points, minimum }) => [
    quantity(flops, 'FLOP'),
    points.length,
    ...(minimum === undefined
      ? ['none among the runs']
      : [
          quantity(minimum.parameters),
          minimum.logError === undefined ? '–' : `${(100 * minimum.logError).toFixed(0)} %`,
          quantity(minimum.tokens),
          (minimum.tokens / minimum.parameters).toFixed(1),
          minimum.lossNats.toFixed(3),
        ]),
  ])
  const header = ['compute', 'runs', 'best N', '±', 'D', 'D/N', 'loss']
  const text = table(rows, { header, paint })
  if (parameters === undefined || tokens === undefined) return text
  return `${text}\nThrough the minima: N ∝ C^${exponentText(parameters)}, D ∝ C^${exponentText(tokens)}`
}

const exponentText = ({ exponent, standardError }: PowerLaw) =>
  `${exponent.toFixed(3)}${standardError === undefined ? '' : ` ± ${standardError.toFixed(3)}`}`

const words: Readonly<Record<keyof ScalingFit['estimates'], string>> = {
  E: 'E',
  A: 'A',
  B: 'B',
  alpha: 'α',
  beta: 'β',
  parametersExponent: 'N ∝ C^',
  tokensExponent: 'D ∝ C^',
  lossExponent: 'L − E ∝ C^−',
}

/** Below this E is nothing beside any loss. */
const NO_CONSTANT = 1e-6

function lawText({ law, estimates, residuals, rSquared, converged, resamples }: ScalingFit, paint: Paint): string {
  const rows = Object.entries(estimates).map(
    ([
      name,
      {
        value,
        standardError,
        interval: [low, high],
      },
    ]) => [words[name as keyof typeof words], ...[value, standardError, low, high].map(digits)],
  )
  const worst = Math.max(...residuals.map(Math.abs))
  const notes: string[] = []
  if (law.E < NO_CONSTANT) notes.push('These runs do not tell E from 0: larger ones, in a wider range, would.')
  if (!converged) notes.push('The search for the law did not converge: take these constants with caution.')
  return [
    'L(N, D) = E + A/N^α + B/D^β, fitted to these runs',
    table(rows, { header: ['', 'value', '± error', '95 % from', 'to'], paint }),
    `R² ${rSquared.toFixed(4)} of log-loss · largest residual ${(100 * worst).toFixed(2)} % · errors from ${resamples.length} resamples`,
    ...notes,
  ].join('\n')
}

/** Four digits, with an exponent where there would be many zeros. */
export function digits(value: number): string {
  const size = Math.abs(value)
  if (size < NO_CONSTANT) return '0'
  const short = Number(value.toPrecision(4))
  return size >= 1e5 || size < 1e-3 ? short.toExponential().replace('+', '') : String(short)
}
