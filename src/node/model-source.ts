import { type DType, FormatError, isPacked } from '../base/index.ts'
import type { State } from '../compiler/index.ts'
import type { LanguageModel } from '../models/index.ts'
import type { StoredWeights } from '../nn/index.ts'

/** A model as a file or a folder has it: what it is, and the bytes of its weights. */
export interface ModelSource {
  /** What kind of file or folder it is, in a few words. */
  readonly kind: string
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

/** A state for a source's weights, filled. Bytes of memory: those of the weights as they are stored. */
export async function loadWeights(source: ModelSource, state: State): Promise<void> {
  const { model, stored } = source
  const names = Object.keys(model.weights)
  state.ensure(
    names.map((name) => {
      const { shape } = model.weights[name]
      const { dtype = 'f32', transposed = false } = stored[name] ?? {}
      return { name, shape: transposed ? shape.toReversed() : shape, dtype }
    }),
  )
  for (const name of names) await writeWeight(state, name, source.bytes(name))
}

/** Bytes that are handed over at once. */
const CHUNK_BYTES = 16 << 20

async function writeWeight(state: State, name: string, bytes: Uint8Array): Promise<void> {
  const { segment, offset, dtype } = state.places.get(name)!
  if (isPacked(dtype)) throw new FormatError(`${name}: ${dtype} cannot be loaded yet`)
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    segment.write(offset + at, bytes.subarray(at, at + CHUNK_BYTES))
  }
}
