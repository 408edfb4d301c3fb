import type { World } from '../data/index.ts'
import { table } from './table.ts'
import type { Paint } from './terminal.ts'

const count = (value: number) => value.toLocaleString('en')

/** Prints what a world holds, and what each kind of its documents is like. */
export function printStatistics(world: World, paint: Paint): void {
  const { document, kinds, heldOutQuestions, ...counts } = world.statistics()
  const bits = document.nats / Math.LN2 / document.bytes
  const { phrasing, template, fact } = heldOutQuestions
  console.log(
    table([
      ['people', `${count(counts.people)} in ${count(counts.villages)} villages`],
      [
        'facts',
        `${count(counts.facts)} about ${count(counts.entities)} things, ${count(counts.heldOutFacts)} told nowhere`,
      ],
      ['questions', `${count(counts.questions)} in both languages`],
      [
        'held out',
        `${count(phrasing)} wordings of a fact, ${count(template)} questions by their wording, ${count(fact)} by their fact`,
      ],
      [
        'a document',
        `${document.bytes.toFixed(1)} bytes, ${document.characters.toFixed(1)} characters, ${document.nats.toFixed(3)} nats ` +
          `(${bits.toFixed(4)} bits a byte)`,
      ],
    ]),
  )
  const rows = [...kinds]
    .sort((a, b) => b.share - a.share)
    .map(({ genre, kind, share, nats, bytes }) => [
      genre,
      kind,
      `${(100 * share).toFixed(1)} %`,
      nats.toFixed(2),
      bytes.toFixed(1),
      (nats / Math.LN2 / bytes).toFixed(3),
    ])
  console.log(`\n${table(rows, { header: ['genre', 'kind', 'share', 'nats', 'bytes', 'bits/byte'], paint })}`)
  console.log(
    paint('dim', '\nNats of a kind: the exact entropy of its documents when language and kind are known already.'),
  )
}
