import { existsSync } from 'node:fs'
import { ConfigError } from '../../base/index.ts'
import { type DatasetAddress, parseHubAddress } from './dataset-address.ts'
import type { NetworkOptions } from './network.ts'

/** What a user named, before anything of it was looked at. */
export type ParsedName = { readonly source: string } & (
  | { readonly kind: 'stdin' }
  | { readonly kind: 'packages' }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string; readonly sha256?: string }
  | { readonly kind: 'dataset'; readonly address: DatasetAddress; readonly sha256?: string }
)

/**
 * Tells paths, addresses and presets apart. `NAME=path` calls the source `NAME`, unless a file is called that as a whole.
 *
 * @throws ConfigError for an address or a checksum that is none
 *
 * @example
 * parseName('wiki=dump.jsonl') // { kind: 'path', path: 'dump.jsonl', source: 'wiki' }
 * parseName('https://a.kz/b?c=d') // { kind: 'url', url: 'https://a.kz/b?c=d', source: 'https://a.kz/b?c=d' }
 * parseName('-') // { kind: 'stdin', source: '-' }
 */
export function parseName(name: string, options: NetworkOptions = {}): ParsedName {
  if (name === '') throw new ConfigError('an input is named by nothing; give a file, a folder, a glob, an address or -')
  const [, source, rest] = /^([^/\\:?#*[\]{}=]+)=(.+)$/s.exec(name) ?? []
  return source !== undefined && !existsSync(name) ? parse(rest, options, source) : parse(name, options)
}

function parse(name: string, options: NetworkOptions, source = checksumOf(name).address): ParsedName {
  if (name === '-') return { kind: 'stdin', source }
  if (name === 'node_modules' || name === 'preset:node_modules') return { kind: 'packages', source }
  if (name.startsWith('preset:')) {
    throw new ConfigError(`${name}: there is no such preset; there is preset:node_modules`)
  }
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(name)?.[1].toLowerCase()
  if (scheme === undefined) return { kind: 'path', path: name, source }
  if (!['http', 'https', 'hf'].includes(scheme)) {
    throw new ConfigError(`${name}: ${scheme}:// cannot be read; http://, https:// and hf:// can`)
  }
  const { address, sha256 } = checksumOf(name)
  const dataset = parseHubAddress(address, options)
  if (dataset !== undefined) return { kind: 'dataset', address: dataset, source, sha256 }
  const url = URL.parse(address)
  if (url === null) throw new ConfigError(`${name} is no web address`)
  if (url.username || url.password) {
    throw new ConfigError(`${url.host}: an address with a password would be written into plans; leave it out`)
  }
  return { kind: 'url', url: url.href, source, sha256 }
}

/** A fragment is never sent to a server; that of a path is part of its name. */
function checksumOf(name: string): { address: string; sha256?: string } {
  const hash = name.includes('://') ? name.indexOf('#') : -1
  if (hash < 0) return { address: name }
  const address = name.slice(0, hash)
  const [, sum] = /^#sha256=(.*)$/.exec(name.slice(hash)) ?? []
  if (sum === undefined) return { address }
  if (/^[0-9a-f]{64}$/i.test(sum)) return { address, sha256: sum.toLowerCase() }
  throw new ConfigError(`${name}: sha256 has 64 hexadecimal digits, here are ${sum.length} characters`)
}
