import type { DType } from '../base/index.ts'
import type { LanguageModel } from '../models/index.ts'
import type { StoredWeights } from '../nn/index.ts'

/** A model as a file or a folder has it: what it is, and the bytes of its weights. */
export interface ModelSource {
  /** What kind of file or folder it is, in a few words. */
  readonly kind: string
  /** The file or folder. */
  readonly path: string
  readonly model: LanguageModel
  /** The weights that are not f32 in the shape that the model means. */
  readonly stored: StoredWeights
  /** A tokenizer.json, where there is a tokenizer. */
  readonly tokenizerText?: string
  readonly chatTemplate?: string
  /** Names of the tokens of these roles, where the source says so. */
  readonly specials?: { readonly begin?: string; readonly end?: string }
  /** A weight in file layout: plain elements, or packed rows one after another. A view of mapped memory where it can be. */
  bytes(name: string): Uint8Array
  close(): void
}

/** A weight in a file: how it lies there. */
export interface SourceTensor {
  readonly dtype: DType
  readonly transposed?: boolean
  bytes(): Uint8Array
}

/** What the parts of a {@link ModelSource} are made of; everything but the weights passes through. */
export interface SourceParts extends Omit<ModelSource, 'stored' | 'bytes'> {
  readonly tensors: ReadonlyMap<string, SourceTensor>
}

/** Vectors, and the positions, which are added as they are, are given in f32. */
export function staysPlain(model: LanguageModel, name: string): boolean {
  return model.weights[name].shape.length === 1 || name === 'wpe.weight'
}
