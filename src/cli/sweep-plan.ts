import { ConfigError, compact } from '../base/index.ts'
import { buildModel, type LanguageModel } from '../models/index.ts'
import { parameterCount } from '../nn/index.ts'
import { trainingFlops } from '../scaling/index.ts'

/** What a sweep is made of. */
export interface SweepRequest {
  /** Compute of a run, 6·N·D, for each curve. */
  readonly budgets: readonly number[]
  /** Sizes of a curve. */
  readonly sizes: number
  readonly vocabSize: number
  readonly batch: number
  readonly tokens: number
}

/** One run of a sweep, before it runs. */
export interface PlannedSweepRun {
  /** Of its folder: sizes of model and text. */
  readonly name: string
  readonly model: LanguageModel
  /** All, the embeddings included once: they are the output's too. */
  readonly parameters: number
  readonly nonEmbedding: number
  readonly steps: number
  /** Of all steps. */
  readonly tokens: number
}

/** Tokens a parameter around which the sizes of a budget are chosen. */
const MIDDLE_TOKENS_PER_PARAMETER = 20
/** A parabola needs three. */
const LEAST_SIZES = 3
/** A run of fewer steps says more about its warm-up than about its size. */
const LEAST_STEPS = 150

const widths = [32, 48, 64, 80, 96, 112, 128, 160, 192, 256, 320, 384, 512, 640, 768]

/** Models from narrow to wide, all of the same form: a layer for each 48 of width, two at least. */
function ladder(vocabSize: number, context: number) {
  return widths.map((width) => {
    const depth = Math.max(2, Math.round(width / 48))
    const heads = width / (width % 32 === 0 ? 32 : 16)
    const model = buildModel({ model: 'llama', vocabSize, context, depth, width, heads })
    const parameters = parameterCount(model.weights)
    return { model, parameters, nonEmbedding: parameters - vocabSize * width }
  })
}

/**
 * For each budget the sizes around the one that 20 tokens a parameter would give, each trained for as many tokens as the
 * budget leaves it. From little work to much.
 *
 * @throws ConfigError when a budget is too small for three sizes
 */
export function planSweep({ budgets, sizes, vocabSize, batch, tokens }: SweepRequest): PlannedSweepRun[] {
  const models = ladder(vocabSize, tokens)
  const stepsOf = (budget: number, parameters: number) => Math.round(budget / trainingFlops(parameters, batch * tokens))
  const least = trainingFlops(models[LEAST_SIZES - 1].parameters, LEAST_STEPS * batch * tokens)
  for (const budget of budgets) {
    if (budget >= least) continue
    const said = (1.05 * least).toExponential(1).replace('+', '') // two digits that are not less
    throw new ConfigError(
      `--budgets must be ${said} or more, so that three sizes have ${LEAST_STEPS} steps of ${batch} × ${tokens} tokens, got ${budget}; smaller --batch, --tokens or --vocab need less`,
    )
  }
  return budgets
    .toSorted((a, b) => a - b)
    .flatMap((budget) => {
      const middle = Math.log(Math.sqrt(budget / trainingFlops(1, MIDDLE_TOKENS_PER_PARAMETER)))
      const distance = ({ parameters }: { parameters: number }) => Math.abs(Math.log(parameters) - middle)
      return models
        .filter(({ parameters }) => stepsOf(budget, parameters) >= LEAST_STEPS)
        .toSorted((a, b) => distance(a) - distance(b))
        .slice(0, sizes)
        .toSorted((a, b) => a.parameters - b.parameters)
        .map((size) => {
          const steps = stepsOf(budget, size.parameters)
          const read = steps * batch * tokens
          return { ...size, steps, tokens: read, name: `${compact(size.parameters)}-${compact(read)}` }
        })
    })
}
