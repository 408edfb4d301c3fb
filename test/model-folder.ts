import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { State } from '../src/compiler/index.ts'
import type { LanguageModel } from '../src/models/index.ts'
import { savePublished } from '../src/node/index.ts'
import { type Tokenizer, writeTokenizerJson } from '../src/tokenizers/index.ts'

/** Writes a model as a folder that commands take. */
export async function writeModelFolder(
  path: string,
  model: LanguageModel,
  state: State,
  tokenizer: Tokenizer,
): Promise<void> {
  await savePublished(path, model, state)
  await writeFile(join(path, 'tokenizer.json'), writeTokenizerJson(tokenizer))
}
