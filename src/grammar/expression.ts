import type { Ranges } from './ranges.ts'

/** What may be said at one place of a grammar. */
export type Expression =
  /** These characters, one after the other; '' is nothing at all. */
  | { readonly kind: 'text'; readonly text: string }
  /** One character of a set. */
  | { readonly kind: 'character'; readonly set: Ranges }
  | { readonly kind: 'sequence'; readonly parts: readonly Expression[] }
  /** One of these; none of them matches when there are none. */
  | { readonly kind: 'choice'; readonly options: readonly Expression[] }
  /** From `min` to `max` of it, one after the other; `max` may be Infinity. */
  | { readonly kind: 'repeat'; readonly body: Expression; readonly min: number; readonly max: number }
  /** What the rule of this name says. */
  | { readonly kind: 'rule'; readonly name: string }

/** A context-free grammar over characters; what it describes is a set of texts. */
export interface Grammar {
  /** The name of the rule that a whole text must follow. */
  readonly root: string
  readonly rules: ReadonlyMap<string, Expression>
}

export const text = (text: string): Expression => ({ kind: 'text', text })
export const character = (set: Ranges): Expression => ({ kind: 'character', set })
export const rule = (name: string): Expression => ({ kind: 'rule', name })
export const nothing = text('')
/** Matches no text, not even the empty one. */
export const never: Expression = { kind: 'choice', options: [] }

export function sequence(...parts: readonly Expression[]): Expression {
  return parts.length === 1 ? parts[0] : { kind: 'sequence', parts }
}

export function choice(...options: readonly Expression[]): Expression {
  return options.length === 1 ? options[0] : { kind: 'choice', options }
}

export function repeat(body: Expression, min: number, max: number): Expression {
  return min === 1 && max === 1 ? body : { kind: 'repeat', body, min, max }
}

export const optional = (body: Expression): Expression => repeat(body, 0, 1)
export const star = (body: Expression): Expression => repeat(body, 0, Number.POSITIVE_INFINITY)
export const plus = (body: Expression): Expression => repeat(body, 1, Number.POSITIVE_INFINITY)

/** One of some texts; beginnings that several share are said once, so that what is read next decides at once. */
export function oneOfTexts(texts: Iterable<string>): Expression {
  const groups = new Map<string, string[]>()
  let isEmptyIn = false
  for (const each of new Set(texts)) {
    if (each === '') isEmptyIn = true
    else {
      const head = String.fromCodePoint(each.codePointAt(0)!)
      const group = groups.get(head)
      if (group === undefined) groups.set(head, [each])
      else group.push(each)
    }
  }
  const options = Array.from(groups.values(), (group) => {
    if (group.length === 1) return text(group[0])
    const shared = sharedStart(group)
    return sequence(text(shared), oneOfTexts(group.map((each) => each.slice(shared.length))))
  })
  return isEmptyIn ? choice(nothing, ...options) : choice(...options)
}

function sharedStart(texts: readonly string[]): string {
  const characters = Array.from(texts[0])
  let length = characters.length
  for (const each of texts) {
    const others = Array.from(each)
    let i = 0
    while (i < length && others[i] === characters[i]) i++
    length = i
  }
  return characters.slice(0, length).join('')
}
