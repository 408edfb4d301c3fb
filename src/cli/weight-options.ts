import { Option } from 'commander'
import { readQuantity } from '../base/index.ts'
import { folderTypes } from '../node/index.ts'

/** `--type`, for folders. */
export function folderTypeOption(text: string): Option {
  return new Option('--type <type>', text).choices(Object.keys(folderTypes))
}

/** `--shard-size`, for folders. */
export function shardSizeOption(): Option {
  return new Option(
    '--shard-size <bytes>',
    'cut the weights into files of at most so many bytes, such as 5G',
  ).argParser(readQuantity)
}
