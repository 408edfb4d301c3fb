import { type C4Options, c4 } from './c4.ts'
import type { Filter } from './filter.ts'
import { type GopherOptions, gopher } from './gopher.ts'
import { type LengthOptions, length } from './length.ts'
import { type LineRulesOptions, lineRules } from './line-rules.ts'
import { type PrivacyOptions, privacy } from './privacy.ts'
import { type RepairOptions, repair } from './repair.ts'
import { type RepetitionOptions, repetition } from './repetition.ts'

/** Options of each filter; false leaves it out. */
export interface DefaultFiltersOptions {
  readonly repair?: RepairOptions | false
  readonly length?: LengthOptions | false
  /** A filter that says which language a text has; it stands where the others need it. Default: none. */
  readonly language?: Filter
  readonly lineRules?: LineRulesOptions | false
  readonly c4?: C4Options | false
  readonly gopher?: GopherOptions | false
  readonly repetition?: RepetitionOptions | false
  /** More judges, after those of repetition. */
  readonly more?: readonly Filter[]
  readonly privacy?: PrivacyOptions | false
}

/**
 * The filters that judge by rules, in the order that serves them best: repair first, since all others read what it
 * leaves; language next; then what takes lines, so that the rest judges what stays; masks last, on what is kept.
 *
 * Of the rules of C4 those that cost good text are off, as in FineWeb (Penedo et al. 2024, section 3.5): lines need no end
 * of a sentence and no number of words, and a brace for ten words is allowed.
 *
 * @example
 * defaultFilters({ privacy: false }).map(({ name }) => name)
 * // ['repair', 'length', 'line-rules', 'c4', 'gopher', 'repetition']
 */
export function defaultFilters(options: DefaultFiltersOptions = {}): Filter[] {
  const lenient: C4Options = { terminals: false, leastLineWords: 0, mostBraces: 0.1 }
  const filters = [
    options.repair !== false && repair(options.repair),
    options.length !== false && length(options.length),
    options.language,
    options.lineRules !== false && lineRules(options.lineRules),
    options.c4 !== false && c4({ ...lenient, ...options.c4 }),
    options.gopher !== false && gopher(options.gopher),
    options.repetition !== false && repetition(options.repetition),
    ...(options.more ?? []),
    options.privacy !== false && privacy(options.privacy),
  ]
  return filters.filter((filter): filter is Filter => filter !== false && filter !== undefined)
}
