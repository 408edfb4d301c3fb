import { type Document, Tally, utf8Length } from '../index.ts'
import { Draft, type Filter } from './filter.ts'

/**
 * A tally for each filter, in their order.
 *
 * @example
 * talliesOf([length(), gopher()]).map((tally) => tally.stage) // ['length', 'gopher']
 */
export function talliesOf(filters: readonly Filter[]): Tally[] {
  return filters.map(({ name }) => new Tally(name))
}

/**
 * Passes a document through filters, each of which sees what those before it changed.
 *
 * @param tallies `[filters]` where each filter's verdict is counted; of {@link talliesOf}
 * @returns the document as the filters leave it; undefined when one leaves it out
 * Cost: that of the filters; one outline for each text that a filter asks for it.
 *
 * @example
 * const filters = [length({ least: 3 }), privacy()]
 * const tallies = talliesOf(filters)
 * runFilters(filters, { id: 'a', text: 'Ask dana@mail.kz', source: 's', meta: {} }, tallies).text // 'Ask <EMAIL>'
 * runFilters(filters, { id: 'b', text: 'no', source: 's', meta: {} }, tallies) // undefined
 * tallies[0].report().dropped['too short'].documents // 1
 */
export function runFilters(
  filters: readonly Filter[],
  document: Document,
  tallies: readonly Tally[],
): Document | undefined {
  const draft = new Draft(document)
  return passFilters(filters, draft, tallies) ? draft.document() : undefined
}

/**
 * The same for a draft, which keeps the outline of what it has become.
 *
 * @returns whether it stays
 *
 * @example
 * const draft = new Draft({ id: 'a', text: 'One. ', source: 's', meta: {} })
 * const filters = [repair()]
 * passFilters(filters, draft, talliesOf(filters)) // true
 * draft.outline.words.count // 1
 */
export function passFilters(filters: readonly Filter[], draft: Draft, tallies: readonly Tally[]): boolean {
  if (filters.length === 0) return true
  // Nearly every list of filters asks for the outline, and most texts stay as they are.
  let { bytes } = draft.outline
  for (const [i, filter] of filters.entries()) {
    const verdict = filter.judge(draft)
    const tally = tallies[i]
    if (verdict === undefined) {
      tally.keep(bytes)
      continue
    }
    const { id, text } = draft
    if ('drop' in verdict) {
      tally.drop(verdict.drop, { id, bytes, text, why: verdict.why })
      return false
    }
    draft.change(verdict)
    const bytesOut = draft.text === text ? bytes : utf8Length(draft.text)
    tally.keep(bytes, bytesOut)
    // What was done may be of several kinds; the bytes are counted once, with the first.
    let removed = bytes - bytesOut
    for (const [what, times] of Object.entries(verdict.did ?? {})) {
      tally.change(what, { id, bytes: removed, text, why: times === 1 ? 'once' : `${times} times` })
      removed = 0
    }
    bytes = bytesOut
  }
  return true
}
