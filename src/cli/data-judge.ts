import type { Filter } from '../data/filters/index.ts'
import { Draft } from '../data/filters/index.ts'
import type { Document, Documents } from '../data/index.ts'
import type { LanguageIdentifier } from '../data/language/index.ts'
import { excerpt, printable } from './printable.ts'
import { type Paint, widthOf } from './terminal.ts'

/** What filters say of a document. */
export interface Judgement {
  readonly id: string
  readonly source: string
  readonly kept: boolean
  readonly language?: string
  readonly confidence?: number
  readonly words: number
  readonly bytes: number
  /** What was done to it, filter by filter. */
  readonly changed: readonly { readonly filter: string; readonly did: Readonly<Record<string, number>> }[]
  /** The filter that left it out. */
  readonly dropped?: { readonly filter: string; readonly reason: string; readonly why: string }
  /** The beginning of the text as it came, and as it went. */
  readonly excerpt: string
  readonly excerptAfter?: string
}

/** Characters of an excerpt. */
const shown = 300

/** Passes a document through filters, and writes down what each says. */
export function judge(document: Document, filters: readonly Filter[], identifier: LanguageIdentifier): Judgement {
  const draft = new Draft(document)
  const { words, bytes } = draft.outline
  const before = { words: words.count, bytes, excerpt: excerpt(document.text, shown) }
  const changed: { filter: string; did: Readonly<Record<string, number>> }[] = []
  let dropped: Judgement['dropped']
  for (const filter of filters) {
    const verdict = filter.judge(draft)
    if (verdict === undefined) continue
    if ('drop' in verdict) {
      dropped = { filter: filter.name, reason: verdict.drop, why: verdict.why }
      break
    }
    draft.change(verdict)
    if (verdict.did !== undefined) changed.push({ filter: filter.name, did: verdict.did })
  }
  const guess = draft.language === undefined ? identifier.identify(draft.text) : undefined
  const { languageConfidence } = draft.meta
  const after = excerpt(draft.text, shown)
  return {
    id: document.id,
    source: document.source,
    kept: dropped === undefined,
    language: draft.language ?? guess?.language,
    confidence: guess?.confidence ?? (typeof languageConfidence === 'number' ? languageConfidence : undefined),
    ...before,
    changed,
    ...(dropped && { dropped }),
    ...(after !== before.excerpt && { excerptAfter: after }),
  }
}

export interface JudgeOptions {
  readonly filters: readonly Filter[]
  readonly identifier: LanguageIdentifier
  /** The most judgements that are given. */
  readonly count: number
  /** Only of documents that are left out. */
  readonly droppedOnly?: boolean
}

/** Judgements of the first documents, and how many documents were looked at for them. */
export async function judgeAll(
  documents: Documents,
  { filters, identifier, count, droppedOnly = false }: JudgeOptions,
): Promise<{ judgements: Judgement[]; read: number; kept: number }> {
  const judgements: Judgement[] = []
  let read = 0
  let kept = 0
  for await (const document of documents) {
    const judgement = judge(document, filters, identifier)
    read++
    if (judgement.kept) kept++
    if (!droppedOnly || !judgement.kept) judgements.push(judgement)
    if (judgements.length === count) break
  }
  return { judgements, read, kept }
}

export function judgementText(judgement: Judgement, columns: number, paint: Paint): string {
  const { id, kept, language = '?', confidence, words, bytes, changed, dropped, excerptAfter } = judgement
  const sure = confidence === undefined ? '' : ` ${confidence.toFixed(2)}`
  const figures = `${printable(language)}${sure}, ${words.toLocaleString('en')} words, ${bytes.toLocaleString('en')} bytes`
  const verdict = kept ? paint('green', '✓ kept') : paint('red', '✗ dropped')
  const done = changed.flatMap(({ filter, did }) =>
    Object.entries(did).map(([what, times]) => `  ${paint('yellow', '~')} ${filter}: ${times} × ${what}`),
  )
  const gone = dropped && `  ${paint('red', '✗')} ${dropped.filter}: ${dropped.reason} (${printable(dropped.why)})`
  return [
    `${verdict}  ${paint('bold', printable(id))}  ${paint('dim', figures)}`,
    ...done,
    ...(gone ? [gone] : []),
    ...wrapped(judgement.excerpt, columns - 4).map((line) => `  ${paint('dim', '│')} ${line}`),
    ...(excerptAfter === undefined
      ? []
      : wrapped(excerptAfter, columns - 4).map((line, i) => `  ${paint('dim', i === 0 ? '→' : ' ')} ${line}`)),
  ].join('\n')
}

/** Lines of at most so many cells, broken between words where that is possible. */
function wrapped(text: string, cells: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && widthOf(longer) > cells) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return [...lines, line]
}
