import { ConfigError } from '../../../base/index.ts'
import type { Entity } from '../entity.ts'
import { utf8Length } from '../expected-length.ts'
import type { Draw } from '../generate.ts'
import { generate } from '../generate.ts'
import { kindsOf } from '../genres/genres.ts'
import { pick } from '../grammar.ts'
import { decline } from '../kazakh.ts'
import { grammarOf } from '../production.ts'
import type { Language } from '../world-document.ts'
import type { TaskSource } from './sample.ts'
import { below, drawsOf, languagesOf, some } from './sample.ts'

export interface RecallTask {
  readonly id: string
  /** `needle`: one number was told; `needles`: four people have one each; `last`: it was told again, the last counts. */
  readonly kind: 'needle' | 'needles' | 'last'
  readonly language: Language
  /** Documents with what is to be recalled among them, then the question, up to where its answer starts. */
  readonly prompt: string
  readonly question: string
  /** Four digits. */
  readonly answer: string
  /** Where the needle lies: 0 at the beginning of the text, 1 right before the question. */
  readonly depth: number
  /** The first byte of the needle in the prompt. */
  readonly at: number
  /** Length of the prompt in UTF-8. */
  readonly bytes: number
}

export interface RecallOptions {
  readonly count: number
  readonly language?: Language
  /** Length of the prompt in UTF-8, met from below to within a document; 256 to 16 Mi; default 4096. */
  readonly bytes?: number
  /** Where the needle lies, 0 to 1; default: spread evenly over the tasks. */
  readonly depth?: number
}

const kinds = ['needle', 'needles', 'last'] as const

const told = (x: Entity, code: number, language: Language) =>
  language === 'en'
    ? `The secret number of ${x.en} is ${code}.\n`
    : `${decline(x.kk, 'genitive')} құпия саны — ${code}.\n`
const toldAgain = (x: Entity, code: number, language: Language) =>
  language === 'en'
    ? `Now the secret number of ${x.en} is ${code}.\n`
    : `Енді ${decline(x.kk, 'genitive')} құпия саны — ${code}.\n`
const askedFor = (x: Entity, language: Language) =>
  language === 'en' ? `What is the secret number of ${x.en}?` : `${decline(x.kk, 'genitive')} құпия саны қанша?`

/**
 * Long prompts of which one line matters. Filler is stories of the world, which never speak of secret numbers, with
 * an empty line between them.
 *
 * @throws ConfigError for a length or a depth out of range
 */
export function recall(source: TaskSource, seed: number, options: RecallOptions): RecallTask[] {
  const { count, language, bytes = 4096, depth } = options
  if (!Number.isInteger(bytes) || bytes < 256 || bytes > 2 ** 24)
    throw new ConfigError(`evaluation: bytes must be a whole number from 256 to ${2 ** 24}, got ${bytes}`)
  if (depth !== undefined && !(depth >= 0 && depth <= 1))
    throw new ConfigError(`evaluation: depth must be from 0 (the beginning) to 1 (the end), got ${depth}`)
  const languages = languagesOf(language)
  const fillers = new Map(languages.map((each) => [each, filler(source.root, each)]))
  return Array.from({ length: count }, (_, i) => {
    const spoken = languages[i % languages.length]
    const kind = kinds[Math.floor(i / languages.length) % kinds.length]
    const at = depth ?? (count === 1 ? 0.5 : i / (count - 1))
    const draw = drawsOf(source, seed, 'recall', i)
    return {
      id: `recall-${seed}-${i}`,
      ...plant(source.root, draw, fillers.get(spoken)!, { kind, language: spoken, depth: at, bytes }),
    }
  })
}

/** Stories of one language. */
function filler(root: Entity, language: Language): (draw: Draw) => string {
  const productions = kindsOf(['short']).flatMap(({ production }) => (production.ask === undefined ? [production] : []))
  const lang = root.has.languages.filter(({ id }) => id === language)
  const alone: Entity = { ...root, has: { ...root.has, languages: lang } }
  const grammar = pick({ lang: 'languages' }, grammarOf(productions))
  return (draw) => generate(grammar, alone, draw).text
}

function plant(
  root: Entity,
  draw: Draw,
  story: (draw: Draw) => string,
  { kind, language, depth, bytes }: Pick<RecallTask, 'kind' | 'language' | 'depth'> & { readonly bytes: number },
): Omit<RecallTask, 'id'> {
  const people = some(draw, root.has.people, kind === 'needles' ? 4 : 1)
  const codes = some(
    draw,
    Array.from({ length: 9000 }, (_, n) => 1000 + n),
    4,
  )
  const x = people[0]
  const question = askedFor(x, language)
  const tail = language === 'en' ? `Question: ${question}\nAnswer:` : `Сұрақ: ${question}\nЖауап:`
  const needle = kind === 'last' ? toldAgain(x, codes[0], language) : told(x, codes[0], language)
  // What distracts: numbers of others, or an earlier number of the same person, which has to lie before the needle.
  const others =
    kind === 'last' ? [told(x, codes[1], language)] : people.slice(1).map((y, i) => told(y, codes[i + 1], language))

  const stories: string[] = []
  let left = bytes - utf8Length(tail) - [needle, ...others].reduce((sum, line) => sum + utf8Length(line) + 1, 0)
  for (;;) {
    const text = story(draw)
    left -= utf8Length(text) + 1
    if (left < 0) break
    stories.push(text)
  }
  const place = Math.round(depth * stories.length)
  const lines = [...stories]
  lines.splice(place, 0, needle)
  for (const other of others)
    lines.splice(below(draw, kind === 'last' ? lines.indexOf(needle) + 1 : lines.length + 1), 0, other)
  const before = lines.slice(0, lines.indexOf(needle))
  const prompt = `${lines.join('\n')}\n${tail}`
  return {
    kind,
    language,
    prompt,
    question,
    answer: `${codes[0]}`,
    depth,
    at: before.reduce((sum, text) => sum + utf8Length(text) + 1, 0),
    bytes: utf8Length(prompt),
  }
}
