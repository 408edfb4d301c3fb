import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ConfigError, DataError } from '../base/index.ts'
import { fileError, makeFolder, syncFolder, writeAtomically } from './files.ts'
import { defaultCacheFolder } from './inputs/cache-folder.ts'
import type { UrlInput } from './inputs/input.ts'
import { commitOf, encodePath, filesBelow, type HubEntry } from './inputs/list-dataset.ts'
import { hubEndpoint, NetworkError, type NetworkOptions } from './inputs/network.ts'
import { RangeDownload } from './inputs/range-download.ts'

/** A model of the Hugging Face hub, or one file of it. */
export interface HubModel {
  /** `owner/name` */
  readonly model: string
  /** A branch, a tag or a commit; `main` when not given. */
  readonly revision?: string
  /** One file; the files of a Hugging Face folder when not given. */
  readonly file?: string
}

export interface HubOptions extends NetworkOptions {
  /** Where downloads are kept. Default: as `defaultCacheFolder` says. */
  readonly cacheFolder?: string
  /** Bytes that are asked for at once; a download that is interrupted loses no more. Default 8 MiB. */
  readonly pieceBytes?: number
  onProgress?(progress: HubProgress): void
  /** The hub cannot be asked, and what an earlier download brought is used. */
  onOffline?(message: string): void
}

export interface HubProgress {
  readonly file: string
  readonly doneBytes: number
  readonly totalBytes: number
}

/**
 * Reads `hub:OWNER/NAME[@REVISION][:FILE]`.
 *
 * @returns undefined for what does not begin so
 * @throws ConfigError for what does, but goes on otherwise
 *
 * @example
 * parseHubName('hub:kz/bala@v1:model-q8_0.gguf') // { model: 'kz/bala', revision: 'v1', file: 'model-q8_0.gguf' }
 * parseHubName('runs/first') // undefined
 */
export function parseHubName(name: string): HubModel | undefined {
  if (!name.startsWith('hub:')) return undefined
  const [, model, revision, file] = /^hub:([\w.-]+\/[\w.-]+)(?:@([\w./-]+))?(?::(.+))?$/.exec(name) ?? []
  const steps = [...(model ?? '..').split('/'), ...(revision ?? 'x').split('/'), ...(file ?? 'x').split('/')]
  if (steps.some((step) => step === '' || step === '.' || step === '..')) {
    throw new ConfigError(
      `${name} names no model of the hub; write hub:OWNER/NAME, with @REVISION and :FILE where needed`,
    )
  }
  return { model, ...(revision !== undefined && { revision }), ...(file !== undefined && { file }) }
}

/** Files of a Hugging Face folder that say what a model is; weights come in safetensors alone. */
const wanted =
  /^(config|generation_config|tokenizer|tokenizer_config|special_tokens_map|vocab|model\.safetensors\.index)\.json$|^(merges|vocab)\.txt$|^tokenizer\.model$|^chat_template\.jinja$|^model(-\d+-of-\d+)?\.safetensors$/

/**
 * Downloads a model of the hub, as far as it is not there yet, and checks it: bytes must hash to what the hub says. A branch is
 * its commit of now, so all files are of one state; where the hub cannot be asked, its commit of the last time.
 *
 * @returns the folder that holds its files, or the path of the one file that was named
 * @throws NetworkError when the hub cannot be asked or does not have it, or sends what was not asked for
 * @throws DataError when bytes hash to something else, or the model holds no weights that can be read
 * @throws FileError when they cannot be kept
 *
 * @example
 * const asOf = { environment: { HF_ENDPOINT: 'ftp://example.org' } }
 * await downloadModel({ model: 'kz/bala' }, asOf).catch((error) => error.code) // 'ALIPPE_CONFIG'
 */
export async function downloadModel(asked: HubModel, options: HubOptions = {}): Promise<string> {
  const { model, file } = asked
  const cache = options.cacheFolder ?? defaultCacheFolder(options.environment)
  const home = join(cache, 'models', model.replace('/', '--'))
  const pathIn = (commit: string) => join(home, commit, ...(file?.split('/') ?? []))
  const before = await answerBefore(home, asked)
  if (before !== undefined && before === asked.revision) return pathIn(before)
  try {
    const { commit, chosen } = await list(asked, options)
    for (const entry of chosen) {
      const url = `${hubEndpoint(options)}/${model}/resolve/${commit}/${encodePath(entry.path)}`
      await downloadFile(entry, url, join(home, commit, ...entry.path.split('/')), options)
    }
    await writeAtomically(noteOf(home, asked), new TextEncoder().encode(commit))
    return pathIn(commit)
  } catch (error) {
    if (!(error instanceof NetworkError) || before === undefined) throw error
    options.onOffline?.(`${error.message}; what was loaded before is used: ${model} at ${before}`)
    return pathIn(before)
  }
}

/** What was asked for is a file whose contents are the commit that answered: it is there once all of it was loaded. */
function noteOf(home: string, { revision = 'main', file = '' }: HubModel): string {
  const name = createHash('sha256').update(`${revision}:${file}`).digest('hex').slice(0, 24)
  return join(home, `${name}.whole`)
}

async function answerBefore(home: string, asked: HubModel): Promise<string | undefined> {
  const commit = await readFile(noteOf(home, asked), 'utf8').catch(() => '')
  const isThere =
    /^[0-9a-f]{40}$/.test(commit) && (await sizeAt(join(home, commit, ...(asked.file?.split('/') ?? [])))) !== undefined
  return isThere ? commit : undefined
}

/** The commit that is meant, and the files of it that are wanted. */
async function list({ model, revision, file }: HubModel, options: HubOptions) {
  const api = `${hubEndpoint(options)}/api/models/${model}`
  const commit = await commitOf(api, revision, options)
  const entries = await filesBelow(`${api}/tree/${commit}`, file === undefined ? '' : folderOf(file), false, options)
  const chosen = entries.filter(({ path }) => (file === undefined ? wanted.test(path) : path === file))
  const hasWeights = file !== undefined || chosen.some(({ path }) => path.endsWith('.safetensors'))
  if (chosen.length > 0 && hasWeights) return { commit, chosen }
  const paths = entries.slice(0, 20).map(({ path }) => path)
  const what = file ?? 'model.safetensors'
  throw new DataError(`hub:${model} has no ${what}; there are ${paths.join(', ')}; name one as hub:${model}:FILE`)
}

const folderOf = (path: string) => path.split('/').slice(0, -1).join('/')

/** A file that has its name is whole and was checked; until then it is `NAME.part`. */
async function downloadFile(entry: HubEntry, url: string, target: string, options: HubOptions): Promise<void> {
  const { size, sha256, oid, path } = entry
  if ((await sizeAt(target)) === size) return
  const part = `${target}.part`
  await makeFolder(dirname(target))
  const version = sha256 === undefined ? `git:${oid}` : `sha256:${sha256}`
  const input: UrlInput = { kind: 'url', name: path, source: path, url, size, version, sha256 }
  const download = new RangeDownload(input, options, new AbortController().signal)
  const { pieceBytes = 8 << 20 } = options
  const handle = await open(part, 'a+').catch((error) => {
    throw fileError('write', part, error)
  })
  try {
    let done = Math.min((await handle.stat()).size, size)
    await handle.truncate(done)
    const put = async (bytes: Uint8Array) => {
      await handle.appendFile(bytes)
      done += bytes.length
      options.onProgress?.({ file: path, doneBytes: done, totalBytes: size })
    }
    while (done < size) {
      const loaded = await download.load(done, Math.min(done + pieceBytes, size))
      if (loaded instanceof Uint8Array) await put(loaded)
      else {
        // A server that gives no parts sends the whole.
        await handle.truncate(0)
        done = 0
        for await (const chunk of loaded.body) {
          if (done + chunk.length > size)
            throw new DataError(`${url} sent more than the ${size} bytes that the hub lists`)
          await put(chunk)
        }
        if (done < size) throw new DataError(`${url} ended after ${done} of ${size} bytes; try again`)
      }
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
  await check(part, entry, url)
  await rename(part, target).catch((error) => {
    throw fileError('write', target, error)
  })
  await syncFolder(dirname(target))
}

async function sizeAt(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  )
}

async function check(path: string, { size, sha256, oid }: HubEntry, url: string): Promise<void> {
  // A blob of Git is hashed with a header before it.
  const hash = sha256 !== undefined ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`)
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  const got = hash.digest('hex')
  const expected = sha256 ?? oid
  if (got === expected) return
  await rm(path, { force: true })
  throw new DataError(`${url}: its bytes hash to ${got}, and ${expected} was expected; they were removed, so try again`)
}
