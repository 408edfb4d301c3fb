import type { Outline } from '../index.ts'
import { isIban, isIin, isLuhn } from './check-digits.ts'
import type { Personal, PersonalKind } from './personal.ts'
import { isPublicIpv4 } from './personal-addresses.ts'

interface Shape {
  readonly kind: PersonalKind
  /** Sticky; its length is bounded, so that trying it at every number stays linear. */
  readonly pattern: RegExp
  /** Asked with the digits, or with the whole where the shape keeps dots. */
  readonly holds?: (digits: string, whole: string) => boolean
}

/** What may not follow: a letter, a digit, or a further part behind a hyphen, dot, slash, colon or comma. */
const alone = '(?![\\p{L}\\p{N}_]|[-–./:,][\\p{L}\\p{N}])'
/** Something or nothing between groups of digits. */
const gap = '[ \\u00a0.–-]?'
const shape = (kind: PersonalKind, source: string, holds?: Shape['holds']): Shape => {
  return { kind, pattern: new RegExp(`${source}${alone}`, 'uy'), holds }
}
/** A port or the size of a network may stand behind an address. */
const dotted = /(?:\d{1,3}\.){3}\d{1,3}(?![\p{L}\p{N}_]|[-–.][\p{L}\p{N}])/uy

/** Numbers that begin with a plus or a bracket. */
const ledShapes: readonly Shape[] = [
  shape('phone', `\\+[17](?:[ \\u00a0.–()-]{0,2}\\d){10}`),
  shape('phone', `\\+[2-689]\\d(?:[ \\u00a0.–()-]{0,2}\\d){7,11}`),
  shape('phone', `\\([2-9]\\d\\d\\)[ \\u00a0]?[2-9]\\d\\d[-. \\u00a0]\\d{4}`),
  shape('phone', `\\(7[0-9]\\d\\)[ \\u00a0]?\\d{3}${gap}\\d\\d${gap}\\d\\d`),
]

const shapes: readonly Shape[] = [
  { kind: 'ip', pattern: dotted, holds: (_, whole) => isPublicIpv4(whole) },
  // Kazakhstan and Russia from within: 8, three to five digits of the operator or town, ten digits in all.
  shape('phone', `[78](?:[ \\u00a0-]|[ \\u00a0-]?\\()[3-9]\\d\\d\\)?${gap}\\d{3}${gap}\\d\\d${gap}\\d\\d`),
  shape('phone', `[78](?:[ \\u00a0-]|[ \\u00a0-]?\\()[3-9]\\d{3}\\)?${gap}\\d\\d${gap}\\d\\d${gap}\\d\\d`),
  shape('phone', `[78](?:[ \\u00a0-]|[ \\u00a0-]?\\()[3-9]\\d{4}\\)?${gap}\\d${gap}\\d\\d${gap}\\d\\d`),
  // Written as one number, mobile operators of Kazakhstan alone.
  shape('phone', '[78]7(?:0[0-8]|47|7[15678])\\d{7}'),
  shape('phone', `(?:1[-. ])?(?:[2-9]\\d\\d[-.]|\\([2-9]\\d\\d\\) ?)[2-9]\\d\\d[-.]\\d{4}`),
  shape('card', '\\d{4}([ -]?)\\d{4}\\1\\d{4}\\1\\d{4}', isCard),
  shape('card', '3[47]\\d\\d([ -]?)\\d{6}\\1\\d{5}', isCard),
  shape('iin', '\\d{12}', isIin),
]

/**
 * Telephone numbers (international; Kazakh and Russian; North American), payment cards, Kazakh IINs, IBANs, and public
 * IPv4 addresses. A number must stand alone: what touches letters or goes on behind a hyphen, dot or slash is part of
 * something else (an ISBN, a version, a hash).
 *
 * Cost: some nanoseconds a word, and some hundred for each number.
 *
 * @example
 * findNumbers(outlineOf('Call 8 701 123 45 67 after 1999')) // [{ kind: 'phone', start: 5, end: 20 }]
 */
export function findNumbers({ text, words }: Outline): Personal[] {
  const found: Personal[] = []
  let last = 0
  for (let word = 0; word < words.count; word++) {
    const start = words.starts[word]
    if (start < last) continue
    const unit = text.charCodeAt(start)
    let match: Personal | undefined
    if (unit >= 0x30 && unit <= 0x39) match = hasDigits(text, start, 7) ? numberAt(text, start) : undefined
    else if (unit >= 0x41 && unit <= 0x5a) match = ibanAt(text, start)
    if (match === undefined) continue
    found.push(match)
    last = match.end
  }
  return found
}

/** Whether so many digits stand here with nothing but marks and spaces between them: most numbers have fewer. */
function hasDigits(text: string, start: number, wanted: number): boolean {
  let digits = 0
  for (let at = start; at < text.length && at < start + 24; at++) {
    const unit = text.charCodeAt(at)
    if (unit >= 0x30 && unit <= 0x39) {
      if (++digits === wanted) return true
    } else if (unit > 0x2e && unit < 0xa0) return false
  }
  return false
}

function numberAt(text: string, start: number): Personal | undefined {
  const before = text.charCodeAt(start - 1)
  if (before === 0x2b || before === 0x28) {
    // A plus, perhaps with a bracket behind it.
    const from = before === 0x28 && text.charCodeAt(start - 2) === 0x2b ? start - 2 : start - 1
    const match = standsAlone(text, from) ? matchOf(text, from, ledShapes) : undefined
    if (match !== undefined || before === 0x2b) return match
  }
  return standsAlone(text, start) ? matchOf(text, start, shapes) : undefined
}

/** Whether nothing before a place makes what follows a part of something longer. */
function standsAlone(text: string, at: number): boolean {
  if (at === 0) return true
  const unit = text.charCodeAt(at - 1)
  if (unit === 0x20 || unit === 0x0a) return true
  return !/[\p{L}\p{N}\p{M}_\-–./\\@#=%&+$€£₸₽*^~]/u.test(text[at - 1])
}

function matchOf(text: string, start: number, list: readonly Shape[]): Personal | undefined {
  for (const { kind, pattern, holds } of list) {
    pattern.lastIndex = start
    const whole = pattern.exec(text)?.[0]
    if (whole !== undefined && (holds === undefined || holds(whole.replace(/\D/g, ''), whole))) {
      return { kind, start, end: start + whole.length }
    }
  }
}

/** First digits that issuers of cards have: Visa, Mastercard, American Express, Discover, UnionPay, JCB, Mir. */
const issuers = /^(4|5[1-5]|2(2[2-9]|[3-6]|7[01]|720)|3[47]|6011|65|62|35|220[0-4])/

function isCard(digits: string): boolean {
  return issuers.test(digits) && isLuhn(digits)
}

const ibanShape = /[A-Z]{2}\d\d(?: ?[A-Z0-9]{1,4}){3,8}/uy

/** The longest beginning of what stands here, up to the end of a group, that is an IBAN. */
function ibanAt(text: string, start: number): Personal | undefined {
  if (text.charCodeAt(start + 2) > 0x39 || text.charCodeAt(start + 3) > 0x39 || !standsAlone(text, start)) return
  ibanShape.lastIndex = start
  const whole = ibanShape.exec(text)?.[0]
  if (whole === undefined) return
  for (let end = whole.length; end >= 15; end = whole.lastIndexOf(' ', end - 1)) {
    const behind = text[start + end]
    if (behind !== undefined && /[\p{L}\p{N}_]/u.test(behind)) continue
    if (isIban(whole.slice(0, end).replaceAll(' ', ''))) return { kind: 'iban', start, end: start + end }
  }
}
