import { ConfigError } from '../base/index.ts'
import { conversationOf, type Language, type World, type WorldDocument } from '../data/index.ts'

/** What is made of a world beside documents. */
export const taskGenres = ['multiple-choice', 'generation', 'in-context', 'recall', 'preferences'] as const

export type TaskGenre = (typeof taskGenres)[number]

export const isTaskGenre = (name: string): name is TaskGenre => (taskGenres as readonly string[]).includes(name)

export interface RecordFlags {
  readonly language?: Language
  readonly count: number
  readonly seed: number
  readonly from: number
  readonly heldOut?: boolean
  readonly shots: number
  readonly bytes: number
  readonly messages?: boolean
}

/** The documents asked for: of one language, and conversations only where messages are. */
export function* documentsOf(
  world: World,
  { language, count, seed, from, messages }: RecordFlags,
): Generator<{
  readonly id: string
  readonly document: WorldDocument
}> {
  if (messages) world.conversations().next() // says so when the genres have none
  for (let index = from, found = 0; found < count; index++) {
    const document = world.document(index, seed)
    if (language !== undefined && document.language !== language) continue
    if (messages && conversationOf(document) === undefined) continue
    found++
    yield { id: `world-${world.seed}-${seed}-${index}`, document }
  }
}

/** The tasks or pairs asked for. */
export function tasksOf(world: World, task: TaskGenre, flags: RecordFlags) {
  const { language, count, seed, heldOut, shots, bytes } = flags
  // Without the flag: pairs about what documents ask, evaluation about all.
  const options = { language, count, seed, ...(heldOut && { heldOut }) }
  const made =
    task === 'preferences' ? world.preferences(options) : world.evaluation(task, { ...options, shots, bytes })
  if (made.length === 0)
    throw new ConfigError(
      `world: no ${task} of this sort; hold more out with --hold-out-templates, or take a genre with questions`,
    )
  return made
}

/** Records of the usual shapes: {id, text, meta}, {id, messages, meta}, {prompt, chosen, rejected, meta}, tasks. */
export function* records(world: World, task: TaskGenre | undefined, flags: RecordFlags): Generator<object> {
  if (task !== undefined) {
    yield* tasksOf(world, task, flags)
    return
  }
  for (const { id, document } of documentsOf(world, flags)) {
    const { text, genre, kind, language, surprisalNats } = document
    const meta = { genre, kind, language, surprisalNats }
    yield flags.messages ? { id, ...conversationOf(document), meta } : { id, text, meta }
  }
}
