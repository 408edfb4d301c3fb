import { ConfigError } from '../base/index.ts'

/** Text that arrives in pieces, up to the first of some stop strings. */
export interface StopText {
  /** What is certain so far: neither the stop string, nor what may become one, nor half a character. '' once it has come. */
  push(piece: string): string
  /** What was held back, up to a stop string in it, when no more comes; '' after a stop string. */
  end(): string
  /** The stop string that came. Of several in one piece the one that begins first, then the one that is given first. */
  readonly stopped: string | undefined
}

/**
 * Watches a text for stop strings, wherever its pieces were cut.
 *
 * @throws ConfigError for a stop string that is empty or has half a character
 * @example
 * const watched = stopText(['\n\n', 'END'])
 * watched.push('one E') // 'one '
 * watched.push('x\n') // 'Ex'
 * watched.push('\ntwo') // ''
 * watched.stopped // '\n\n'
 */
export function stopText(stops: readonly string[]): StopText {
  for (const stop of stops) {
    if (stop === '' || !stop.isWellFormed())
      throw new ConfigError(`a stop string must be whole characters, one or more, got ${JSON.stringify(stop)}`)
  }
  let held = ''
  let stopped: string | undefined
  /** Where the first stop string of a text begins, and which it is. */
  const first = (text: string): { at: number; stop: string | undefined } => {
    let [at, found]: [number, string | undefined] = [text.length, undefined]
    for (const stop of stops) {
      const place = text.indexOf(stop)
      if (place >= 0 && place < at) [at, found] = [place, stop]
    }
    return { at, stop: found }
  }
  return {
    get stopped() {
      return stopped
    },
    push(piece) {
      if (stopped !== undefined) return ''
      const text = held + piece
      const { at, stop } = first(text)
      const certain = certainLength(text, stops)
      // One that begins before it may still come.
      if (certain >= at) stopped = stop
      const length = Math.min(at, certain)
      held = stopped === undefined ? text.slice(length) : ''
      return text.slice(0, length)
    },
    end() {
      const { at, stop } = first(held)
      stopped ??= stop
      const rest = held.slice(0, at)
      held = ''
      return rest
    },
  }
}

/** How much of a text cannot be the beginning of a stop string, nor of a character. */
function certainLength(text: string, stops: readonly string[]): number {
  const longest = Math.max(1, ...stops.map(({ length }) => length - 1))
  for (let at = Math.max(0, text.length - longest); at < text.length; at++) {
    const end = text.slice(at)
    const isHalf = end.length === 1 && /[\ud800-\udbff]/.test(end)
    if (isHalf || stops.some((stop) => stop.startsWith(end))) return at
  }
  return text.length
}
