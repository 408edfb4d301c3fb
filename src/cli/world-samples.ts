import type { World } from '../data/index.ts'
import type { Paint } from './terminal.ts'
import { documentsOf, type RecordFlags, type TaskGenre, tasksOf } from './world-records.ts'

/** Prints samples with what each is, then what all documents are like. */
export function printSamples(world: World, task: TaskGenre | undefined, flags: RecordFlags, paint: Paint): void {
  if (task !== undefined) {
    for (const made of tasksOf(world, task, flags)) console.log(`${taskText(made, paint)}\n`)
    return
  }
  for (const { document } of documentsOf(world, flags)) {
    const { kind, genre, language, surprisalNats, text } = document
    const head = `${genre === 'short' ? kind : `${genre}: ${kind}`} · ${language} · ${surprisalNats.toFixed(1)} nats`
    console.log(`${paint('dim', head)}\n${text}`)
  }
  const { people, villages } = world.facts
  const { nats, bytes } = world.expectation
  const bits = nats / Math.LN2 / bytes
  console.log(
    paint(
      'dim',
      `${people.length} people in ${villages.length} villages · a document has ${bytes.toFixed(1)} bytes and ` +
        `${nats.toFixed(2)} nats in expectation, ${bits.toFixed(3)} bits a byte · more with --statistics`,
    ),
  )
}

type Made = ReturnType<typeof tasksOf>[number]

function taskText(made: Made, paint: Paint): string {
  if ('chosen' in made) {
    const { prompt, chosen, rejected, meta } = made
    const head = paint('dim', `${meta.kind} · ${meta.language} · ${meta.defect}`)
    return `${head}\n${prompt}\n${paint('green', `+ ${chosen}`)}\n${paint('red', `- ${rejected}`)}`
  }
  const notes: string[] = [made.kind, made.language]
  if ('heldOut' in made && made.heldOut)
    notes.push(`held out: ${made.heldOutBy}${made.inferable ? ', can be inferred' : ''}`)
  if ('shots' in made) notes.push(`${made.shots} shots`)
  if ('depth' in made) notes.push(`depth ${made.depth.toFixed(2)}`, `${made.bytes.toLocaleString('en')} bytes`)
  const prompt = 'depth' in made ? shortened(made.prompt, made.at) : made.prompt
  return `${paint('dim', notes.join(' · '))}\n${prompt}${paint('green', ` ${made.answer}`)}`
}

/** Of a long prompt the lines around the needle, and the question. */
function shortened(prompt: string, at: number): string {
  const documents = prompt.split('\n\n')
  if (documents.length <= 9) return prompt
  let bytes = 0
  const needle = documents.findIndex((document) => {
    const isHere = bytes === at
    bytes += Buffer.byteLength(document) + 2
    return isHere
  })
  const last = documents.length - 1
  const kept = new Set([0, needle - 1, needle, needle + 1, last - 1, last])
  const lines: string[] = []
  let left = 0
  for (const [i, document] of documents.entries()) {
    if (!kept.has(i)) left++
    else {
      if (left > 0) lines.push(`… ${left} more …`)
      left = 0
      lines.push(document)
    }
  }
  return lines.join('\n\n')
}
