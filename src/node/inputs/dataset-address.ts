import { ConfigError } from '../../base/index.ts'
import { hubEndpoint, type NetworkOptions } from './network.ts'

/** A dataset of the Hugging Face hub, or some files of it. */
export interface DatasetAddress {
  /** `owner/name` */
  readonly dataset: string
  /** A branch, a tag or a commit; absent when the user named none. */
  readonly revision?: string
  /** A file, a folder or a glob; empty for the whole dataset. */
  readonly path: string
}

/**
 * Reads `hf://datasets/OWNER/NAME[@REVISION][/PATH]`, and what one copies from the browser:
 * `https://huggingface.co/datasets/OWNER/NAME[/(blob|resolve|raw|tree)/REVISION[/PATH]]`.
 *
 * @returns undefined for an address that is no dataset of the hub
 * @throws ConfigError for one that is, but not in this form
 *
 * @example
 * parseHubAddress('hf://datasets/kz/news/data/*.parquet') // { dataset: 'kz/news', path: 'data/*.parquet' }
 * parseHubAddress('https://huggingface.co/datasets/kz/news/tree/v1') // { dataset: 'kz/news', revision: 'v1', path: '' }
 * parseHubAddress('https://a.kz/b') // undefined
 */
export function parseHubAddress(address: string, options: NetworkOptions = {}): DatasetAddress | undefined {
  const wrong = () =>
    new ConfigError(
      `${address} names no files of a dataset; write hf://datasets/OWNER/NAME, with @REVISION and /PATH where needed`,
    )
  if (/^hf:\/\//i.test(address)) {
    const [, dataset, path = ''] = /^hf:\/\/datasets\/([^/@]+\/[^/@]+(?:@[^/]+)?)(?:\/(.*))?$/is.exec(address) ?? []
    if (dataset === undefined) throw wrong()
    const [name, named] = dataset.split('@')
    // The name of a revision may hold slashes only if it is one of the hub's own.
    const [, own, rest] = /^(convert\/\w+|pr\/\d+)(?:\/(.*))?$/s.exec(path) ?? []
    if (named === 'refs' && own !== undefined)
      return checked({ dataset: name, revision: `refs/${own}`, path: rest ?? '' }, wrong)
    const revision = named === '~parquet' ? 'refs/convert/parquet' : decoded(named, wrong)
    return checked({ dataset: name, revision, path }, wrong)
  }
  const url = URL.parse(address)
  const isHub =
    url !== null &&
    (/^(www\.)?(huggingface\.co|hf\.co)$/.test(url.host) || url.origin === new URL(hubEndpoint(options)).origin)
  if (!isHub || !url.pathname.startsWith('/datasets/')) return undefined
  const [owner, name, verb, ...rest] = url.pathname
    .split('/')
    .slice(2)
    .filter((part) => part !== '')
  if (name === undefined || (verb !== undefined && !/^(blob|resolve|raw|tree)$/.test(verb))) throw wrong()
  const dataset = `${owner}/${name}`
  if (rest.length === 0) return checked({ dataset, path: '' }, wrong)
  const parts = rest.map((part) => decoded(part, wrong)!)
  const length = parts[0] === 'refs' ? 3 : 1
  const path = parts.slice(length).join('/')
  return checked({ dataset, revision: parts.slice(0, length).join('/'), path }, wrong)
}

function decoded(text: string | undefined, wrong: () => ConfigError): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text)
  } catch {
    throw wrong()
  }
}

function checked(address: DatasetAddress, wrong: () => ConfigError): DatasetAddress {
  const isName = /^[\w.-]+\/[\w.-]+$/.test(address.dataset)
  const path = address.path.replace(/\/$/, '')
  const steps = `${address.dataset}/${address.revision ?? 'main'}${path && `/${path}`}`.split('/')
  if (!isName || steps.some((step) => step === '' || step === '.' || step === '..')) throw wrong()
  const { dataset, revision } = address
  return revision === undefined ? { dataset, path } : { dataset, revision, path }
}
