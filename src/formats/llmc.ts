import { sizeOf } from '../base/index.ts'
import { checkSizes, type FlatSection, layOut } from './flat-sections.ts'
import { refuse } from './json.ts'

/**
 * GPT-2 checkpoints of llm.c: 256 numbers, then the tensors, matrices as [out, in]. The embedding has more rows than there are
 * tokens. Source: train_gpt2.c and train_gpt2.py of github.com/karpathy/llm.c.
 */
export interface Llmc {
  readonly dtype: 'F32' | 'BF16'
  readonly context: number
  readonly vocabSize: number
  readonly layers: number
  readonly heads: number
  readonly width: number
  /** Rows of the embedding. */
  readonly paddedVocabSize: number
  /** By the names of llm.c: wte, wpe, ln1w, ln1b, qkvw, qkvb, attprojw, attprojb, ln2w, ln2b, fcw, fcb, fcprojw, fcprojb, lnfw, lnfb. */
  readonly sections: readonly FlatSection[]
}

/** Of checkpoints; other files of llm.c have others. */
export const llmcMagic = 20240326

/** The first bytes of a file that {@link readLlmc} needs. */
export const llmcHeaderBytes = 1024
const mostLayers = 4096

/**
 * Reads where the tensors of a checkpoint lie.
 *
 * @param start the first {@link llmcHeaderBytes} bytes
 * @param options.fileBytes size of the file
 * @throws FormatError for another format or version, and for sizes that cannot be or do not fit the file
 *
 * @example
 * const header = new Int32Array(256)
 * header.set([llmcMagic, 3, 8, 5, 1, 2, 4, 6]) // version 3, context 8, 5 tokens, 1 layer, 2 heads, width 4, 6 rows
 * const { layers } = readLlmc(new Uint8Array(header.buffer), { fileBytes: 1024 + 4 * 308 })
 * layers // 1
 */
export function readLlmc(start: Uint8Array, options: { readonly fileBytes: number; readonly file?: string }): Llmc {
  const { fileBytes, file = 'llm.c' } = options
  if (start.length < llmcHeaderBytes) {
    refuse(file, 'header', `truncated: ${llmcHeaderBytes} bytes are needed, ${start.length} are there`)
  }
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength)
  const number = (i: number) => view.getInt32(4 * i, true)
  if (number(0) !== llmcMagic) refuse(file, 'byte 0', `the first number is ${number(0)}, expected ${llmcMagic}`)
  const version = number(1)
  if (version !== 3 && version !== 5)
    refuse(file, 'byte 4', `version ${version} is not known; there are 3 (f32) and 5 (bf16)`)
  const [context, vocabSize, layers, heads, width, paddedVocabSize] = [2, 3, 4, 5, 6, 7].map(number)
  const sizes = { context, vocabSize, layers, heads, width, paddedVocabSize }
  checkSizes(sizes, { layers: mostLayers }, file)
  if (paddedVocabSize < vocabSize) refuse(file, 'header', `${paddedVocabSize} rows are fewer than ${vocabSize} tokens`)
  if (width % heads !== 0) refuse(file, 'header', `a width of ${width} does not divide into ${heads} heads`)
  const place = { start: llmcHeaderBytes, elementBytes: version === 3 ? 4 : 2, fileBytes, file }
  const sections = layOut(sectionsOf(sizes), place)
  return { dtype: version === 3 ? 'F32' : 'BF16', ...sizes, sections }
}

/** The numbers of a checkpoint's header. */
export type LlmcSizes = Omit<Llmc, 'sections' | 'dtype'>

/**
 * The beginning of a checkpoint; the tensors that `sections` lists follow in this order.
 *
 * @example
 * const sizes = { context: 8, vocabSize: 5, layers: 1, heads: 2, width: 4, paddedVocabSize: 128 }
 * llmcHeader('F32', sizes).bytes.length // 1024
 */
export function llmcHeader(
  dtype: Llmc['dtype'],
  sizes: LlmcSizes,
): { readonly bytes: Uint8Array; readonly sections: readonly FlatSection[] } {
  const { context, vocabSize, layers, heads, width, paddedVocabSize } = sizes
  const bytes = new Uint8Array(llmcHeaderBytes)
  const view = new DataView(bytes.buffer)
  const numbers = [llmcMagic, dtype === 'F32' ? 3 : 5, context, vocabSize, layers, heads, width, paddedVocabSize]
  for (const [i, value] of numbers.entries()) view.setInt32(4 * i, value, true)
  const listed = sectionsOf(sizes)
  const elementBytes = dtype === 'F32' ? 4 : 2
  const fileBytes = listed.reduce((total, [, shape]) => total + elementBytes * sizeOf(shape), bytes.length)
  return { bytes, sections: layOut(listed, { start: bytes.length, elementBytes, fileBytes, file: 'llm.c' }) }
}

function sectionsOf({ context, layers: L, width: C, paddedVocabSize }: LlmcSizes): [name: string, shape: number[]][] {
  return [
    ['wte', [paddedVocabSize, C]],
    ['wpe', [context, C]],
    ['ln1w', [L, C]],
    ['ln1b', [L, C]],
    ['qkvw', [L, 3 * C, C]],
    ['qkvb', [L, 3 * C]],
    ['attprojw', [L, C, C]],
    ['attprojb', [L, C]],
    ['ln2w', [L, C]],
    ['ln2b', [L, C]],
    ['fcw', [L, 4 * C, C]],
    ['fcb', [L, 4 * C]],
    ['fcprojw', [L, C, 4 * C]],
    ['fcprojb', [L, C]],
    ['lnfw', [C]],
    ['lnfb', [C]],
  ]
}
