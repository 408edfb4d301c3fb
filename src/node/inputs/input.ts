/**
 * One thing to read. It is plain JSON, so that it can be handed to a worker and written into a plan; `openInput` makes bytes
 * of it. `name` is what documents are called by, `source` what the user called the whole.
 */
export type Input = FileInput | UrlInput | SpooledInput

interface Named {
  /** Different for different inputs: `docs/a.md`, `hf://datasets/owner/name/train.parquet`. */
  readonly name: string
  readonly source: string
  /** Bytes. */
  readonly size: number
}

/** A file of this machine. */
export interface FileInput extends Named {
  readonly kind: 'file'
  readonly path: string
  /** When it was changed last, in nanoseconds since 1970. */
  readonly version: string
}

/** A file of another machine, of which any part can be asked for. */
export interface UrlInput extends Named {
  readonly kind: 'url'
  readonly url: string
  /**
   * What tells one state of the file from another: an ETag (`"abc"`), else the date of Last-Modified; where the bytes
   * themselves are named, `sha256:…` or `git:…` (the SHA-1 of a Git blob).
   */
  readonly version: string
  /** What the bytes must hash to, in hexadecimal. */
  readonly sha256?: string
}

/** What could be read only once, or has no version, and so was written into the cache under its hash. */
export interface SpooledInput extends Named {
  readonly kind: 'spooled'
  readonly sha256: string
  /** Where it came from, when it can be had again. */
  readonly url?: string
}
