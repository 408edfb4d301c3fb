import type { StageJson } from '../../stages.ts'
import type { BpeModelOptions } from './bpe-options.ts'

/** The entries vocab and merges of a tokenizer.json. */
export function spelledVocabulary(
  size: number,
  tokenOf: (id: number) => string | undefined,
  merges: Iterable<readonly [left: number, right: number]>,
) {
  const spellings = Array.from({ length: size }, (_, id) => tokenOf(id))
  return {
    vocab: Object.fromEntries(spellings.flatMap((token, id) => (token === undefined ? [] : [[token, id]]))),
    merges: Array.from(merges, ([left, right]) => [spellings[left]!, spellings[right]!]),
  }
}

/** All of the entry of a tokenizer.json but vocab and merges. */
export function modelJson(options: Omit<BpeModelOptions, 'vocab' | 'merges'>): StageJson {
  return {
    type: 'BPE',
    dropout: options.dropout || null,
    unk_token: options.unkToken ?? null,
    continuing_subword_prefix: options.continuingSubwordPrefix ?? null,
    end_of_word_suffix: options.endOfWordSuffix ?? null,
    fuse_unk: options.fuseUnk ?? false,
    byte_fallback: options.byteFallback ?? false,
    ignore_merges: options.ignoreMerges ?? false,
  }
}
