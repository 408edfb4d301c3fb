import type { Json } from '../index.ts'

/** What a text is written in. */
export interface LanguageGuess {
  /** ISO 639-1 where it has a code for the language, else ISO 639-3: `en`, `kk`, `tyv`. */
  readonly language: string
  /** From 0 to 1. How far it is a probability is up to the identifier. */
  readonly confidence: number
  /** ISO 15924, where the identifier looked at it: `Latn`, `Cyrl`. */
  readonly script?: string
}

/** Tells languages apart. The same text always gets the same guess. */
export interface LanguageIdentifier {
  readonly name: string
  /** Tells identifiers apart that decide otherwise: versions, sizes of samples, hashes of models. */
  readonly settings: Json
  /** The language of a text; undefined where there is nothing to go by, such as numbers alone. */
  identify(text: string): LanguageGuess | undefined
}
