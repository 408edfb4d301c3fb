import type { Filter } from './filter.ts'
import { requireRange } from './options.ts'

export interface LengthOptions {
  /** Fewest characters (UTF-16 code units). Default 1. */
  readonly least?: number
  /** Most characters. Default: any number. */
  readonly most?: number
}

/**
 * Leaves out documents that are too short or too long.
 *
 * @throws ConfigError for limits below 0
 *
 * @example
 * length({ least: 3 }).judge(new Draft({ id: 'a', text: 'hi', source: 's', meta: {} }))
 * // { drop: 'too short', why: '2 characters; at least 3 are asked for' }
 */
export function length(options: LengthOptions = {}): Filter {
  const { least = 1, most = Number.POSITIVE_INFINITY } = options
  requireRange('length', { least, most }, 0)
  return {
    name: 'length',
    settings: { least, most: Number.isFinite(most) ? most : null },
    judge({ text }) {
      if (text.length < least) {
        return { drop: 'too short', why: `${text.length} characters; at least ${least} are asked for` }
      }
      if (text.length > most) {
        return { drop: 'too long', why: `${text.length} characters; at most ${most} are asked for` }
      }
    },
  }
}
