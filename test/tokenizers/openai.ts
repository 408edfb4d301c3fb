import { type EncodingName, rankFile } from '../../bench/peers/ranks.ts'
import { readTiktoken, type Tokenizer } from '../../src/tokenizers/index.ts'

/** OpenAI's vocabularies as we read them. */
export const openAi = (name: EncodingName): Tokenizer => readTiktoken(rankFile(name), { pieces: name })
