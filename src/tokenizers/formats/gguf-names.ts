import type { PatternName } from '../pieces/scanners/patterns.ts'

/** The names that llama.cpp has for what cuts text into pieces, and ours. The first of equals is written. */
export const preNames: Readonly<Record<string, PatternName>> = {
  'gpt-2': 'gpt2',
  'llama-bpe': 'llama3',
  qwen2: 'qwen2',
  'deepseek-v3': 'deepseek',
  'gpt-4o': 'o200k',
  tekken: 'tekken',
  'llama-v3': 'llama3',
  llama3: 'llama3',
  falcon3: 'llama3',
  'deepseek-r1-qwen': 'qwen2',
  llama4: 'o200k',
  'phi-2': 'gpt2',
  'roberta-bpe': 'gpt2',
}

/** Between words of BERT's vocabularies, where GGUF turns the spelling around: words are marked, not what continues one. */
export const wordMark = '▁'
export const continuing = '##'

export const key = (name: string): string => `tokenizer.ggml.${name}`

/** A value as messages show it. */
export const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 60) ?? 'nothing'
