import { ConfigError } from '../base/index.ts'
import type { Expression, Grammar } from './expression.ts'

/** How many expressions may lie inside one another. */
export const deepest = 1000

/**
 * Makes a grammar ready to be compiled: whatever can never end in a text is taken out, so that every beginning that the rest
 * allows can be finished.
 *
 * @returns the rules that can end, each with the choices of it that can, and which of them match the empty text
 * @throws ConfigError for a rule that is not there, a grammar that no text follows, a rule that begins with itself (left
 *   recursion), and expressions nested too deeply
 */
export function checkGrammar(grammar: Grammar): { root: string; rules: Map<string, Expression>; isEmpty: Emptiness } {
  checkNames(grammar)
  const ending = endingRules(grammar)
  if (!ending.has(grammar.root)) {
    throw new ConfigError(
      `grammar: no text follows the rule ${grammar.root}: every way through it meets an empty set of characters, a ` +
        'choice of nothing, or needs itself again without end',
    )
  }
  const rules = new Map<string, Expression>()
  for (const [name, expression] of grammar.rules) {
    if (ending.has(name)) rules.set(name, withoutEndless(expression, ending))
  }
  const isEmpty = emptiness(rules)
  refuseLeftRecursion(rules, isEmpty)
  return { root: grammar.root, rules, isEmpty }
}

/** Whether an expression matches the empty text. */
export type Emptiness = (expression: Expression) => boolean

function checkNames({ root, rules }: Grammar): void {
  const check = (name: string, where: string) => {
    if (rules.has(name)) return
    const names = [...rules.keys()].slice(0, 20).join(', ')
    throw new ConfigError(`grammar: ${where} names a rule "${name}" that is not there; there are ${names || 'none'}`)
  }
  check(root, 'the root')
  for (const [name, expression] of rules) {
    const visit = (each: Expression, depth: number): void => {
      if (depth > deepest)
        throw new ConfigError(
          `grammar: expressions of the rule ${name} are nested more than ${deepest} deep; make rules of them`,
        )
      if (each.kind === 'rule') check(each.name, `the rule ${name}`)
      else for (const part of partsOf(each)) visit(part, depth + 1)
    }
    visit(expression, 0)
  }
}

function partsOf(expression: Expression): readonly Expression[] {
  if (expression.kind === 'sequence') return expression.parts
  if (expression.kind === 'choice') return expression.options
  return expression.kind === 'repeat' ? [expression.body] : []
}

/** The rules that some text follows. Cost: each rule is looked at again when a rule that it names was found to end. */
function endingRules({ rules }: Grammar): Set<string> {
  const ending = new Set<string>()
  solve(rules, (name, expression) => {
    if (ending.has(name) || !canEnd(expression, ending)) return false
    ending.add(name)
    return true
  })
  return ending
}

/** Asks of each rule whether it changes, and again of those that name it when it did. */
function solve(
  rules: ReadonlyMap<string, Expression>,
  changes: (name: string, expression: Expression) => boolean,
): void {
  const users = new Map<string, Set<string>>()
  for (const [name, expression] of rules) {
    for (const used of namesIn(expression)) {
      const set = users.get(used)
      if (set === undefined) users.set(used, new Set([name]))
      else set.add(name)
    }
  }
  const waiting = [...rules.keys()]
  const isWaiting = new Set(waiting)
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    isWaiting.delete(name)
    if (!changes(name, rules.get(name)!)) continue
    for (const user of users.get(name) ?? []) {
      if (isWaiting.has(user)) continue
      isWaiting.add(user)
      waiting.push(user)
    }
  }
}

function* namesIn(expression: Expression): Generator<string> {
  const waiting = [expression]
  for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
    if (each.kind === 'rule') yield each.name
    else for (const part of partsOf(each)) waiting.push(part)
  }
}

function canEnd(expression: Expression, ending: ReadonlySet<string>): boolean {
  if (expression.kind === 'text') return true
  if (expression.kind === 'character') return expression.set.length > 0
  if (expression.kind === 'sequence') return expression.parts.every((part) => canEnd(part, ending))
  if (expression.kind === 'choice') return expression.options.some((option) => canEnd(option, ending))
  if (expression.kind === 'repeat') return expression.min === 0 || canEnd(expression.body, ending)
  return ending.has(expression.name)
}

/** The same without choices that cannot end; for expressions that can. */
function withoutEndless(expression: Expression, ending: ReadonlySet<string>): Expression {
  if (expression.kind === 'sequence')
    return { kind: 'sequence', parts: expression.parts.map((part) => withoutEndless(part, ending)) }
  if (expression.kind === 'choice') {
    const options = expression.options.filter((option) => canEnd(option, ending))
    return { kind: 'choice', options: options.map((option) => withoutEndless(option, ending)) }
  }
  if (expression.kind === 'repeat') {
    if (!canEnd(expression.body, ending)) return { kind: 'text', text: '' }
    return { ...expression, body: withoutEndless(expression.body, ending) }
  }
  return expression
}

function emptiness(rules: ReadonlyMap<string, Expression>): Emptiness {
  const empty = new Set<string>()
  const isEmpty: Emptiness = (expression) => {
    if (expression.kind === 'text') return expression.text === ''
    if (expression.kind === 'character') return false
    if (expression.kind === 'sequence') return expression.parts.every(isEmpty)
    if (expression.kind === 'choice') return expression.options.some(isEmpty)
    if (expression.kind === 'repeat') return expression.min === 0 || isEmpty(expression.body)
    return empty.has(expression.name)
  }
  solve(rules, (name, expression) => {
    if (empty.has(name) || !isEmpty(expression)) return false
    empty.add(name)
    return true
  })
  return isEmpty
}

/** A rule that can begin with itself, before any character, would be entered without end. */
function refuseLeftRecursion(rules: ReadonlyMap<string, Expression>, isEmpty: Emptiness): void {
  const starts = new Map<string, Set<string>>()
  const collect = (expression: Expression, into: Set<string>): void => {
    if (expression.kind === 'rule') into.add(expression.name)
    else if (expression.kind === 'sequence') {
      for (const part of expression.parts) {
        collect(part, into)
        if (!isEmpty(part)) return
      }
    } else for (const part of partsOf(expression)) collect(part, into)
  }
  for (const [name, expression] of rules) {
    const into = new Set<string>()
    collect(expression, into)
    starts.set(name, into)
  }
  const done = new Set<string>()
  for (const first of rules.keys()) {
    // A walk in depth with its own stack: chains of rules can be longer than calls may be deep.
    const path: { name: string; rest: Iterator<string> }[] = []
    const onPath = new Set<string>()
    const enter = (name: string) => {
      if (onPath.has(name)) {
        const names = path.map((each) => each.name)
        const circle = [...names.slice(names.indexOf(name)), name]
        throw new ConfigError(
          `grammar: the rule ${name} begins with itself (${circle.slice(0, 8).join(' → ')}): left recursion; say ` +
            `"list ::= item (\\",\\" item)*" instead of "list ::= list \\",\\" item | item"`,
        )
      }
      if (done.has(name)) return
      onPath.add(name)
      path.push({ name, rest: starts.get(name)!.values() })
    }
    enter(first)
    while (path.length > 0) {
      const { name, rest } = path[path.length - 1]
      const next = rest.next()
      if (!next.done) enter(next.value)
      else {
        path.pop()
        onPath.delete(name)
        done.add(name)
      }
    }
  }
}
