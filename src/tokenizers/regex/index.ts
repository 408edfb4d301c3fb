export { type Match, type Regex, regex } from './regex.ts'
export type { Dialect } from './syntax.ts'
