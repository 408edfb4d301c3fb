import { ConfigError, type Shape } from '../base/index.ts'
import { checkSizes, type FlatSection, layOut } from './flat-sections.ts'
import { refuse } from './json.ts'

/**
 * Checkpoints of llama2.c, in f32: version 0 (seven numbers, then the tensors) and version 1 (`ak42`, a header of 256 bytes).
 * Rotary pairs are neighbours. Source: export.py and run.c of github.com/karpathy/llama2.c.
 */
export interface Llama2c {
  readonly version: 0 | 1
  readonly width: number
  readonly hidden: number
  readonly layers: number
  readonly heads: number
  readonly keyValueHeads: number
  readonly vocabSize: number
  readonly context: number
  /** Whether the output embedding is the input's. */
  readonly tied: boolean
  /**
   * By the names of run.c: token_embedding_table, rms_att_weight, wq, wk, wv, wo, rms_ffn_weight, w1 (gate), w2 (down), w3 (up),
   * rms_final_weight, wcls.
   */
  readonly sections: readonly FlatSection[]
}

export type Llama2cSizes = Omit<Llama2c, 'sections'>

const magic = 0x616b3432
const headerBytes = [28, 256] as const
const mostLayers = 4096

/** The first bytes of a file that {@link readLlama2c} needs. */
export const llama2cHeaderBytes = 256

/**
 * Reads where the tensors of a checkpoint lie.
 *
 * @param start the first {@link llama2cHeaderBytes} bytes, or all where there are fewer
 * @param options.fileBytes size of the file
 * @throws FormatError for sizes that cannot be, or that do not fit the file: the only signs by which version 0 is known
 *
 * @example
 * const { bytes, fileBytes } = llama2cHeader({ version: 0, width: 8, hidden: 16, layers: 1, heads: 2, keyValueHeads: 2, vocabSize: 9, context: 4, tied: true })
 * readLlama2c(bytes, { fileBytes }).heads // 2
 */
export function readLlama2c(
  start: Uint8Array,
  options: { readonly fileBytes: number; readonly file?: string },
): Llama2c {
  const { fileBytes, file = 'llama2.c' } = options
  if (start.length < headerBytes[0]) refuse(file, 'header', `truncated: 28 bytes are needed, ${start.length} are there`)
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength)
  const version = view.getUint32(0, true) === magic ? view.getInt32(4, true) : 0
  if (version !== 0 && version !== 1) {
    refuse(file, 'header', `version ${version} is not supported; there are 0 and 1, in f32`)
  }
  const first = version === 0 ? 0 : 8
  if (start.length < headerBytes[version as 0 | 1]) refuse(file, 'header', 'truncated')
  const number = (i: number) => view.getInt32(first + 4 * i, true)
  const [width, hidden, layers, heads, keyValueHeads, vocabulary, context] = [0, 1, 2, 3, 4, 5, 6].map(number)
  const shared = view.getUint8(version === 0 ? 0 : first + 28)
  if (version === 1 && shared > 1)
    refuse(file, 'header', `whether the embedding is shared is ${shared}, neither 0 nor 1`)
  const tied = version === 0 ? vocabulary > 0 : shared === 1
  const vocabSize = version === 0 ? Math.abs(vocabulary) : vocabulary
  const sizes = { width, hidden, layers, heads, keyValueHeads, vocabSize, context }
  checkSizes(sizes, { layers: mostLayers }, file)
  if (width % heads !== 0 || heads % keyValueHeads !== 0 || (width / heads) % 2 !== 0) {
    refuse(
      file,
      'header',
      `a width of ${width}, ${heads} heads and ${keyValueHeads} key/value heads do not go together`,
    )
  }
  const all: Llama2cSizes = { version: version as 0 | 1, ...sizes, tied }
  const place = { start: headerBytes[version as 0 | 1], elementBytes: 4, fileBytes, file }
  return { ...all, sections: layOut(sectionsOf(all), place).filter(({ name }) => !name.startsWith('freq_cis')) }
}

/**
 * The beginning of a checkpoint, and where its tensors lie behind it. Version 0 holds tables of the rotary positions, which
 * nobody reads.
 *
 * @throws ConfigError for an untied vocabulary of none
 *
 * @example
 * llama2cHeader({ version: 1, width: 8, hidden: 16, layers: 1, heads: 2, keyValueHeads: 2, vocabSize: 9, context: 4, tied: true }).bytes.length // 256
 */
export function llama2cHeader(sizes: Llama2cSizes): {
  readonly bytes: Uint8Array
  readonly sections: readonly FlatSection[]
  readonly fileBytes: number
} {
  const { version, width, hidden, layers, heads, keyValueHeads, vocabSize, context, tied } = sizes
  if (vocabSize < 1) throw new ConfigError(`llama2.c: a vocabulary has 1 token or more, got ${vocabSize}`)
  const bytes = new Uint8Array(headerBytes[version])
  const view = new DataView(bytes.buffer)
  const first = version === 0 ? 0 : 8
  if (version === 1) {
    view.setUint32(0, magic, true)
    view.setInt32(4, 1, true)
    view.setUint8(first + 28, tied ? 1 : 0)
  }
  const vocabulary = version === 0 && !tied ? -vocabSize : vocabSize
  const numbers = [width, hidden, layers, heads, keyValueHeads, vocabulary, context]
  for (const [i, value] of numbers.entries()) view.setInt32(first + 4 * i, value, true)
  const listed = sectionsOf(sizes)
  const end = listed.reduce((total, [, shape]) => total + 4 * shape.reduce((a, b) => a * b, 1), bytes.length)
  const sections = layOut(listed, { start: bytes.length, elementBytes: 4, fileBytes: end, file: 'llama2.c' })
  return { bytes, sections, fileBytes: end }
}

function sectionsOf(sizes: Llama2cSizes): (readonly [string, Shape])[] {
  const { version, width, hidden, layers, heads, keyValueHeads, vocabSize, context, tied } = sizes
  const half = width / heads / 2
  const small = 2 * half * keyValueHeads
  const norms = { att: [layers, width], ffn: [layers, width], final: [width] } as const
  const matrices = [
    ['wq', [layers, width, width]],
    ['wk', [layers, small, width]],
    ['wv', [layers, small, width]],
    ['wo', [layers, width, width]],
  ] as const
  const mlp = [
    ['w1', [layers, hidden, width]],
    ['w2', [layers, width, hidden]],
    ['w3', [layers, hidden, width]],
  ] as const
  const embedding = ['token_embedding_table', [vocabSize, width]] as const
  const head = tied ? [] : [['wcls', [vocabSize, width]] as const]
  if (version === 1) {
    return [
      ['rms_att_weight', norms.att],
      ['rms_ffn_weight', norms.ffn],
      ['rms_final_weight', norms.final],
      embedding,
      ...matrices,
      ...mlp,
      ...head,
    ]
  }
  return [
    embedding,
    ['rms_att_weight', norms.att],
    ...matrices,
    ['rms_ffn_weight', norms.ffn],
    ...mlp,
    ['rms_final_weight', norms.final],
    ['freq_cis_real', [context, half]],
    ['freq_cis_imag', [context, half]],
    ...head,
  ]
}
