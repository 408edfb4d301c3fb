import { ConfigError } from '../../base/index.ts'
import type { Filter } from './filter.ts'
import type { Personal, PersonalKind } from './personal.ts'
import { findEmails, findIpv6 } from './personal-addresses.ts'
import { findNumbers } from './personal-numbers.ts'

export interface PrivacyOptions {
  /** What is masked. Default: all kinds. */
  readonly kinds?: readonly PersonalKind[]
  /**
   * What stands there instead: a `token` such as `<EMAIL>`, or an `example` that belongs to nobody. Default `token`.
   */
  readonly by?: 'token' | 'example'
}

/** For each kind its name in reports, its token, and an example that is reserved for such use. */
const masks: Readonly<Record<PersonalKind, { name: string; token: string; example: string }>> = {
  email: { name: 'e-mail addresses', token: '<EMAIL>', example: 'someone@mail.example' }, // RFC 2606
  phone: { name: 'telephone numbers', token: '<PHONE>', example: '+1 202-555-0143' }, // 555-0100 to 555-0199
  ip: { name: 'IP addresses', token: '<IP>', example: '192.0.2.1' }, // RFC 5737
  card: { name: 'payment cards', token: '<CARD>', example: '0000 0000 0000 0000' },
  iin: { name: 'IINs', token: '<IIN>', example: '000000000000' },
  iban: { name: 'IBANs', token: '<IBAN>', example: 'XX00 0000 0000 0000' },
}

/**
 * Masks what tells of a person: e-mail addresses, telephone numbers, public IP addresses, payment cards, Kazakh IINs and
 * IBANs. Numbers with check digits must have the right ones.
 *
 * @throws ConfigError for a kind that there is not
 * Cost: a tenth of a nanosecond a byte for text without long numbers, @ and colons; linear in any text.
 * Source: the kinds that Penedo et al. 2024, section 3.6 and appendix mask, and those of Kazakhstan.
 *
 * @example
 * privacy().judge(new Draft({ id: 'a', text: 'Ask dana@mail.kz or +7 701 123 45 67.', source: 's', meta: {} }))
 * // { text: 'Ask <EMAIL> or <PHONE>.', did: { 'e-mail addresses': 1, 'telephone numbers': 1 } }
 */
export function privacy(options: PrivacyOptions = {}): Filter {
  const { kinds = Object.keys(masks) as PersonalKind[], by = 'token' } = options
  for (const kind of kinds) {
    if (!Object.hasOwn(masks, kind)) {
      throw new ConfigError(`privacy: kind is ${kind}; expected one of ${Object.keys(masks).join(', ')}`)
    }
  }
  const asked = new Set(kinds)
  const asksNumbers = kinds.some((kind) => kind !== 'email')

  return {
    name: 'privacy',
    settings: { kinds: [...asked].sort(), by },
    judge(draft) {
      const { text } = draft
      const found: Personal[] = []
      if (asked.has('email')) found.push(...findEmails(text))
      if (asked.has('ip')) found.push(...findIpv6(text))
      // Fewer digits in a row than a telephone number has: nothing to find.
      if (asksNumbers && draft.outline.longestNumber >= 7) found.push(...findNumbers(draft.outline))
      if (found.length === 0) return
      found.sort((a, b) => a.start - b.start)
      const did: Record<string, number> = {}
      let masked = ''
      let copied = 0
      for (const { kind, start, end } of found) {
        if (start < copied || !asked.has(kind)) continue
        masked += text.slice(copied, start) + masks[kind][by]
        copied = end
        did[masks[kind].name] = (did[masks[kind].name] ?? 0) + 1
      }
      if (copied > 0) return { text: masked + text.slice(copied), did }
    },
  }
}
