export { type ConstraintOptions, type GrammarConstraint, grammarConstraint } from './constraint.ts'
export type { Expression, Grammar } from './expression.ts'
export * from './gbnf.ts'
export { regexGrammar } from './regex.ts'
