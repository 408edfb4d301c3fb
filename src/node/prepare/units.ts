import { type Document, Tally } from '../../data/index.ts'
import type { ReadSettings } from '../../data/prepare/index.ts'
import { type CutOptions, type Part, partsOf, readDocuments } from '../../data/sources/index.ts'
import { FileError } from '../files.ts'
import type { Input } from '../inputs/input.ts'
import { type OpenOptions, openInput } from '../inputs/open-input.ts'
import { nodeDecompress } from './decompress.ts'

/** A piece of work that one worker does at a time: files, or a part of one, in their order. */
export interface Unit {
  readonly pieces: readonly Piece[]
  readonly bytes: number
}

export interface Piece {
  readonly input: Input
  /** All of the file when absent. */
  readonly part?: Part
}

/** Bytes of a unit, about: enough that starting it costs nothing, few enough that its texts fit into memory. */
export const defaultUnitBytes = 4 * 2 ** 20

/**
 * Cuts inputs into units, in their order: small files come together, large ones are cut where their format allows it. It
 * depends on the inputs alone, and not on who does the work.
 */
export async function planUnits(
  inputs: readonly Input[],
  cut: CutOptions,
  unitBytes: number,
  options: OpenOptions,
  onProgress: (inputs: number) => void = () => {},
): Promise<Unit[]> {
  const units: Unit[] = []
  let pieces: Piece[] = []
  let bytes = 0
  const finish = () => {
    if (pieces.length > 0) units.push({ pieces, bytes })
    pieces = []
    bytes = 0
  }
  for (const [done, input] of inputs.entries()) {
    if (input.size <= unitBytes) {
      if (bytes + input.size > unitBytes) finish()
      pieces.push({ input })
      bytes += input.size
    } else {
      finish()
      for (const { part, share } of await partsOfInput(input, cut, unitBytes, options)) {
        units.push({ pieces: [{ input, part }], bytes: Math.round(share * input.size) })
      }
    }
    onProgress(done + 1)
  }
  finish()
  return units
}

async function partsOfInput(
  input: Input,
  cut: CutOptions,
  unitBytes: number,
  options: OpenOptions,
): Promise<{ part: Part; share: number }[]> {
  await using file = await openInput(input, options)
  const parts = await partsOf(file, { ...cut, targetBytes: unitBytes, decompress: nodeDecompress })
  const whole = parts.reduce((sum, { start, end }) => sum + end - start, 0)
  return parts.map((part) => ({ part, share: whole === 0 ? 0 : (part.end - part.start) / whole }))
}

/** The documents of a unit. A file that cannot be read is counted, and the others are read. */
export async function* documentsOf(
  unit: Unit,
  tally: Tally,
  options: OpenOptions & { readonly read?: ReadSettings; readonly wrongSchema: 'error' | 'drop' },
): AsyncGenerator<Document> {
  const { read, wrongSchema } = options
  for (const { input, part } of unit.pieces) {
    try {
      await using file = await openInput(input, options)
      yield* readDocuments(file, {
        ...read,
        source: input.source,
        part,
        tally,
        wrongSchema,
        decompress: nodeDecompress,
      })
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      tally.drop('file cannot be read', { id: input.name, bytes: input.size, text: '', why: error.message })
    }
  }
}

/** Inputs of a sample, and documents of each. */
const sampledInputs = 50
const sampledDocuments = 100

/** A sample of the documents: the first of some inputs, at equal distances. */
export async function* sampleOf(
  inputs: readonly Input[],
  options: Parameters<typeof documentsOf>[2],
): AsyncGenerator<Document> {
  const every = Math.ceil(inputs.length / sampledInputs)
  for (let i = 0; i < inputs.length; i += every) {
    let count = 0
    for await (const document of documentsOf(
      { pieces: [{ input: inputs[i] }], bytes: 0 },
      new Tally('read'),
      options,
    )) {
      yield document
      if (++count === sampledDocuments) break
    }
  }
}
