import { FormatError } from '../base/index.ts'

/** How much text: documents, and bytes of it in UTF-8. */
export interface Amount {
  readonly documents: number
  readonly bytes: number
}

/** A document that was left out or changed, to look at. */
export interface TallyExample {
  readonly id: string
  /** The figures: `12 words; at least 50 are asked for`. */
  readonly why: string
  /** A short piece of the text. */
  readonly excerpt: string
}

/** What was left out or changed for one reason. */
export interface TallyReason extends Amount {
  readonly examples: readonly TallyExample[]
}

/** The counts of one stage, as JSON. What came in is what went out plus what was dropped; nothing gets lost silently. */
export interface StageReport {
  readonly stage: string
  readonly in: Amount
  readonly out: Amount
  /** Why documents were left out. */
  readonly dropped: Readonly<Record<string, TallyReason>>
  /** What was done to documents that stayed; bytes are those removed. */
  readonly changed: Readonly<Record<string, TallyReason>>
}

/** Examples that are kept of each reason. */
const mostExamples = 5
/** Characters of an excerpt. */
const excerptLength = 160

interface Counts {
  documents: number
  bytes: number
  examples: TallyExample[]
}

/**
 * Counts what a stage keeps, drops and changes, with the first examples of each reason. Tallies of parts of the work,
 * merged in order, equal the tally of the whole.
 *
 * @example
 * const tally = new Tally('length')
 * tally.drop('too short', { id: 'a', bytes: 2, text: 'hi', why: '2 characters' })
 * tally.report().dropped['too short'].documents // 1
 */
export class Tally {
  readonly stage: string
  #in = { documents: 0, bytes: 0 }
  #out = { documents: 0, bytes: 0 }
  #dropped = new Map<string, Counts>()
  #changed = new Map<string, Counts>()

  constructor(stage: string) {
    this.stage = stage
  }

  /** A document came in with so many bytes and stays with so many; they are fewer when it was changed. */
  keep(bytesIn: number, bytesOut = bytesIn): void {
    this.#in.documents++
    this.#in.bytes += bytesIn
    this.#out.documents++
    this.#out.bytes += bytesOut
  }

  /** A document came in and is left out. */
  drop(reason: string, document: { id: string; bytes: number; text: string; why: string }): void {
    this.#in.documents++
    this.#in.bytes += document.bytes
    count(this.#dropped, reason, document)
  }

  /** Something was changed in a document that is also counted by {@link keep}; `bytes` are those removed. */
  change(reason: string, document: { id: string; bytes: number; text: string; why: string }): void {
    count(this.#changed, reason, document)
  }

  /** Adds the counts of a part of the work that follows this one. */
  add(report: StageReport): void {
    if (report.stage !== this.stage) {
      throw new FormatError(`Tally: a report of ${report.stage} cannot be added to one of ${this.stage}`)
    }
    for (const side of ['documents', 'bytes'] as const) {
      this.#in[side] += report.in[side]
      this.#out[side] += report.out[side]
    }
    addAll(this.#dropped, report.dropped)
    addAll(this.#changed, report.changed)
  }

  report(): StageReport {
    return {
      stage: this.stage,
      in: { ...this.#in },
      out: { ...this.#out },
      dropped: structuredClone(Object.fromEntries(this.#dropped)),
      changed: structuredClone(Object.fromEntries(this.#changed)),
    }
  }
}

function countsOf(map: Map<string, Counts>, reason: string): Counts {
  let counts = map.get(reason)
  if (counts === undefined) map.set(reason, (counts = { documents: 0, bytes: 0, examples: [] }))
  return counts
}

function count(
  map: Map<string, Counts>,
  reason: string,
  { id, bytes, text, why }: { id: string; bytes: number; text: string; why: string },
): void {
  const counts = countsOf(map, reason)
  counts.documents++
  counts.bytes += bytes
  if (counts.examples.length < mostExamples) counts.examples.push({ id, why, excerpt: excerptOf(text) })
}

function addAll(map: Map<string, Counts>, reasons: Readonly<Record<string, TallyReason>>): void {
  for (const [reason, { documents, bytes, examples }] of Object.entries(reasons)) {
    const counts = countsOf(map, reason)
    counts.documents += documents
    counts.bytes += bytes
    counts.examples.push(...examples.slice(0, mostExamples - counts.examples.length))
  }
}

/** The beginning of a text on one line, never ending with half a character. */
function excerptOf(text: string): string {
  const line = text
    .slice(0, 4 * excerptLength)
    .replace(/\s+/g, ' ')
    .trim()
  if (line.length <= excerptLength) return line.toWellFormed()
  return `${line.slice(0, excerptLength - 1).replace(/[\ud800-\udbff]$/, '')}…`.toWellFormed()
}
