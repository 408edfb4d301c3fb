import { parseJson, refuse, shortened } from './json.ts'

/**
 * Reads a model.safetensors.index.json: which file of the folder holds each tensor.
 *
 * @returns names of tensors with the names of files, which are plain names of the same folder
 * @throws FormatError for what is no such list, a tensor twice, and names of files that lead elsewhere
 *
 * @example
 * readSafetensorsIndex('{ "weight_map": { "w": "model-00001-of-00002.safetensors" } }').get('w') // 'model-00001-of-00002.safetensors'
 */
export function readSafetensorsIndex(text: string, file = 'model.safetensors.index.json'): Map<string, string> {
  const root = parseJson(text, (at, reason) => refuse(file, `character ${at}`, reason))
  const map = root instanceof Map ? root.get('weight_map') : undefined
  if (!(map instanceof Map)) return refuse(file, 'weight_map', 'expected an object')
  for (const [tensor, name] of map) {
    const isPlain = typeof name === 'string' && /^[\w][\w.-]*\.safetensors$/.test(name) && name.length <= 255
    if (!isPlain) {
      const place = `weight_map.${shortened(tensor)}`
      refuse(
        file,
        place,
        `expected the name of a .safetensors file beside it, got ${shortened(JSON.stringify(name) ?? '')}`,
      )
    }
  }
  return map as Map<string, string>
}

/**
 * The text of a model.safetensors.index.json.
 *
 * @param files names of tensors with the names of files
 * @param totalBytes of all tensors
 *
 * @example
 * readSafetensorsIndex(safetensorsIndex(new Map([['w', 'a.safetensors']]), 4)).get('w') // 'a.safetensors'
 */
export function safetensorsIndex(files: ReadonlyMap<string, string>, totalBytes: number): string {
  const weight_map = Object.fromEntries([...files].sort(([a], [b]) => (a < b ? -1 : 1)))
  return `${JSON.stringify({ metadata: { total_size: totalBytes }, weight_map }, null, 2)}\n`
}
