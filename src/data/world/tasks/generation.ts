import type { About, TaskSource, Wanted } from './sample.ts'
import { about, drawsOf, questionsInTurn } from './sample.ts'

export interface GenerationTask extends About {
  readonly id: string
  readonly question: string
  /** The beginning of a document, up to where the answer starts. */
  readonly prompt: string
  /** The answer as documents give it to this wording; ends with a mark. */
  readonly answer: string
  /** Every wording that is right. */
  readonly answers: readonly string[]
}

/** Questions and instructions of the world, to be answered in words; judge replies with `isSaid` or `World.isRight`. */
export function generation(source: TaskSource, seed: number, wanted: Wanted): GenerationTask[] {
  return questionsInTurn(drawsOf(source, seed, 'generation', 0), source.asked(), wanted).map(({ question }, i) => ({
    id: `generation-${seed}-${i}`,
    ...about(question),
    question: question.question,
    prompt: question.prompt,
    answer: question.answer,
    answers: question.answers,
  }))
}
