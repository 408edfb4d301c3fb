import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isIban, isIin, isLuhn } from './check-digits.ts'
import { Draft } from './filter.ts'
import { type PrivacyOptions, privacy } from './privacy.ts'

function masked(text: string, options: PrivacyOptions = {}): string {
  const verdict = privacy(options).judge(new Draft({ id: 'a', text, source: 's', meta: {} }))
  return verdict !== undefined && 'text' in verdict ? verdict.text! : text
}

describe('privacy', () => {
  it.each([
    ['Write to dana.k+list@mail.example.kz.', 'Write to <EMAIL>.'],
    ['<a@b.co>,(c_d@e-f.org)', '<<EMAIL>>,(<EMAIL>)'],
    ['Тел.: +7 701 123 45 67, +7(727)250-00-00', 'Тел.: <PHONE>, <PHONE>'],
    ['8 (7172) 55-55-55 немесе 8 701 123-45-67', '<PHONE> немесе <PHONE>'],
    ['87011234567; 8-705-123-45-67', '<PHONE>; <PHONE>'],
    ['(415) 555-2671, 415-555-2671, 1-415-555-2671, +1 415 555 2671', '<PHONE>, <PHONE>, <PHONE>, <PHONE>'],
    ['London +44 20 7946 0958, Berlin +49 (30) 901820.', 'London <PHONE>, Berlin <PHONE>.'],
    ['from 93.184.216.34:80 and [2a00:1450:4010:c05::71]', 'from <IP>:80 and [<IP>]'],
    ['card 4111 1111 1111 1111, 5500-0000-0000-0004, 340000000000009', 'card <CARD>, <CARD>, <CARD>'],
    ['ЖСН 850615300129', 'ЖСН <IIN>'],
    ['IBAN: DE89 3704 0044 0532 0130 00, KZ86125KZT5004100100.', 'IBAN: <IBAN>, <IBAN>.'],
    ['GB29 NWBK 6016 1331 9268 19 IS MINE', '<IBAN> IS MINE'],
  ])('masks %s', (text, wanted) => {
    expect(masked(text)).toBe(wanted)
  })

  it.each([
    'In 1999, 2004 and 2010-2015 there were 1 234 567 890 people; 12 000 000 ₸; $1,234,567.89.',
    'ISBN 978-0-13-468599-1, ISBN 9780134685991, ISBN-10 0-13-468599-7',
    'Version 1.2.3.4, v10.15.7.123, 2.6.32.1, node@26.10.0, @scope/name@1.2.3, lodash@4.17.21',
    'sha 4111111111111111abcdef, 550e8400-e29b-41d4-a716-446655440000, d41d8cd98f00b204e9800998ecf8427e',
    '2024-01-15T12:30:45.123456789Z, 20240115123045, 1700000000000, 12:30:15',
    'The card 4111 1111 1111 1112 has a wrong digit, and so has 850615300120.',
    '192.168.1.100, 10.100.200.250, 127.0.0.1, 255.255.255.255, 203.0.113.195, 256.300.100.100',
    'std::map, a::b, fe80::1, ::1, 2001:db8, face::cafe',
    '7 8 9 10 11 12 13 14 15 and 3.14159265358979323846, 1/1234567890, #1234567890',
    'https://example.com/item/87011234567?id=4111111111111111',
    'DE89 3704 0044 0532 0130 01, AB12CDEF34567890, МК 850615300129А',
    'matrix 1000 2000 3000 4000, 4000 4000 4000 4000',
    'Call 911. It costs 8 300 000. Page 8 (1999).',
  ])('leaves %s', (text) => {
    expect(masked(text)).toBe(text)
  })

  it('masks the kinds that are asked for, by examples that belong to nobody, and counts', () => {
    const text = 'a@b.kz, +7 701 123 45 67'
    expect(masked(text, { kinds: ['phone'] })).toBe('a@b.kz, <PHONE>')
    const byExample = masked(text, { by: 'example' })
    expect(byExample).toBe('someone@mail.example, +1 202-555-0143')
    const verdict = privacy().judge(new Draft({ id: 'a', text: `${text}, c@d.org`, source: 's', meta: {} }))
    expect(verdict).toMatchObject({ did: { 'e-mail addresses': 2, 'telephone numbers': 1 } })
    expect(() => privacy({ kinds: ['name' as 'phone'] })).toThrow('privacy: kind is name; expected one of email, phone')
  })

  it('takes any text, and changes nothing but what it counts', () => {
    const piece = fc.constantFrom(
      ...[
        '+7 ',
        '701',
        ' 123',
        '-45',
        '67',
        '8 (7172) ',
        '@',
        'a',
        '.kz',
        '::',
        '2a00:',
        'KZ86',
        '4111 ',
        '1111',
        '.',
        ' ',
      ],
      ...['\n', 'қ', '850615300129', '(415)', '<', '>'],
    )
    const any = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 40 }).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(any, (text) => {
        const verdict = privacy().judge(new Draft({ id: 'a', text, source: 's', meta: {} }))
        if (verdict === undefined || 'drop' in verdict) return verdict === undefined
        // Each piece between masks stands in the text, in order, and as many masks as were counted.
        const parts = verdict.text!.split(/<(?:EMAIL|PHONE|IP|CARD|IIN|IBAN)>/)
        let at = 0
        for (const part of parts) {
          const next = text.indexOf(part, at)
          expect(next).toBeGreaterThanOrEqual(at)
          at = next + part.length
        }
        expect(parts.length - 1).toBe(Object.values(verdict.did!).reduce((a, b) => a + b, 0))
        return true
      }),
      { numRuns: 500 },
    )
  })

  it('is linear in text that is made to be slow', () => {
    const started = performance.now()
    for (const part of [
      '@',
      'a@',
      'a.',
      '1:',
      '2a00:',
      '::',
      '1 ',
      '12-',
      '(',
      '+1',
      'KZ86 ',
      'KZ86A',
      '1.',
      '8 (701) ',
      '4111 ',
    ])
      masked(`x@y.zz 1234567 ${part.repeat(2e4)}`)
    expect(performance.now() - started).toBeLessThan(5000)
  })
})

describe('check digits', () => {
  it('are those of published examples', () => {
    // Numbers that card networks give for tests, and the examples of the registry of IBANs.
    for (const card of [
      '4111111111111111',
      '5555555555554444',
      '378282246310005',
      '6011111111111117',
      '3530111333300000',
    ]) {
      expect(isLuhn(card), card).toBe(true)
    }
    for (const iban of [
      'GB29NWBK60161331926819',
      'DE89370400440532013000',
      'FR1420041010050500013M02606',
      'KZ86125KZT5004100100',
    ]) {
      expect(isIban(iban), iban).toBe(true)
    }
    expect(isIban('US89370400440532013000')).toBe(false)
  })

  it('of an IIN follow the two rounds of weights', () => {
    const control = (eleven: string): number | undefined => {
      const digits = [...eleven].map(Number)
      const sum = (weights: number[]) => weights.reduce((n, weight, i) => n + weight * digits[i], 0) % 11
      const first = sum([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
      const second = first === 10 ? sum([3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) : first
      return second === 10 ? undefined : second
    }
    let secondRounds = 0
    for (let serial = 0; serial < 10_000; serial++) {
      const eleven = `0002293${String(serial).padStart(4, '0')}`.replace('0002293', '0002295')
      const wanted = control(eleven)
      if (wanted === undefined) secondRounds++
      for (let last = 0; last < 10; last++)
        if (isIin(eleven + last) !== (last === wanted)) throw new Error(eleven + last)
    }
    expect(secondRounds).toBeGreaterThan(0)
    // No such date; no such century; the 29th of February of 1900 and of 2000.
    expect([isIin('851315300129'), isIin('850615700129'), isIin('850615000129')]).toEqual([false, false, false])
    const leap = (century: number) => {
      const eleven = `000229${century}0001`
      return isIin(`${eleven}${control(eleven)}`)
    }
    expect([leap(3), leap(5)]).toEqual([false, true])
  })
})
