import type { Json, Meta } from '../index.ts'

/** Front matter is short; what is longer is a text that begins with a rule. */
const longestFrontMatter = 1 << 16

/**
 * Splits a Markdown text into what its front matter says (lines between `---` at the very beginning) and the rest, which
 * stays as it is. Of YAML, what front matter is mostly made of is read: `name: value` with plain or quoted values and
 * numbers, and lists as `[a, b]` or lines of `- a`. Other lines are left out of meta; a text without an end of the front
 * matter has none.
 *
 * @example
 * frontMatter('---\ntitle: "Abai"\ntags: [poet, kk]\n---\nText.')
 * // { meta: { title: 'Abai', tags: ['poet', 'kk'] }, body: 'Text.' }
 */
export function frontMatter(text: string): { readonly meta: Meta; readonly body: string } {
  const none = { meta: {}, body: text }
  if (!/^---[ \t]*\r?\n/.test(text)) return none
  const head = text.slice(0, longestFrontMatter)
  const end = /\r?\n(---|\.\.\.)[ \t]*(\r?\n|$)/.exec(head)
  if (end === null) return none
  const first = head.indexOf('\n') + 1
  const fields: [string, Json][] = []
  let list: Json[] | undefined
  for (const line of head.slice(first, Math.max(end.index, first)).split(/\r?\n/)) {
    const item = /^[ \t]*-[ \t]+(.*)$/.exec(line)
    if (item !== null) {
      list?.push(scalar(item[1]))
      continue
    }
    const field = /^([\p{L}\p{N}_][\p{L}\p{N}_ .-]*):(?:[ \t]+(.*))?$/u.exec(line)
    list = undefined
    if (field === null) continue
    const [, name, value = ''] = field
    if (value.trim() === '') {
      list = []
      fields.push([name, list])
    } else fields.push([name, fieldValue(value.trim())])
  }
  const kept = fields.filter(([, value]) => !Array.isArray(value) || value.length > 0)
  return { meta: Object.fromEntries(kept), body: text.slice(end.index + end[0].length).replace(/^(\r?\n)+/, '') }
}

function fieldValue(text: string): Json {
  if (!text.startsWith('[') || !text.endsWith(']')) return scalar(text)
  return text
    .slice(1, -1)
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map(scalar)
}

function scalar(text: string): Json {
  const value = text.trim()
  const quoted = /^(["'])(.*)\1$/s.exec(value)
  if (quoted !== null) return quoted[2]
  if (/^-?\d{1,15}(\.\d{1,15})?$/.test(value)) return Number(value)
  if (value === 'true' || value === 'false') return value === 'true'
  return value
}
