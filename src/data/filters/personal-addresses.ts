import type { Personal } from './personal.ts'

/** Longest part before and behind the @ (RFC 5321, section 4.5.3.1). */
const longestLocal = 64
const longestDomain = 255

/**
 * E-mail addresses of ASCII letters. What has no name before the @ (`@scope/package`) or no letters at its end
 * (`package@1.2.3`) is none.
 *
 * Cost: about nothing where a text has no @; linear in any text.
 *
 * @example
 * findEmails('Write to a.b@mail.kz, not @me.') // [{ kind: 'email', start: 9, end: 20 }]
 */
export function findEmails(text: string): Personal[] {
  const found: Personal[] = []
  let last = 0
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    let start = at
    while (start > last && at - start < longestLocal && isLocal(text.charCodeAt(start - 1))) start--
    while (start < at && !isAlphanumeric(text.charCodeAt(start))) start++
    let end = at + 1
    let dot = -1
    while (end < text.length && end - at <= longestDomain && isDomain(text.charCodeAt(end))) {
      if (text.charCodeAt(end) === 0x2e) dot = end
      end++
    }
    // A dot at the end ends a sentence.
    while (end > at + 1 && !isAlphanumeric(text.charCodeAt(end - 1))) end--
    if (dot >= end) dot = text.lastIndexOf('.', end - 1)
    if (start === at || dot <= at + 1 || !/^[A-Za-z]{2,24}$/.test(text.slice(dot + 1, end))) continue
    found.push({ kind: 'email', start, end })
    last = end
  }
  return found
}

function isAlphanumeric(unit: number): boolean {
  return (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a)
}

/** Letters, digits, and . _ % + - */
function isLocal(unit: number): boolean {
  return isAlphanumeric(unit) || unit === 0x2e || unit === 0x5f || unit === 0x25 || unit === 0x2b || unit === 0x2d
}

function isDomain(unit: number): boolean {
  return isAlphanumeric(unit) || unit === 0x2e || unit === 0x2d
}

/**
 * IPv6 addresses of the public network (2000::/3).
 *
 * Cost: one step for each colon of the text.
 *
 * @example
 * findIpv6('Seen at 2a00:1450:4010:c05::71, at 12:30:15 and in std::map')
 * // [{ kind: 'ip', start: 8, end: 30 }]
 */
export function findIpv6(text: string): Personal[] {
  const found: Personal[] = []
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) {
    // The first group has four digits, 2000 to 3fff.
    const start = at - 4
    const unit = start < 0 ? 0 : text.charCodeAt(start)
    if (unit !== 0x32 && unit !== 0x33) continue
    if (start > 0 && /[\w:.-]/.test(text[start - 1])) continue
    let end = at
    while (end < text.length && end - start < 40 && isHexOrColon(text.charCodeAt(end))) end++
    if (end < text.length && /[\w]/.test(text[end])) continue
    if (text.charCodeAt(end - 1) === 0x3a && text.charCodeAt(end - 2) !== 0x3a) end--
    if (!isIpv6(text.slice(start, end))) continue
    found.push({ kind: 'ip', start, end })
    at = end - 1
  }
  return found
}

function isHexOrColon(unit: number): boolean {
  return (unit >= 0x30 && unit <= 0x3a) || (unit >= 0x41 && unit <= 0x46) || (unit >= 0x61 && unit <= 0x66)
}

function isIpv6(text: string): boolean {
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false
  return halves.length === 2 ? groups.length <= 7 : groups.length === 8
}

/**
 * Whether dotted numbers are an address of the public network: neither private, nor local, nor reserved, nor shown in
 * documentation. What has fewer than seven digits is rather the number of a version.
 * Source: RFC 6890; RFC 5737.
 *
 * @example
 * isPublicIpv4('93.184.216.34') // true
 * isPublicIpv4('192.168.100.100') // false
 * isPublicIpv4('1.2.3.4') // false
 */
export function isPublicIpv4(text: string): boolean {
  if (text.length < 10 || !/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return false
  const parts = text.split('.')
  if (parts.some((part) => Number(part) > 255 || (part.length > 1 && part.startsWith('0')))) return false
  const [a, b, c] = parts.map(Number)
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false
  if (a === 172 && b >= 16 && b < 32) return false
  if (a === 192 && (b === 168 || (b === 0 && (c === 0 || c === 2)))) return false
  if (a === 100 && b >= 64 && b < 128) return false
  if ((a === 169 && b === 254) || (a === 198 && (b === 18 || b === 19))) return false
  return !((a === 198 && b === 51 && c === 100) || (a === 203 && b === 0 && c === 113))
}
