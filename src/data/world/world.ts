import { ConfigError } from '../../base/index.ts'
import { templateKey } from './ask.ts'
import { type Conversation, conversationOf } from './conversation.ts'
import type { Entity } from './entity.ts'
import { hashText, mix } from './entity.ts'
import type { Expectation } from './entropy.ts'
import { expectation } from './entropy.ts'
import { utf8Length } from './expected-length.ts'
import { facts } from './facts.ts'
import { draws, generate } from './generate.ts'
import { type GenreMix, kindsOf } from './genres/genres.ts'
import type { Asked, Grammar } from './grammar.ts'
import { pick } from './grammar.ts'
import { checkShares, type HeldOut, leftOut } from './held-out.ts'
import type { Interviewed, Question } from './interview.ts'
import { interview, isSaid, normalize } from './interview.ts'
import { parse } from './parse.ts'
import { grammarOf } from './production.ts'
import { countFacts, statisticsOf, type WorldStatistics } from './statistics.ts'
import { type EvaluationOptions, type EvaluationTasks, evaluation } from './tasks/evaluation.ts'
import { type PairOptions, type PreferencePair, preferences } from './tasks/preferences.ts'
import type { Language, WorldDocument } from './world-document.ts'

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
  /**
   * Documents of the mix that are conversations, as messages: questions with answers, and instructions.
   *
   * @throws ConfigError when no genre of the mix has any
   */
  conversations(place?: Place): Generator<Conversation & { readonly document: WorldDocument }, never>
  /** Entropy and length of a document in expectation; computed at the first reading, then kept. */
  readonly expectation: Expectation
  readonly entropyNatsPerDocument: number
  readonly expectedBytesPerDocument: number
  /** −ln p(text) of any text as a document, by reading it back; Infinity for what the grammar never writes. */
  surprisalNats(text: string): number
  /** All questions there are, or only those that are (not) held out of every document. */
  questions(options?: { readonly heldOut?: boolean; readonly language?: Language }): readonly Question[]
  /** The wordings that no document uses, as the tables of the grammar write them. */
  readonly heldOutTemplates: readonly string[]
  /** Single facts of entities and ties of kin, as {@link statistics} counts them. */
  readonly factCount: number
  /** Counts, and what each kind of document is like. Cost: seconds for large worlds. */
  statistics(): WorldStatistics
  /**
   * EvaluationTasks that a model is judged by, each with its answer. They are no documents: no entropy is claimed for them.
   *
   * @param kind `multiple-choice`, `generation`, `in-context` or `recall`
   */
  evaluation<K extends keyof EvaluationTasks>(kind: K, options?: EvaluationOptions): readonly EvaluationTasks[K][]
  /** Pairs of replies of which the first is better, and why. They are no documents: no entropy is claimed for them. */
  preferences(options?: PairOptions): readonly PreferencePair[]
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
 * The same holds for any mix of genres: every genre is unambiguous, and no text belongs to two.
 *
 * @param options.seed which world: people, facts and held-out questions; default 1
 * @param options.families 1 to 64, ten people each; default 6
 * @param options.villages 2 to 64; default 12
 * @param options.genres what documents are drawn from, a list or shares; default `short` alone
 * @param options.heldOut facts and wordings that no document has; default none, beside one wording in twenty of a fact
 * @throws ConfigError for sizes and shares out of range, and unknown genres
 *
 * @example
 * const { documents, entropyNatsPerDocument } = world()
 * documents().next().value.text // a question with its answer or a story, in English or Kazakh
 */
export function world(
  options: {
    readonly seed?: number
    readonly families?: number
    readonly villages?: number
    readonly genres?: GenreMix
    readonly heldOut?: HeldOut
  } = {},
): World {
  const { seed = 1, families = 6, villages = 12, genres = ['short'], heldOut = {} } = options
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new ConfigError(`world: seed must be a whole number from 0 on, got ${seed}`)
  }
  const kinds = kindsOf(genres)
  const root = facts({ seed, families, villages }, heldOut)
  const body = grammarOf(kinds.map(({ production }) => production))
  const grammar = pick({ lang: 'languages' }, body)
  const heldOutTemplates = hideTemplates(grammar, root, checkShares(heldOut).templates)

  function document(index: number, series = 0): WorldDocument {
    const { text, choices, surprisalNats } = generate(grammar, root, draws(seed, series, index))
    const language = root.has.languages[choices[0]].id as Language
    const { kind, genre } = kinds[choices[1]]
    return { text, surprisalNats, kind, genre, language, choices }
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

  function* conversations(place: Place = {}): Generator<Conversation & { readonly document: WorldDocument }, never> {
    if (!kinds.some(({ production }) => production.ask !== undefined || production.frame === 'instruction')) {
      throw new ConfigError('world: no genre of this mix has conversations; instructions, calendar and short have')
    }
    for (let index = place.from ?? 0; ; index++) {
      const made = document(index, place.series)
      const conversation = conversationOf(made)
      if (conversation) yield { ...conversation, document: made }
    }
  }

  let expected: Expectation | undefined
  let interviewed: readonly Interviewed[] | undefined
  let index: Map<string, Question> | undefined
  const asked = () => {
    interviewed ??= interview(
      kinds.map(({ kind }, i) => [kind, body.options[i]] as const),
      root,
    )
    return interviewed
  }
  const questions = ({ heldOut, language }: { heldOut?: boolean; language?: Language } = {}) =>
    asked().flatMap(({ question }) => {
      const isWanted =
        (heldOut === undefined || question.heldOut === heldOut) &&
        (language === undefined || question.language === language)
      return isWanted ? [question] : []
    })
  const answer = (question: string): Question | undefined => {
    index ??= new Map(asked().map(({ question: known }) => [normalize(known.question), known]))
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
    conversations,
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
    questions,
    heldOutTemplates,
    factCount: countFacts(root).facts,
    statistics() {
      return statisticsOf(root, kinds, questions(), this.expectation)
    },
    evaluation: (kind, options = {}) => evaluation(kind, { seed, root, asked }, options),
    preferences: (options = {}) => preferences({ seed, root, asked }, options),
    answer,
    isRight(question, reply) {
      return answer(question)?.answers.some((right) => isSaid(right, reply)) ?? false
    },
  }
}

/** Chooses the wordings that no document uses, and makes the world hide them. */
function hideTemplates(grammar: Grammar, root: Entity, share: number): readonly string[] {
  const hidden = new Set<string>()
  function visit(node: Grammar): void {
    if (node.kind === 'sequence' || node.kind === 'shuffled') node.parts.forEach(visit)
    else if (node.kind === 'pick' || node.kind === 'given') visit(node.body)
    else if (node.kind === 'choice' && node.asked) hide(node.asked)
    else if (node.kind === 'choice') node.options.forEach(visit)
  }
  function hide(asked: Asked): void {
    for (const { id, hash } of root.has.languages) {
      const language = id as Language
      // Blocks that ask for the same in the same words (is it a leap year?) hide the same wording.
      const first = mix(hashText(templateKey(asked, 0, language)) ^ root.hash) ^ hash
      const left = leftOut(mix(first), asked.phrasings.length, share)
      if (left >= 0) hidden.add(templateKey(asked, left, language))
    }
  }
  if (share > 0) visit(grammar)
  Object.assign(root, { hides: hidden.size > 0 ? hidden : undefined })
  return [...hidden]
}
