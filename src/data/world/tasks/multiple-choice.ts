import { namedBy } from './named.ts'
import type { About, TaskSource, Wanted } from './sample.ts'
import { about, drawsOf, questionsInTurn, some } from './sample.ts'

export interface MultipleChoiceTask extends About {
  readonly id: string
  readonly question: string
  /** Four names; the wrong ones are of the same list as the right one. */
  readonly options: readonly string[]
  /** Index of the right option. */
  readonly right: number
  /** The question with its options, up to where the letter of the right one stands. */
  readonly prompt: string
  readonly answer: 'A' | 'B' | 'C' | 'D'
}

const letters = ['A', 'B', 'C', 'D'] as const

/** Of every four tasks each has its right option at another place, so the letter alone tells nothing. */
export function multipleChoice(source: TaskSource, seed: number, wanted: Wanted): MultipleChoiceTask[] {
  const chosen = questionsInTurn(drawsOf(source, seed, 'choice', 0), source.asked(), wanted, (each) => {
    const named = namedBy(each)
    return named !== undefined && named.others.length >= 3
  })
  let places: number[] = []
  return chosen.map((each, i) => {
    const draw = drawsOf(source, seed, 'choice', i + 1)
    if (i % 4 === 0) places = some(draw, [0, 1, 2, 3])
    const { gold, others } = namedBy(each)!
    const { question, language, prompt } = each.question
    const right = places[i % 4]
    const options = some(draw, others, 3).map((other) => other[language])
    options.splice(right, 0, gold[language])
    const [asked, mark] = [prompt.slice(0, prompt.lastIndexOf('\n')), prompt.slice(prompt.lastIndexOf('\n') + 1)]
    const lines = [asked, ...options.map((option, o) => `${letters[o]}. ${option}`), mark]
    return {
      id: `choice-${seed}-${i}`,
      ...about(each.question),
      question,
      options,
      right,
      prompt: lines.join('\n'),
      answer: letters[right],
    }
  })
}
