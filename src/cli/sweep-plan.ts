import { compact } from '../base/index.ts'
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
 */
export function planSweep({ budgets, sizes, vocabSize, batch, tokens }: SweepRequest): PlannedSweepRun[] {
  const models = ladder(vocabSize, tokens)
  return budgets
    .toSorted((a, b) => a - b)
    .flatMap((budget) => {
      const middle = Math.log(Math.sqrt(budget / 6 / MIDDLE_TOKENS_PER_PARAMETER))
      const stepsOf = (parameters: number) => Math.round(budget / trainingFlops(parameters, batch * tokens))
      return models
        .filter(({ parameters }) => stepsOf(parameters) >= LEAST_STEPS)
        .toSorted((a, b) => Math.abs(Math.log(a.parameters) - middle) - Math.abs(Math.log(b.parameters) - middle))
        .slice(0, sizes)
        .toSorted((a, b) => a.parameters - b.parameters)
        .map((size) => {
          const steps = stepsOf(size.parameters)
          const read = steps * batch * tokens
          return { ...size, steps, tokens: read, name: `${compact(size.parameters)}-${compact(read)}` }
        })
    })
}
