import { type ArraysFile, type Folder, openArrays } from '../index.ts'
import { type DocumentRecord, readRecords } from './record.ts'

/** All cleaned blocks of a corpus, whose documents are numbered through. */
export class Cleaned {
  readonly blocks: readonly CleanedBlock[]
  /** `[blocks + 1]` the number of each block's first document, and of all documents. */
  readonly firsts: Uint32Array

  constructor(blocks: readonly CleanedBlock[]) {
    this.blocks = blocks
    this.firsts = new Uint32Array(blocks.length + 1)
    for (const [i, { lengths }] of blocks.entries()) this.firsts[i + 1] = this.firsts[i] + lengths.length
  }

  get documents(): number {
    return this.firsts[this.blocks.length]
  }

  /** The block of a document, and its place in it. */
  placeOf(document: number): { block: CleanedBlock; index: number } {
    let low = 0
    let high = this.blocks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.firsts[middle] <= document) low = middle
      else high = middle - 1
    }
    return { block: this.blocks[low], index: document - this.firsts[low] }
  }
}

/** One of them. Its arrays are read when they are asked for. */
export interface CleanedBlock {
  readonly name: string
  readonly file: ArraysFile
  /** `[documents]` bytes of each text. */
  readonly lengths: Uint32Array
}

/** @throws FormatError when the file is damaged */
export async function openCleanedBlock(folder: Folder, name: string): Promise<CleanedBlock> {
  const file = await openArrays(folder, name)
  return { name, file, lengths: await file.read('lengths', 'u32') }
}

/** Text and record of one document, for showing it. */
export async function readCleaned(
  cleaned: Cleaned,
  document: number,
): Promise<{ record: DocumentRecord; text: string }> {
  const { block, index } = cleaned.placeOf(document)
  const { name, file, lengths } = block
  const records = readRecords(await file.read('records', 'u8'), lengths.length, name)
  let start = 0
  for (let i = 0; i < index; i++) start += lengths[i]
  const text = await file.read('text', 'u8')
  return { record: records[index], text: new TextDecoder().decode(text.subarray(start, start + lengths[index])) }
}

/** Texts of a block, in order; those that `wants` asks for by their place in it. */
export async function* readTexts(
  { file, lengths }: CleanedBlock,
  wants: (index: number) => boolean,
): AsyncGenerator<string> {
  const text = await file.read('text', 'u8')
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let end = 0
  for (let i = 0; i < lengths.length; i++) {
    const bytes = text.subarray(end, (end += lengths[i]))
    if (wants(i)) yield decoder.decode(bytes)
  }
}
