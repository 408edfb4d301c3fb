/** A paragraph, heading, item of a list, row of a table or piece of code of a page. */
export interface Block {
  readonly kind: 'text' | 'heading' | 'item' | 'row' | 'code'
  /** Of headings, 1 to 6; otherwise 0. */
  readonly level: number
  readonly text: string
  /** How much there is to read in it, and how much of that is links: see {@link textWeight}. */
  readonly weight: number
  readonly linkWeight: number
  /** It stands in `main` or `article`. */
  readonly inMain: boolean
}

/** What a page says of itself. */
export interface PageHead {
  title?: string
  lang?: string
  url?: string
}

/**
 * How much a text says, in letters of an alphabet: a character of Chinese, Japanese or Korean says as much as some two and
 * a half of them.
 */
export function textWeight(text: string): number {
  let weight = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0x2e80 && unit < 0xd800) weight += 1.5
  }
  return weight
}
