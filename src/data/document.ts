/** Plain JSON: what a source says beside the text. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

export type Meta = { readonly [name: string]: Json }

/**
 * A text with where it came from: what flows from sources through filters to token shards. A document fits into memory;
 * files that are larger than that are read as several.
 */
export interface Document {
  /** Different for different documents: `notes/a.md`, `crawl.jsonl:17`, `wiki.parquet:4096`. */
  readonly id: string
  readonly text: string
  /** The source as the user named it; weights of a mix and reports go by it. */
  readonly source: string
  /** What else is known: url, title, date, language, scores. */
  readonly meta: Meta
}

export type Documents = AsyncIterable<Document>
