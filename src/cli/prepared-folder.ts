import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ConfigError } from '../base/index.ts'
import { openShards, type ShardIndex, sha256, type TokenShards } from '../data/index.ts'
import { fileFolder } from '../node/index.ts'
import { readTokenizerJson, type Tokenizer } from '../tokenizers/index.ts'

/** Token shards that `alippe data prepare` made, with the tokenizer that lies beside them. */
export interface PreparedFolder {
  readonly path: string
  readonly index: ShardIndex
  readonly tokenizer: Tokenizer
  readonly tokenizerJson: string
  readonly train: TokenShards
  readonly validation?: TokenShards
}

/**
 * Opens the one thing that was named, when it is a folder of token shards.
 *
 * @returns undefined when it is something else, or several things are named
 * @throws FormatError when index, shards or tokenizer are damaged
 * @throws ConfigError when the tokenizer is missing, or another than that of the shards
 */
export async function openPreparedFolder(names: readonly string[]): Promise<PreparedFolder | undefined> {
  if (names.length !== 1) return undefined
  const [path] = names
  const text = await readFile(join(path, 'index.json'), 'utf8').catch(() => '')
  // Folders of texts may have an index.json of their own.
  if (!text.includes('"alippe-shards"')) return undefined
  const [folder, name] = [fileFolder(dirname(path)), basename(path)]
  const train = await openShards(folder, name)
  const { index } = train
  const file = join(path, 'tokenizer.json')
  const tokenizerJson = await readFile(file, 'utf8').catch(() => {
    throw new ConfigError(
      `${path}: there is no tokenizer.json beside the shards, so nobody knows what their tokens mean`,
    )
  })
  const tokenizer = readTokenizerJson(tokenizerJson, file)
  if ((await sha256(tokenizer.definition())) !== index.tokenizer) {
    throw new ConfigError(`${file}: is not the tokenizer that the shards were made with; prepare the folder again`)
  }
  const validation = index.splits.validation && (await openShards(folder, name, 'validation'))
  return { path, index, tokenizer, tokenizerJson, train, validation }
}
