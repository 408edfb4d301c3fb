import { type Folder, openArrays, writeArrays } from '../index.ts'
import type { Selection } from './select.ts'

export async function writeSelection(folder: Folder, name: string, selection: Selection): Promise<void> {
  const { repeats, lineDocuments, lineNumbers } = selection
  const arrays = {
    repeats: { array: repeats },
    lineDocuments: { array: lineDocuments },
    lineNumbers: { array: lineNumbers },
  }
  await writeArrays(folder, name, arrays, { durable: false })
}

/** @throws FormatError when the file is damaged */
export async function readSelection(folder: Folder, name: string): Promise<Selection> {
  const file = await openArrays(folder, name)
  return {
    repeats: await file.read('repeats', 'u32'),
    lineDocuments: await file.read('lineDocuments', 'u32'),
    lineNumbers: await file.read('lineNumbers', 'u32'),
  }
}
