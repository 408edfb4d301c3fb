import { basename, relative } from 'node:path'

/**
 * The command that goes on with a run: the user's own, and what else it needs.
 *
 * @param argv as `process.argv`: Node, the script, the words of the user
 * @param added flags with their values, such as `[['--resume']]`; those that the user has given are left out
 * @param env as `process.env`: npm says there that it started the command
 *
 * @example
 * goOnCommand(['node', '/usr/bin/alippe', 'train', '--data', 'my text'], [['--resume']], {}) // "alippe train --data 'my text' --resume"
 */
export function goOnCommand(
  argv: readonly string[],
  added: readonly (readonly string[])[],
  env: Readonly<Record<string, string | undefined>>,
): string {
  const [, script, ...words] = argv
  const isGiven = (flag: string) => words.some((word) => word === flag || word.startsWith(`${flag}=`))
  const more = added.filter(([flag]) => !isGiven(flag)).flat()
  return [...starter(script, env), ...[...words, ...more].map(quoted)].join(' ')
}

function starter(script: string, env: Readonly<Record<string, string | undefined>>): string[] {
  if (env.npm_command === 'exec') return ['npx', 'alippe']
  if (env.npm_command === 'run' || env.npm_command === 'run-script') {
    return ['npm', 'run', env.npm_lifecycle_event ?? 'alippe', '--']
  }
  return basename(script) === 'alippe' ? ['alippe'] : ['node', quoted(relative(process.cwd(), script))]
}

/** A word as a POSIX shell reads it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
