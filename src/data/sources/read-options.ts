import type { Tally } from '../index.ts'
import type { DecompressStream } from './decompress.ts'
import type { FormatKind } from './format.ts'
import type { DecompressPage } from './parquet/column-chunk.ts'
import type { Part } from './part.ts'

/** How plain text becomes documents. */
export type Split = 'file' | 'line' | 'blank line' | { readonly separator: string }

/** What decides where documents begin. */
export interface CutOptions {
  /** When name and first bytes do not say it. */
  readonly format?: FormatKind
  /**
   * For plain text and Markdown. `file`, the default: one document, or several of some 8 MiB where the file is larger.
   * `blank line`: runs of lines without an empty one between them.
   */
  readonly split?: Split
  /** About how many bytes of a large file of text become one document. Default 8 MiB. */
  readonly pieceBytes?: number
  /** Undoes gzip and zstd, faster than what every host has. */
  readonly decompress?: DecompressStream
}

export interface ReadOptions extends CutOptions {
  /** Becomes `Document.source`. */
  readonly source: string
  /**
   * The field of records that holds the text, or several: the first that a record has. When absent, `text`, `content` and
   * other usual names are tried, then conversations.
   */
  readonly textField?: string | readonly string[]
  /** The field whose value becomes the id of a document. It is for the data to be different in each. */
  readonly idField?: string
  /** Of `partsOf`; all of the file when absent. */
  readonly part?: Part
  /** Counts the documents delivered, and all that was not. */
  readonly tally: Tally
  /**
   * The most bytes of one record that are held in memory; longer ones are dropped. Default 64 MiB. A record is a line of
   * JSONL, a row of CSV, a page of HTML, an item of text that is split.
   */
  readonly longestRecord?: number
  /**
   * What happens to a file of records none of which can be seen to hold a text, by its columns or its first records: an error that names the fields (the default), or,
   * where many files are read and some are something else, its records are dropped and counted.
   */
  readonly wrongSchema?: 'error' | 'drop'
  /** The encoding of text, Markdown and HTML that are not UTF-8, as `TextDecoder` names it: `windows-1251`. */
  readonly encoding?: string
  /** Undoes the compression of a Parquet page, faster than what every host has. */
  readonly decompressPage?: DecompressPage
}

export const defaultLongestRecord = 64 * 2 ** 20

export const defaultPieceBytes = 8 * 2 ** 20
