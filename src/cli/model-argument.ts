import { basename } from 'node:path'
import { quantity } from '../base/index.ts'
import { downloadModel, type ModelSource, openModelSource, parseHubName } from '../node/index.ts'

/** What `<model>` may be, for the help of verbs. */
export const modelArgument =
  'folder of a run or of a model, a file of GGUF, llama2.c or llm.c, or hub:OWNER/NAME[@REVISION][:FILE]'

/** The path of a model; one of the hub is downloaded first, with its progress on standard error. */
export async function localPath(name: string): Promise<string> {
  const hub = parseHubName(name)
  if (hub === undefined) return name
  let shown = ''
  return downloadModel(hub, {
    onOffline: (message) => console.error(message),
    onProgress({ file, doneBytes, totalBytes }) {
      const line = `${basename(file)}: ${quantity(doneBytes, 'B')} of ${quantity(totalBytes, 'B')}`
      if (!process.stderr.isTTY || line === shown) return
      process.stderr.write(`\r\x1b[K${line}${doneBytes === totalBytes ? '\n' : ''}`)
      shown = line
    },
  })
}

/** Opens the model of an argument. */
export async function openArgument(name: string, options: { readonly best?: boolean } = {}): Promise<ModelSource> {
  return openModelSource(await localPath(name), options)
}
