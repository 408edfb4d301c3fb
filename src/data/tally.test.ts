import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Tally } from './tally.ts'

type Event =
  | { kind: 'keep'; bytesIn: number; bytesOut: number }
  | { kind: 'drop' | 'change'; reason: string; id: string; bytes: number; text: string; why: string }

const bytes = fc.nat(1000)
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant('keep' as const), bytesIn: bytes, bytesOut: bytes }),
  fc.record({
    kind: fc.constantFrom('drop' as const, 'change' as const),
    reason: fc.constantFrom('too short', 'too long', 'e-mail addresses'),
    id: fc.string(),
    bytes,
    text: fc.string({ unit: 'binary', maxLength: 300 }),
    why: fc.string(),
  }),
)

function tallyOf(events: readonly Event[]): Tally {
  const tally = new Tally('stage')
  for (const each of events) {
    if (each.kind === 'keep') tally.keep(each.bytesIn, each.bytesOut)
    else tally[each.kind](each.reason, each)
  }
  return tally
}

describe('Tally', () => {
  it('of parts, merged in order, equals that of the whole', () => {
    fc.assert(
      fc.property(fc.array(fc.array(event, { maxLength: 12 }), { maxLength: 5 }), (parts) => {
        const merged = new Tally('stage')
        // A report travels between workers as JSON.
        for (const part of parts) merged.add(JSON.parse(JSON.stringify(tallyOf(part).report())))
        expect(merged.report()).toEqual(tallyOf(parts.flat()).report())
      }),
    )
  })

  it('accounts for every document and byte', () => {
    const tally = new Tally('stage')
    tally.keep(10, 7)
    tally.change('blank lines', { id: 'a', bytes: 3, text: 'x', why: '3' })
    tally.keep(5)
    tally.drop('too short', { id: 'b', bytes: 2, text: 'hi\n there', why: '2 characters' })
    const report = tally.report()
    expect(report.in).toEqual({ documents: 3, bytes: 17 })
    expect(report.out).toEqual({ documents: 2, bytes: 12 })
    expect(report.dropped).toEqual({
      'too short': { documents: 1, bytes: 2, examples: [{ id: 'b', why: '2 characters', excerpt: 'hi there' }] },
    })
    expect(report.changed['blank lines']).toMatchObject({ documents: 1, bytes: 3 })
    expect(() => tally.add(new Tally('other').report())).toThrow('a report of other cannot be added to one of stage')
  })

  it('shows the first five examples, short and whole', () => {
    const tally = new Tally('stage')
    for (let i = 0; i < 9; i++) tally.drop('long', { id: `${i}`, bytes: 1, text: '😀'.repeat(200), why: '' })
    const { documents, examples } = tally.report().dropped.long
    expect([documents, examples.map(({ id }) => id)]).toEqual([9, ['0', '1', '2', '3', '4']])
    expect(examples[0].excerpt.length).toBeLessThanOrEqual(160)
    expect(examples[0].excerpt.isWellFormed()).toBe(true)
  })

  it('keeps a report that was given, whatever is counted later', () => {
    const tally = new Tally('stage')
    tally.drop('x', { id: 'a', bytes: 1, text: '', why: '' })
    const before = tally.report()
    const copy = structuredClone(before)
    tally.drop('x', { id: 'b', bytes: 1, text: '', why: '' })
    expect(before).toEqual(copy)
  })
})
