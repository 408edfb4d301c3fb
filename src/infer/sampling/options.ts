import { ConfigError } from '../../base/index.ts'

/**
 * How the next token is drawn. What is given takes effect in this order, which is vLLM's, since clients of servers know it: nucleus
 * and min-p see the probabilities at the temperature. (llama.cpp cuts first, and applies the temperature to what is left.)
 *
 * constraint · logit bias · repetition penalty · frequency and presence penalties · DRY · temperature · min-p · top-k · top-p ·
 * typical, or Mirostat in the place of these four · the draw.
 */
export interface SamplingOptions {
  /** 0 (anything below 0.00001) takes the likeliest token; 1, when not given, draws from the model's own probabilities. */
  readonly temperature?: number
  /** Only the k likeliest tokens may be drawn; 0 allows all. */
  readonly topK?: number
  /** Only the likeliest tokens that together reach this probability may be drawn. Source: Holtzman et al. 2020, §3.1. */
  readonly topP?: number
  /** Only tokens at least this share as likely as the likeliest may be drawn. Source: Nguyen et al. 2024, §4. */
  readonly minP?: number
  /**
   * Only those tokens may be drawn whose surprise is nearest to the expected one, and that together reach this probability.
   * Source: Meister et al. 2023, §4.
   */
  readonly typicalP?: number
  /** Cuts so that the surprise stays near a target. Goes without the other cuts. */
  readonly mirostat?: MirostatOptions
  /** Positive logits of tokens that the text or its prompt has are divided by it, others multiplied. Source: Keskar et al. 2019, §4.1. */
  readonly repetitionPenalty?: number
  /** Taken from the logits of tokens that were drawn before. Source: OpenAI's API. */
  readonly presencePenalty?: number
  /** Taken from the logit of a token for each time that it was drawn before. Source: OpenAI's API. */
  readonly frequencyPenalty?: number
  /** Added to the logits of some ids; −Infinity forbids one. */
  readonly logitBias?: Readonly<Record<number, number>>
  /** Makes what would go on with a repetition less likely, the longer it is. */
  readonly dry?: DryOptions
}

/** Source: Basu et al. 2021, algorithm 2 (version 2 of llama.cpp). */
export interface MirostatOptions {
  /** τ: the surprise that is wanted, in bits; 5 when not given. */
  readonly tau?: number
  /** η: how fast the cut follows; 0.1 when not given. */
  readonly eta?: number
}

/** "Don't repeat yourself". Source: p-e-w, text-generation-webui, pull request 5677. */
export interface DryOptions {
  /** What the least repetition that counts takes from a logit; 0 for none. */
  readonly multiplier: number
  /** By what each token more multiplies it; 1.75 when not given. */
  readonly base?: number
  /** Repetitions up to this many tokens are free; 2 when not given. */
  readonly allowedLength?: number
  /** Ids over which no repetition reaches, such as line breaks and quotes. */
  readonly breakers?: readonly number[]
}

/** @throws ConfigError when a number is outside what it may be, or one setting excludes another */
export function checkSampling(options: SamplingOptions): void {
  const { temperature = 1, topK = 0, topP = 1, minP = 0, typicalP = 1, mirostat, dry, logitBias = {} } = options
  const { repetitionPenalty = 1, presencePenalty = 0, frequencyPenalty = 0 } = options
  const must = (holds: boolean, name: string, expected: string, got: number | undefined) => {
    if (!holds) throw new ConfigError(`sample: ${name} must be ${expected}, got ${got}`)
  }
  must(temperature >= 0 && Number.isFinite(temperature), 'temperature', '0 or more', temperature)
  must(Number.isInteger(topK) && topK >= 0, 'topK', 'a whole number of 0 or more', topK)
  must(topP > 0 && topP <= 1, 'topP', 'above 0 and at most 1', topP)
  must(minP >= 0 && minP <= 1, 'minP', 'from 0 to 1', minP)
  must(typicalP > 0 && typicalP <= 1, 'typicalP', 'above 0 and at most 1', typicalP)
  must(repetitionPenalty > 0 && Number.isFinite(repetitionPenalty), 'repetitionPenalty', 'above 0', repetitionPenalty)
  must(Number.isFinite(presencePenalty), 'presencePenalty', 'a number', presencePenalty)
  must(Number.isFinite(frequencyPenalty), 'frequencyPenalty', 'a number', frequencyPenalty)
  for (const [id, bias] of Object.entries(logitBias))
    must(
      Number.isFinite(bias) || bias === Number.NEGATIVE_INFINITY,
      `logitBias of ${id}`,
      'a number or −Infinity',
      bias,
    )
  if (dry !== undefined) {
    const { multiplier, base = 1.75, allowedLength = 2 } = dry
    must(multiplier >= 0 && Number.isFinite(multiplier), 'dry.multiplier', '0 or more', multiplier)
    must(base >= 1 && Number.isFinite(base), 'dry.base', '1 or more', base)
    must(Number.isInteger(allowedLength) && allowedLength >= 1, 'dry.allowedLength', '1 or more', allowedLength)
  }
  if (mirostat === undefined) return
  const { tau = 5, eta = 0.1 } = mirostat
  must(tau > 0 && Number.isFinite(tau), 'mirostat.tau', 'above 0', tau)
  must(eta > 0 && Number.isFinite(eta), 'mirostat.eta', 'above 0', eta)
  if (topK > 0 || topP < 1 || minP > 0 || typicalP < 1)
    throw new ConfigError('sample: mirostat makes the cut; leave out topK, topP, minP and typicalP')
}
