/**
 * What the loss of a language model is after training on tokens: E + A/N^α + B/D^β, nats a token, for N parameters and D
 * tokens. E is what no model goes below, the second term what a finite model lacks, the third what finite data lack.
 * Source: Hoffmann et al. 2022, eq. 2.
 */
export interface ScalingLaw {
  /** Nats a token. */
  readonly E: number
  readonly A: number
  readonly B: number
  readonly alpha: number
  readonly beta: number
}

/** A law from the literature. */
export interface PublishedLaw {
  readonly law: ScalingLaw
  /** Author, year, place. */
  readonly source: string
  /** Standard errors, where they were published. */
  readonly standardErrors?: ScalingLaw
}

/**
 * Laws of the literature, by the name that they go by here. Those of Hoffmann et al. are given as printed and as they stand
 * in the paper's TeX: two decimals of an exponent move the best model at 6e23 FLOP by a quarter. Besiroglu et al. read the
 * same runs off the paper's figure, 240 of them, and fitted them anew.
 *
 * @example
 * publishedLaws.besiroglu.law.E // 1.8172
 */
export const publishedLaws: Readonly<Record<'hoffmann' | 'hoffmann-tex' | 'besiroglu', PublishedLaw>> = {
  hoffmann: {
    law: { E: 1.69, A: 406.4, B: 410.7, alpha: 0.34, beta: 0.28 },
    source: 'Hoffmann et al. 2022, D.3',
  },
  'hoffmann-tex': {
    law: { E: 1.6934, A: 406.4, B: 410.7, alpha: 0.3392, beta: 0.2849 },
    source: 'the same, digits of the TeX',
  },
  besiroglu: {
    law: { E: 1.8172, A: 482.01, B: 2085.43, alpha: 0.3478, beta: 0.3658 },
    source: 'Besiroglu et al. 2024, table 1',
    standardErrors: { E: 0.03, A: 124.58, B: 1293.23, alpha: 0.02, beta: 0.02 },
  },
}

/**
 * How the loss falls with compute, where the model grows with it: L ∝ C^−0.050. Its N leaves embeddings out, and its
 * loss has no term E. Source: Kaplan et al. 2020, eq. 1.3.
 */
export const KAPLAN_COMPUTE_EXPONENT = 0.05

/**
 * The loss that a law foretells, nats a token.
 *
 * @param parameters N
 * @param tokens D
 * @example
 * lossOf({ E: 2, A: 100, B: 100, alpha: 0.5, beta: 0.5 }, 1e4, 1e6) // 3.1
 */
export function lossOf({ E, A, B, alpha, beta }: ScalingLaw, parameters: number, tokens: number): number {
  return E + A / parameters ** alpha + B / tokens ** beta
}

/**
 * Work of training by the rule of thumb C = 6·N·D: a multiply-add for each parameter and token forward, two backward.
 * What attention does between tokens is left out, which is little while T is small beside 12·C. With tied embeddings N is
 * all parameters: the table of embeddings is read for nothing, but multiplied once as the output.
 * Source: Kaplan et al. 2020, §2.1; Hoffmann et al. 2022, appendix F.
 *
 * @example
 * trainingFlops(124e6, 2.5e9) // 1860000000000000000
 */
export function trainingFlops(parameters: number, tokens: number): number {
  return 6 * parameters * tokens
}
