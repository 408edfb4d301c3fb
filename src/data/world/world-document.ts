import type { Genre } from './genres/genres.ts'

export type Language = 'en' | 'kk'

export interface WorldDocument {
  /** Lines; ends with a line end and holds no empty line. A document of genre `short` has one or two. */
  readonly text: string
  /** −ln p(text), exact up to rounding. */
  readonly surprisalNats: number
  /** The kind of question or story: `home`, `kin`, `market`… */
  readonly kind: string
  readonly genre: Genre
  readonly language: Language
  /** For each decision of the grammar in order, the index of what was taken. */
  readonly choices: readonly number[]
}
