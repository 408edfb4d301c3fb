import type { Command } from 'commander'
import { ConfigError, DataError } from '../base/index.ts'
import { openTokenizer, writeAtomically } from '../node/index.ts'
import { readText } from '../node/prepare/index.ts'
import type { OffsetUnit, PatternName, Tokenizer } from '../tokenizers/index.ts'
import { piecesOption } from './pieces-option.ts'
import { readStandardInput } from './standard-input.ts'
import { table } from './table.ts'
import { painter } from './terminal.ts'

interface EncodeFlags {
  readonly pieces?: PatternName
  readonly file?: string[]
  readonly tokens?: boolean
  readonly offsets?: string | true
  readonly allowSpecials?: boolean
  readonly addSpecials?: boolean
  readonly json?: boolean
  readonly output?: string
}

export function addEncode(parent: Command): void {
  parent
    .command('encode')
    .description('Turns text into token ids.')
    .argument('<tokenizer>', 'file or folder')
    .argument('[text]', 'the text; standard input when neither text nor files are given')
    .option('-f, --file <paths...>', 'text files and folders')
    .option('-t, --tokens', 'one token a line: id and text')
    .option('--offsets [unit]', 'where each token stands, in codePoints, codeUnits or bytes')
    .option('--allow-specials', 'recognise the names of special tokens in the text')
    .option('--add-specials', 'add the special tokens that the tokenizer puts around a text')
    .option('--json', 'print one JSON document')
    .addOption(piecesOption())
    .option('-o, --output <file>', 'write there instead of standard output')
    .action(encode)
}

export function addDecode(parent: Command): void {
  parent
    .command('decode')
    .description('Turns token ids into text.')
    .argument('<tokenizer>', 'file or folder')
    .argument('[ids...]', 'the ids; standard input when none are given')
    .option('--skip-specials', 'leave special tokens out')
    .addOption(piecesOption())
    .option('-o, --output <file>', 'write there instead of standard output')
    .action(decode)
}

async function encode(path: string, argument: string | undefined, flags: EncodeFlags): Promise<void> {
  if (argument !== undefined && flags.file !== undefined) {
    throw new ConfigError('tokenizer encode: give a text or --file, not both')
  }
  const tokenizer = await openTokenizer(path, flags)
  const text = argument ?? (flags.file ? await readText(flags.file) : await readStandardInput())
  const options = { allowSpecials: flags.allowSpecials ? (true as const) : undefined, addSpecials: flags.addSpecials }
  const wantsOffsets = flags.offsets !== undefined
  if (!wantsOffsets && !flags.tokens && !flags.json) {
    return print(flags.output, `${tokenizer.encode(text, options).join(' ')}\n`)
  }
  const unit = offsetUnit(flags.offsets)
  const { ids, starts, ends } = tokenizer.encoding(text, { ...options, offsets: unit })
  if (flags.json) {
    const document = {
      tokenizer: path,
      bytes: new TextEncoder().encode(text).length,
      tokens: ids.length,
      ids: [...ids],
      pieces: [...ids].map((id) => tokenizer.tokenOf(id)),
      ...(wantsOffsets && { unit, starts: [...starts], ends: [...ends] }),
    }
    return print(flags.output, `${JSON.stringify(document)}\n`)
  }
  const rows = [...ids].map((id, i) => [
    ...(wantsOffsets ? [`${starts[i]}–${ends[i]}`] : []),
    id,
    visible(tokenizer, id),
  ])
  const header = [...(wantsOffsets ? [unit] : []), 'id', 'token']
  await print(flags.output, `${table(rows, { header, paint: painter(process.stdout) })}\n`)
}

async function decode(
  path: string,
  argument: readonly string[],
  flags: { readonly skipSpecials?: boolean; readonly output?: string; readonly pieces?: PatternName },
): Promise<void> {
  const tokenizer = await openTokenizer(path, flags)
  const words = (argument.length > 0 ? argument.join(' ') : await readStandardInput())
    .split(/[\s,[\]]+/)
    .filter((word) => word !== '')
  const ids = words.map((word) => {
    if (!/^\d+$/.test(word)) throw new DataError(`tokenizer decode: expected ids, numbers from 0 on, got ${word}`)
    return Number(word)
  })
  const text = tokenizer.decode(ids, { skipSpecials: flags.skipSpecials })
  await print(flags.output, flags.output === undefined && process.stdout.isTTY ? `${text}\n` : text)
}

function offsetUnit(asked: string | true | undefined): OffsetUnit {
  if (asked === undefined || asked === true) return 'codePoints'
  if (asked === 'codePoints' || asked === 'codeUnits' || asked === 'bytes') return asked
  throw new ConfigError(`--offsets must be codePoints, codeUnits or bytes, got ${asked}`)
}

/** A token as people can read it: its text in quotes, or its bytes where these are no text. */
export function visible(tokenizer: Tokenizer, id: number): string {
  const bytes = tokenizer.bytesOf(id)
  try {
    return JSON.stringify(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
  }
}

async function print(file: string | undefined, text: string): Promise<void> {
  if (file === undefined) process.stdout.write(text)
  else await writeAtomically(file, new TextEncoder().encode(text))
}
