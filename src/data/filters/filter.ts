import { type Document, type Json, type Meta, type Outline, outlineOf } from '../index.ts'

/** What a filter says of a document; undefined keeps it as it is. */
export type Verdict = Drop | Change | undefined

export interface Drop {
  /** A few words that name the reason in reports, the same for every document: `too few words`. */
  readonly drop: string
  /** The figures: `12 words; at least 50 are asked for`. */
  readonly why: string
}

export interface Change {
  /** The new text; as before when absent. */
  readonly text?: string
  /** Added to what is known of the document: language, score. */
  readonly meta?: Meta
  /** What was done to the text, for the report: `{ 'e-mail addresses': 2 }`. Names as in {@link Drop.drop}. */
  readonly did?: Readonly<Record<string, number>>
}

/**
 * Judges documents one by one. The same document always gets the same verdict, so work can be cut among workers and done
 * again after an interruption.
 */
export interface Filter {
  /** Kebab-case; names the filter in reports and recipes. */
  readonly name: string
  /** Tells filters apart that decide otherwise: thresholds, hashes of models. */
  readonly settings: Json
  judge(draft: Draft): Verdict
}

/** A document on its way through filters. */
export class Draft {
  readonly id: string
  readonly source: string
  #text: string
  #meta: Meta
  #outline: Outline | undefined

  constructor(document: Document) {
    this.id = document.id
    this.source = document.source
    this.#text = document.text
    this.#meta = document.meta
  }

  get text(): string {
    return this.#text
  }

  get meta(): Meta {
    return this.#meta
  }

  /** Words, lines and counts of the text as it stands; made when first asked for. */
  get outline(): Outline {
    return (this.#outline ??= outlineOf(this.#text))
  }

  /** Two or three letters (`en`, `kk`), when a filter or the source has said so. */
  get language(): string | undefined {
    const { language } = this.#meta
    return typeof language === 'string' ? language : undefined
  }

  /** Takes over what a filter changed. */
  change({ text, meta }: Change): void {
    if (text !== undefined && text !== this.#text) {
      this.#text = text
      this.#outline = undefined
    }
    if (meta !== undefined) this.#meta = { ...this.#meta, ...meta }
  }

  document(): Document {
    return { id: this.id, text: this.#text, source: this.source, meta: this.#meta }
  }
}
