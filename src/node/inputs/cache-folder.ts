import { homedir } from 'node:os'
import { join } from 'node:path'

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Where downloads are kept: `$ALIPPE_CACHE`, else `$XDG_CACHE_HOME/alippe`, else `~/.cache/alippe`.
 *
 * @example
 * defaultCacheFolder({ ALIPPE_CACHE: '/data/cache' }) // '/data/cache'
 * defaultCacheFolder({ XDG_CACHE_HOME: '/var/cache' }) // '/var/cache/alippe'
 */
export function defaultCacheFolder(environment: Environment = process.env): string {
  if (environment.ALIPPE_CACHE) return environment.ALIPPE_CACHE
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'alippe')
}
