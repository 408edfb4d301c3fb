import { gzipSync } from 'node:zlib'

export interface BundleSize {
  readonly minifiedBytes: number
  readonly gzippedBytes: number
}

/**
 * What a page downloads for a module and all that it imports, minified by the bundler that vite brings.
 *
 * @param path of the module
 */
export async function bundleSize(path: string): Promise<BundleSize> {
  const { rolldown } = await import('rolldown')
  const bundle = await rolldown({ input: path, platform: 'browser' })
  const { output } = await bundle.generate({ format: 'esm', minify: true })
  await bundle.close()
  const code = output.map((part) => (part.type === 'chunk' ? part.code : '')).join('')
  const bytes = Buffer.from(code)
  return { minifiedBytes: bytes.length, gzippedBytes: gzipSync(bytes, { level: 9 }).length }
}
