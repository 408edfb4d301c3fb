import { z } from 'zod'
import { modelNames } from '../models/index.ts'
import { parseBytes } from './bytes.ts'

// The settings of a training run: names, ranges, defaults and what they mean, in this one place. Files have them as
// sections of TOML, the command line as flags (`flag` where it is not the name with hyphens), programs as SessionSettings.

const whole = (least: number) => z.int().min(least)
const share = z.number().min(0).max(1)
const notNegative = z.number().min(0)
const below1 = z.number().min(0).lt(1)

const corpus = z.strictObject({
  data: z.array(z.string()).min(1).optional().meta({
    value: 'paths...',
    description: 'files and folders of text, or one folder that `alippe data prepare` made',
  }),
  world: whole(0).default(1).meta({ description: 'seed of the invented world that is read without data' }),
  families: whole(1).default(6).meta({ description: 'ten people each' }),
  villages: whole(2).default(12).meta({ description: 'where they live' }),
  documents: whole(1).default(200_000).meta({ description: 'how much is told of the world' }),
})

const tokenizer = z.strictObject({
  vocabulary: whole(257).default(2048).meta({ flag: 'vocab', description: 'tokens of the vocabulary' }),
})

const model = z.strictObject({
  name: z.enum(modelNames).default('llama').meta({ flag: 'model', description: 'family, or a model that has a name' }),
  depth: whole(1)
    .optional()
    .meta({ description: 'layers (default: 4); the width follows, and without --steps batch, rate and steps' }),
  width: whole(1).optional().meta({ description: 'model width (default: 64 a layer)' }),
  heads: whole(1).optional().meta({ description: 'attention heads (default: of width 64, in narrow models 32)' }),
  keyValueHeads: whole(1).optional().meta({ description: 'heads of keys and values (default: all)' }),
  context: whole(1)
    .optional()
    .meta({ description: 'the most tokens that the model reads at once (default: --tokens)' }),
})

const training = z.strictObject({
  batch: whole(1).default(16).meta({ description: 'sequences side by side' }),
  tokens: whole(1).default(128).meta({ description: 'tokens of a sequence' }),
  accumulate: whole(1).default(1).meta({ description: 'batches that make up one step' }),
  steps: whole(1).default(1000).meta({ description: 'steps of the whole run' }),
  ratio: z
    .number()
    .positive()
    .optional()
    .meta({ description: 'tokens for each parameter, which decide batch, rate and steps (--depth: 20)' }),
  seed: whole(0).default(1).meta({ description: 'the same seed gives the same run' }),
  precision: z
    .enum(['f32', 'bf16', 'auto'])
    .default('f32')
    .meta({ description: 'of matrix products; auto is what this machine does faster' }),
  optimizer: z
    .enum(['adamw', 'adamw-8bit', 'muon', 'sgd', 'lion'])
    .default('adamw')
    .meta({ description: 'how weights change from gradients' }),
  learningRate: z.number().positive().default(3e-3).meta({ flag: 'lr', description: 'peak learning rate' }),
  schedule: z
    .enum(['cosine', 'wsd', 'linear', 'constant'])
    .default('cosine')
    .meta({ description: 'how the rate falls after its peak' }),
  warmup: notNegative
    .default(0.02)
    .meta({ description: 'steps in which the rate rises, or a share of the run when below 1' }),
  floor: share.default(0.1).meta({ description: 'the last rate as a share of the peak' }),
  decay: share.default(0.2).meta({ description: 'wsd: the last share of the run, in which the rate falls' }),
  weightDecay: notNegative.default(0.1).meta({ description: 'decay of matrices' }),
  clip: notNegative.default(1).meta({ description: 'greatest norm of the gradients; 0: any' }),
  dropout: below1.default(0).meta({ description: 'share of activations that are left out' }),
  labelSmoothing: below1.default(0).meta({ description: 'share of each target that all tokens have' }),
  zLoss: notNegative.default(0).meta({ description: 'weight of the squared log-sum of the logits in the loss' }),
  ema: below1.default(0).meta({ description: 'decay of the running mean of the weights; 0: none' }),
  mup: whole(0).default(0).meta({ description: 'width from which rates and initial values are carried over; 0: off' }),
  recompute: z
    .enum(['none', 'selective', 'block', 'sqrt'])
    .default('none')
    .meta({ description: 'what is computed again in the backward pass in place of being kept' }),
  memory: z
    .union([whole(1), z.string()])
    .transform((value, { addIssue }) => {
      const bytes = typeof value === 'number' ? value : parseBytes(value)
      if (bytes === undefined) addIssue({ code: 'custom', input: value })
      return bytes ?? z.NEVER
    })
    .optional()
    .meta({
      value: 'size',
      expected: 'bytes, as 2000000000 or "2GB"',
      description: 'bytes that the run may take, as 2GB; what does not fit is computed again',
    }),
  onSpike: z
    .enum(['stop', 'rollback', 'ignore'])
    .default('stop')
    .meta({ description: 'what happens when the loss leaps' }),
  spike: z
    .number()
    .positive()
    .default(15)
    .meta({ description: 'a leap: so many robust deviations above the recent losses' }),
  keepCheckpoints: whole(1).default(2).meta({ description: 'checkpoints that stay, beside the best' }),
  evaluateEvery: whole(0).default(200).meta({ description: 'steps between evaluations; 0: only at the end' }),
  evaluationBatches: whole(1).default(8).meta({ description: 'batches of one evaluation' }),
  saveEvery: whole(1).default(200).meta({ description: 'steps between checkpoints' }),
})

/** A training run as files and flags tell it. */
export const runSettings = z.strictObject({
  corpus: corpus.prefault({}),
  tokenizer: tokenizer.prefault({}),
  model: model.prefault({}),
  training: training.prefault({}),
})

/** The fields of each section. */
export const fields = { corpus: corpus.shape, tokenizer: tokenizer.shape, model: model.shape, training: training.shape }

export type RunSettings = z.output<typeof runSettings>

/** Everything that training depends on beside its tokens, with the precision chosen. */
export type SessionSettings = RunSettings['training'] & { readonly precision: 'f32' | 'bf16' }

/** What was said of a run; the rest is as it is by default. */
export type GivenSettings = { readonly [S in keyof RunSettings]?: Readonly<Partial<RunSettings[S]>> }

/** The same without defaults: what a file says, and nothing else. */
export const givenSettings = z.strictObject({
  corpus: withoutDefaults(corpus),
  tokenizer: withoutDefaults(tokenizer),
  model: withoutDefaults(model),
  training: withoutDefaults(training),
}) as unknown as z.ZodType<GivenSettings>

function withoutDefaults({ shape }: z.ZodObject): z.ZodType {
  const entries = Object.entries(shape as Record<string, z.ZodType>)
  const bare = entries.map(([key, field]) => [key, field instanceof z.ZodDefault ? field.unwrap() : field])
  return z.strictObject(Object.fromEntries(bare)).partial().optional()
}

/** Settings that change how a run is watched, and not what comes of it. */
const watching = [
  'evaluateEvery',
  'evaluationBatches',
  'saveEvery',
  'keepCheckpoints',
  'onSpike',
  'spike',
  'recompute',
  'memory',
]

/** What makes a run what it is, in a fixed order: settings that are not as by default, so that new ones rename no run. */
export function identityOf(settings: RunSettings['training']): [string, unknown][] {
  const usual: Record<string, unknown> = training.parse({})
  const entries = Object.entries(settings).filter(([key, value]) => !watching.includes(key) && value !== usual[key])
  return entries.sort(([a], [b]) => (a < b ? -1 : 1))
}
