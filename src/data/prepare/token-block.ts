import type { Tokenizer } from '../../tokenizers/index.ts'
import { type ArraysFile, type Folder, openArrays, writeArrays } from '../index.ts'

/** Token ids of a block of documents. Documents lie one behind another, without separators. */
export interface TokenBlock {
  readonly ids: Uint16Array | Uint32Array
  /** `[documents]` ids of each. */
  readonly lengths: Uint32Array
  /** `[documents]` the number of each in the whole corpus. */
  readonly numbers: Uint32Array
  /** `[documents]` the number of its source. */
  readonly sources: Uint16Array
  /** `[documents]` 1 for those that are set aside. */
  readonly aside: Uint8Array
  /** `[documents]` bytes of its text in UTF-8. */
  readonly textBytes: Uint32Array
}

/** What is known of a block without reading its ids. */
export type TokenBlockHead = Omit<TokenBlock, 'ids'>

/** Ids of vocabularies up to this size take two bytes. */
const mostShort = 65536

/** Bytes of an id. */
export function tokenBytesOf({ vocabSize }: Pick<Tokenizer, 'vocabSize'>): 2 | 4 {
  return vocabSize <= mostShort ? 2 : 4
}

export async function writeTokenBlock(folder: Folder, name: string, block: TokenBlock): Promise<void> {
  const arrays = Object.entries(block).map(([title, array]) => [title, { array }])
  await writeArrays(folder, name, Object.fromEntries(arrays), { durable: false })
}

/** @throws FormatError when the file is damaged */
export async function readTokenBlock(folder: Folder, name: string): Promise<TokenBlock> {
  const file = await openArrays(folder, name)
  return { ids: (await file.read('ids')) as Uint16Array | Uint32Array, ...(await readHead(file)) }
}

/** @throws FormatError when the file is damaged */
export async function readTokenBlockHead(folder: Folder, name: string): Promise<TokenBlockHead> {
  return readHead(await openArrays(folder, name))
}

async function readHead(file: ArraysFile): Promise<TokenBlockHead> {
  return {
    lengths: await file.read('lengths', 'u32'),
    numbers: await file.read('numbers', 'u32'),
    sources: await file.read('sources', 'u16'),
    aside: await file.read('aside', 'u8'),
    textBytes: await file.read('textBytes', 'u32'),
  }
}
