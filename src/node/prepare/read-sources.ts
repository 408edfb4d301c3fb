import { DataError } from '../../base/index.ts'
import { collectText, type Document, type Documents, type StageReport, Tally } from '../../data/index.ts'
import { type ReadOptions, readDocuments } from '../../data/sources/index.ts'
import { FileError } from '../files.ts'
import { fingerprint } from '../inputs/fingerprint.ts'
import type { Input } from '../inputs/input.ts'
import { type ListOptions, listInputs } from '../inputs/list-inputs.ts'
import { openInput } from '../inputs/open-input.ts'
import { nodeDecompress } from './decompress.ts'

export type SourceOptions = ListOptions & Partial<Pick<ReadOptions, 'textField' | 'idField' | 'split' | 'encoding'>>

/** Documents of everything that was named, and how to know them again. */
export interface Sources extends Documents {
  readonly inputs: readonly Input[]
  /** Equal descriptions mean equal documents: names, and sizes and versions of the files. */
  readonly description: string
  /** What was left out so far, and why: of the files, and of what is in them. */
  reports(): StageReport[]
}

/** Texts that are larger come in several documents: small ones, so that little is held at a time. */
const pieceBytes = 2 ** 20

/**
 * Everything that is named, as a stream of documents: files, folders, globs, addresses, `-` for standard input. Memory does not
 * grow with it. Each iteration reads anew.
 *
 * @param names as `listInputs` understands them
 * @throws DataError when a name leads to nothing; FileError, NetworkError when it cannot be read
 *
 * @example
 * const sources = await openSources(['docs', 'README.md'])
 * for await (const { id, text } of sources) text.length
 * sources.reports()[1].out.documents // 2
 */
export async function openSources(names: readonly string[], options: SourceOptions = {}): Promise<Sources> {
  const { inputs, report } = await listInputs(names, options)
  const { textField, idField, split, encoding } = options
  let tally = new Tally('read')

  async function* documents(): AsyncGenerator<Document> {
    tally = new Tally('read')
    const wrongSchema = inputs.length === 1 ? 'error' : 'drop'
    for (const input of inputs) {
      await using file = await openInput(input, options).catch((error) => {
        // One file of many that cannot be read is counted, and the others are read.
        if (inputs.length === 1 || !(error instanceof FileError)) throw error
        tally.drop('file cannot be read', { id: input.name, bytes: input.size, text: '', why: error.message })
        return undefined
      })
      if (file === undefined) continue
      const { source } = input
      const decompress = nodeDecompress
      yield* readDocuments(file, {
        source,
        tally,
        textField,
        idField,
        split,
        encoding,
        wrongSchema,
        pieceBytes,
        decompress,
      })
    }
  }

  const settings = textField ?? idField ?? split ?? encoding
  return {
    inputs,
    description: `${names.join(', ')}: ${inputs.length} files, ${fingerprint(inputs)}${
      settings === undefined ? '' : `, ${JSON.stringify({ textField, idField, split, encoding })}`
    }`,
    reports: () => [report, tally.report()],
    [Symbol.asyncIterator]: documents,
  }
}

/**
 * All the text of what is named in one string, documents set apart by an empty line; for what fits into memory.
 *
 * @throws as {@link openSources}; DataError when there is no text, or it does not fit into a string
 *
 * @example
 * const text = await readText('docs')
 */
export async function readText(names: string | readonly string[], options?: SourceOptions): Promise<string> {
  const list = typeof names === 'string' ? [names] : names
  const sources = await openSources(list, options)
  const text = await collectText(sources)
  if (text === '') throw new DataError(noText(list, sources.reports()))
  return text
}

/** Says that there is no text, and what there is. */
export function noText(names: readonly string[], reports: readonly StageReport[]): string {
  const seen = reports.flatMap(({ dropped }) =>
    Object.entries(dropped).map(([reason, { documents }]) => `${documents} ${reason}`),
  )
  return `there is no text in ${names.join(', ')} (found only: ${seen.join(', ') || 'nothing'}); give files or folders that hold text`
}
