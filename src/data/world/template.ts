import { ConfigError } from '../../base/index.ts'
import * as english from './english.ts'
import type { Entity } from './entity.ts'
import * as kazakh from './kazakh.ts'
import * as verbs from './kazakh-verbs.ts'

/** What is bound while a document is made: slot name to entity. `world` and `lang` are always there. */
export type Environment = Readonly<Record<string, Entity>>

/**
 * A sentence with holes. A hole is a slot, then steps along facts, then forms: `{x}`, `{x.home}`, `{x.home:locative}`,
 * `{k.role:his.genitive}`; a caret begins it with a capital: `{^m:locative}`. A sentence about the other language
 * names it: `{g/kk:dative}` is Kazakh in any sentence.
 */
export interface Template {
  /** The text that it was made of. */
  readonly source: string
  /** The slots that the holes start from. */
  readonly slots: readonly string[]
  /** The walks of the holes that take a step: `x.home`, `k.who.pet`; what the sentence tells. */
  readonly paths: readonly string[]
  /** What stands between the holes, in every text of the template. */
  readonly literals: readonly string[]
  /** The holes in order, hole i stands between literals i and i + 1. */
  readonly holes: readonly { readonly slot: string; readonly write: (root: Entity) => string }[]
  readonly render: (environment: Environment) => string
}

type Form = (word: string, possessed: boolean) => string

const forms: Record<'en' | 'kk', Record<string, Form>> = {
  en: { a: english.withArticle, many: english.pluralOf },
  kk: {
    many: kazakh.plural,
    his: (word) => kazakh.possessive(word, '3'),
    my: (word) => kazakh.possessive(word, '1'),
    your: (word) => kazakh.possessive(word, '2polite'),
    past: (stem) => verbs.pastTense(stem),
    pastDenied: (stem) => verbs.pastTense(verbs.negative(stem)),
    present: (stem) => verbs.presentTense(stem),
    presentDenied: (stem) => verbs.presentTense(verbs.negative(stem)),
    and: kazakh.and,
    also: kazakh.also,
    asked: kazakh.asked,
    is: kazakh.belongs,
    genitive: (word, possessed) => kazakh.decline(word, 'genitive', possessed ? '3' : undefined),
    dative: (word, possessed) => kazakh.decline(word, 'dative', possessed ? '3' : undefined),
    accusative: (word, possessed) => kazakh.decline(word, 'accusative', possessed ? '3' : undefined),
    locative: (word, possessed) => kazakh.decline(word, 'locative', possessed ? '3' : undefined),
    ablative: (word, possessed) => kazakh.decline(word, 'ablative', possessed ? '3' : undefined),
    instrumental: (word, possessed) => kazakh.decline(word, 'instrumental', possessed ? '3' : undefined),
  },
}

const hole = /\{(\^?)([\w.]+)(?:\/(en|kk))?(?::([\w.]+))?\}/

/** @throws ConfigError for a form that the language does not have */
export function template(text: string, language: 'en' | 'kk'): Template {
  const pieces = text.split(hole) // text, caret, path, language, forms, text, …
  const literals: string[] = []
  const paths: string[] = []
  const holes: { slot: string; write: (root: Entity) => string }[] = []
  for (let i = 0; i < pieces.length; i += 5) literals.push(pieces[i])
  for (let i = 1; i < pieces.length; i += 5) {
    const [slot, ...path] = pieces[i + 1].split('.')
    const of = (pieces[i + 2] as 'en' | 'kk' | undefined) ?? language
    const write = writer(path, pieces[i + 3]?.split('.') ?? [], pieces[i] === '^', of)
    const written = new Map<Entity, string>()
    if (path.length > 0) paths.push(pieces[i + 1])
    holes.push({
      slot,
      write: (root) => {
        let word = written.get(root)
        if (word === undefined) written.set(root, (word = write(root)))
        return word
      },
    })
  }
  return {
    source: text,
    slots: [...new Set(holes.map(({ slot }) => slot))],
    paths,
    literals,
    holes,
    render(environment) {
      let out = literals[0]
      for (let i = 0; i < holes.length; i++) out += holes[i].write(environment[holes[i].slot]) + literals[i + 1]
      return out
    },
  }
}

function writer(path: string[], names: string[], capital: boolean, language: 'en' | 'kk'): (root: Entity) => string {
  for (const name of names) {
    if (name in forms[language]) continue
    throw new ConfigError(`template: no form "${name}" in ${language}; there are ${Object.keys(forms[language])}`)
  }
  return (root) => {
    let word = follow(root, path)[language]
    names.forEach((name, i) => {
      word = forms[language][name](word, names[i - 1] === 'his')
    })
    return capital ? word[0].toUpperCase() + word.slice(1) : word
  }
}

/** Walks single facts from an entity. @throws ConfigError when a fact is not there */
export function follow(root: Entity, path: readonly string[]): Entity {
  return path.reduce((here, fact) => {
    if (here.is[fact]) return here.is[fact]
    throw new ConfigError(`template: ${here.id} has no fact "${fact}", only ${Object.keys(here.is)}`)
  }, root)
}
