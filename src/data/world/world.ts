import { ConfigError } from '../../base/index.ts'
import type { Entity } from './entity.ts'
import type { Expectation } from './entropy.ts'
import { expectation } from './entropy.ts'
import { utf8Length } from './expected-length.ts'
import { facts } from './facts.ts'
import { draws, generate } from './generate.ts'
import type { Grammar } from './grammar.ts'
import { pick } from './grammar.ts'
import type { Question } from './interview.ts'
import { interview, normalize, spoken } from './interview.ts'
import { parse } from './parse.ts'
import { grammarOf } from './production.ts'
import { questions } from './questions.ts'
import { stories } from './stories.ts'

export type Language = 'en' | 'kk'

export interface WorldDocument {
  /** One or two lines; ends with a line end and holds no empty line. */
  readonly text: string
  /** −ln p(text), exact up to rounding. */
  readonly surprisalNats: number
  /** The kind of question or story: `home`, `kin`, `market`… */
  readonly kind: string
  readonly language: Language
  /** For each decision of the grammar in order, the index of what was taken. */
  readonly choices: readonly number[]
}

/** Which documents: the same series and number always give the same document. */
export interface Place {
  /** Series are independent: train on one, evaluate on another. Default 0. */
  readonly series?: number
  /** Number of the first document. Default 0. */
  readonly from?: number
}

export interface World {
  readonly seed: number
  /** Every entity by list: `people`, `villages`, `goods`, `months`…; an entity's facts are in its `is` and `has`. */
  readonly facts: Readonly<Record<string, readonly Entity[]>>
  /** The entity that holds the lists; what {@link generate} and its sisters take. */
  readonly root: Entity
  readonly grammar: Grammar
  /** One document alone. */
  document(index: number, series?: number): WorldDocument
  /** Documents without end. */
  documents(place?: Place): Generator<WorldDocument, never>
  /** Documents with an empty line between them, in pieces of about 64 KiB, until at least `bytes` of UTF-8 were given. */
  corpus(options: Place & { readonly bytes: number }): Generator<string>
  /** Entropy and length of a document in expectation; computed at the first reading, then kept. */
  readonly expectation: Expectation
  readonly entropyNatsPerDocument: number
  readonly expectedBytesPerDocument: number
  /** −ln p(text) of any text as a document, by reading it back; Infinity for what the grammar never writes. */
  surprisalNats(text: string): number
  /** All questions there are, or only those that are (not) held out of every document. */
  questions(options?: { readonly heldOut?: boolean; readonly language?: Language }): readonly Question[]
  /** What is true about a question, however it is spelt in case and spacing; undefined when it is none of this world's. */
  answer(question: string): Question | undefined
  /** Whether the first line of a reply says what is true, in the words of any phrasing of its answer. */
  isRight(question: string, reply: string): boolean
}

/**
 * A world with ground truth: invented people and villages, real animals, months and sums, and a grammar that tells
 * short stories and asks and answers questions about it in English and Kazakh.
 *
 * **What the entropy means.** Documents are drawn independently, and no two sets of choices give the same text, so
 * the entropy of a document is exactly that of its choices, {@link World.entropyNatsPerDocument}: no model has a lower
 * expected loss per document. On a given stream of documents, the model that knows the grammar and the facts has the
 * loss Σ `surprisalNats` / (number of tokens), whatever the tokenizer, since tokens are a function of the text; no
 * other model is better on average. The blank line or end token between documents is certain: it costs 0 nats, and is
 * one of the tokens where the loss counts it.
 *
 * A real model pays more: while it learns the facts; when its window opens in mid-document, where the choices made
 * before are hidden (the bound is then the entropy given what the window shows, which is larger); and for belief
 * spread over other splits of the same text into tokens. It can be below the line on a finite sample by chance, or
 * by having memorised that sample.
 *
 * @param options.seed which world: people, facts and held-out questions; default 1
 * @param options.families 1 to 8, ten people each; default 6
 * @param options.villages 2 to 16; default 12
 * @throws ConfigError for sizes out of range
 *
 * @example
 * const { documents, entropyNatsPerDocument } = world()
 * documents().next().value.text // a question with its answer or a story, in English or Kazakh
 */
export function world(
  options: { readonly seed?: number; readonly families?: number; readonly villages?: number } = {},
): World {
  const { seed = 1, families = 6, villages = 12 } = options
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new ConfigError(`world: seed must be a whole number from 0 on, got ${seed}`)
  }
  const root = facts({ seed, families, villages })
  const kinds = Object.entries({ ...questions, ...stories })
  const body = grammarOf(kinds.map(([, production]) => production))
  const grammar = pick({ lang: 'languages' }, body)

  function document(index: number, series = 0): WorldDocument {
    const { text, choices, surprisalNats } = generate(grammar, root, draws(seed, series, index))
    const language = root.has.languages[choices[0]].id as Language
    return { text, surprisalNats, kind: kinds[choices[1]][0], language, choices }
  }

  function* documents({ series = 0, from = 0 }: Place = {}): Generator<WorldDocument, never> {
    for (let index = from; ; index++) yield document(index, series)
  }

  function* corpus({ bytes, ...place }: Place & { readonly bytes: number }): Generator<string> {
    let piece = ''
    let pieceBytes = 0
    let given = 0
    for (const { text } of documents(place)) {
      if (given + pieceBytes >= bytes) break
      piece += text + '\n'
      pieceBytes += utf8Length(text) + 1
      if (pieceBytes < 65536) continue
      yield piece
      given += pieceBytes
      piece = ''
      pieceBytes = 0
    }
    if (piece !== '') yield piece
  }

  let expected: Expectation | undefined
  let asked: readonly Question[] | undefined
  let index: Map<string, Question> | undefined
  const all = () => {
    asked ??= interview(
      kinds.map(([kind], i) => [kind, body.options[i]] as const),
      root,
    ).map(({ question }) => question)
    return asked
  }
  const answer = (question: string): Question | undefined => {
    index ??= new Map(all().map((known) => [normalize(known.question), known]))
    return index.get(normalize(question))
  }

  return {
    seed,
    facts: root.has,
    root,
    grammar,
    document,
    documents,
    corpus,
    get expectation() {
      return (expected ??= expectation(grammar, root))
    },
    get entropyNatsPerDocument() {
      return this.expectation.nats
    },
    get expectedBytesPerDocument() {
      return this.expectation.bytes
    },
    surprisalNats(text) {
      return -Math.log(parse(grammar, root, text).reduce((sum, { surprisalNats }) => sum + Math.exp(-surprisalNats), 0))
    },
    questions({ heldOut, language } = {}) {
      return all().filter(
        (known) =>
          (heldOut === undefined || known.heldOut === heldOut) &&
          (language === undefined || known.language === language),
      )
    },
    answer,
    isRight(question, reply) {
      const said = spoken(reply)
      return answer(question)?.answers.some((right) => normalize(right) === said) ?? false
    },
  }
}
