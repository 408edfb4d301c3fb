export * from './bert.ts'
export * from './gguf-keys.ts'
export * from './llama2c.ts'
export * from './sentencepiece/build-charsmap.ts'
export {
  readSentencePiece,
  type SentencePieceOptions,
  sentencePieceParts,
  writeSentencePiece,
} from './sentencepiece/file.ts'
export * from './sentencepiece/nfkc-rules.ts'
export { sentencePieceNormalizer, spaceSymbol } from './sentencepiece/normalizer.ts'
export * from './vocab-merges.ts'
export * from './vocab-txt.ts'
export * from './write-gguf-keys.ts'
