/**
 * Checks that the folders of src/ import each other as the table in ARCHITECTURE.md allows.
 *
 *     node scripts/layers.ts
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, normalize } from 'node:path/posix'
import { fileURLToPath } from 'node:url'
import { type Import, readImports } from './read-imports.ts'

/** One row of the table. */
export interface Layer {
  /** Folder below src/: `tensor`, `backend/cpu`. */
  readonly folder: string
  /** Layers that its files may import from; also what lies in the root of the repository (`scripts`), and packages. */
  readonly mayImport: ReadonlySet<string>
  /** Whether it may import `node:` modules and use what only Node has. */
  readonly knowsNode: boolean
}

export interface Finding {
  readonly file: string
  readonly line: number
  readonly message: string
}

/**
 * Reads the table whose header begins `| layer | folder | may import |`.
 *
 * @throws Error when there is no table, or a row allows what stands below it
 */
export function readLayers(markdown: string): Layer[] {
  const lines = markdown.split('\n')
  const start = lines.findIndex((line) => /^\|\s*layer\s*\|\s*folder\s*\|\s*may import\s*\|/.test(line))
  if (start < 0) throw new Error('ARCHITECTURE.md has no table that begins "| layer | folder | may import |"')
  const layers: Layer[] = []
  for (let i = start + 2; lines[i]?.startsWith('|'); i++) {
    const [, folderCell = '', importCell = ''] = lines[i].slice(1).split('|')
    const folder = /`(?:src\/)?([^`]+?)\/?`/.exec(folderCell)?.[1]
    if (folder === undefined)
      throw new Error(`ARCHITECTURE.md:${i + 1}: the second column must hold a folder: \`tensor/\``)
    const above = layers.map((layer) => layer.folder)
    const named = [...importCell.matchAll(/`([^`]+?)\/?`/g)].map((match) => match[1])
    const mayImport = new Set([...(/everything above/.test(importCell) ? above : []), ...named])
    const knowsNode = mayImport.delete('node:')
    if (mayImport.size === 0 && !knowsNode && importCell.trim() !== 'nothing') {
      throw new Error(
        `ARCHITECTURE.md:${i + 1}: say what ${folder} may import: folders, "everything above" or "nothing"`,
      )
    }
    for (const name of mayImport) {
      if (above.includes(name) || !lines.some((line) => line.includes(`| \`${name}/\` |`))) continue
      throw new Error(
        `ARCHITECTURE.md:${i + 1}: ${folder} may import ${name}, which stands below it; move one of the rows`,
      )
    }
    layers.push({ folder, mayImport, knowsNode })
  }
  return layers
}

const isTest = (file: string) => file.endsWith('.test.ts')

/**
 * Holds a tree of sources against the table.
 *
 * @param sources text by path from the root of the repository, `src/tensor/tensor.ts`
 * @param packages what users of the package get in node_modules: its dependencies
 */
export function checkLayers(
  layers: readonly Layer[],
  sources: ReadonlyMap<string, string>,
  packages: ReadonlySet<string> = new Set(),
): Finding[] {
  const findings: Finding[] = []
  const layerOf = (path: string) => {
    const inside = layers.filter(({ folder }) => path.startsWith(`src/${folder}/`))
    return inside.sort((a, b) => b.folder.length - a.folder.length)[0]
  }
  const graph = new Map<string, { target: string; line: number }[]>()

  for (const [file, text] of sources) {
    const report = (line: number, message: string) => void findings.push({ file, line, message })
    const layer = layerOf(file)
    if (layer === undefined) {
      report(1, 'lies in no folder that the table of ARCHITECTURE.md lists; give its folder a row, or move it')
      continue
    }
    const { imports, openImports, nodeGlobals } = readImports(text)
    const edges: { target: string; line: number }[] = []
    graph.set(file, edges)
    for (const each of imports) {
      if (each.specifier.startsWith('.')) {
        const target = normalize(join(dirname(file), each.specifier))
        if (target.startsWith('src/') && !sources.has(target)) {
          report(each.line, `imports ${target}, which does not exist`)
          continue
        }
        if (each.kind === 'file' && sources.has(target)) edges.push({ target, line: each.line })
        if (!isTest(file)) checkFileImport(layer, target, layerOf(target), each, report)
      } else if (!isTest(file)) checkPackageImport(layer, each, packages, report)
    }
    if (isTest(file) || layer.knowsNode) continue
    for (const line of openImports)
      report(line, `imports something that is not known before it runs; only folders with \`node:\` may`)
    for (const { name, line } of nodeGlobals)
      report(line, `uses ${name}, which browsers lack; ${withoutNode(layer.folder)}`)
  }

  for (const { folder } of layers) {
    if ([...sources.keys()].some((file) => file.startsWith(`src/${folder}/`))) continue
    findings.push({
      file: 'ARCHITECTURE.md',
      line: 1,
      message: `the table lists src/${folder}/, which has no files; remove its row`,
    })
  }
  return [...findings, ...findCircles(graph)]
}

const withoutNode = (folder: string) =>
  `only folders with \`node:\` in the table know Node: pass what ${folder} needs as an argument, or move this to src/node/`

type Report = (line: number, message: string) => void

function checkFileImport(layer: Layer, target: string, to: Layer | undefined, { line }: Import, report: Report) {
  if (!target.startsWith('src/')) {
    const top = target.split('/')[0]
    if (layer.mayImport.has(top)) return
    return report(
      line,
      `imports ${target}, outside src/; move what it needs into src/, or list \`${top}\` in the row of ${layer.folder}`,
    )
  }
  if (to === undefined || to === layer) return
  if (isTest(target)) return report(line, `imports a test, ${target}; move what both need into a file of its own`)
  if (!layer.mayImport.has(to.folder)) {
    const allowed = layer.mayImport.size > 0 ? `only ${[...layer.mayImport].join(', ')}` : 'nothing'
    return report(
      line,
      `${layer.folder} imports ${target}, but may import ${allowed}; move the code down, pass it as an argument, or change the table in ARCHITECTURE.md`,
    )
  }
  // A folder inside another layer's folder (backend/cpu) is at home there and imports its files.
  const isInside = layer.folder.startsWith(`${to.folder}/`)
  if (target !== `src/${to.folder}/index.ts` && !isInside)
    report(line, `imports ${target}; across folders import src/${to.folder}/index.ts, and export there what is public`)
}

function checkPackageImport(layer: Layer, { specifier, line }: Import, packages: ReadonlySet<string>, report: Report) {
  if (specifier.startsWith('node:')) {
    if (!layer.knowsNode) report(line, `imports ${specifier}; ${withoutNode(layer.folder)}`)
    return
  }
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  if (isBuiltin(name)) return report(line, `imports ${name}; write node:${specifier}`)
  if (!packages.has(name)) {
    return report(
      line,
      `imports the package ${name}, which is not among the dependencies of package.json; do without, or add it`,
    )
  }
  if (!layer.mayImport.has(name))
    report(
      line,
      `imports the package ${name}; do without, or list \`${name}\` in the row of ${layer.folder} in ARCHITECTURE.md`,
    )
}

/** One finding for each way back that a depth-first walk meets. */
function findCircles(graph: ReadonlyMap<string, readonly { target: string; line: number }[]>): Finding[] {
  const findings: Finding[] = []
  const done = new Set<string>()
  const path: string[] = []
  const visit = (file: string) => {
    path.push(file)
    for (const { target, line } of graph.get(file) ?? []) {
      const at = path.indexOf(target)
      if (at >= 0) {
        const circle = [...path.slice(at), target].join(' → ')
        const message = `closes a circle: ${circle}; move what they share into a file of its own (types count too)`
        findings.push({ file, line, message })
      } else if (!done.has(target)) visit(target)
    }
    path.pop()
    done.add(file)
  }
  for (const file of graph.keys()) if (!done.has(file)) visit(file)
  return findings
}

/** Checks the repository itself. */
export function checkRepository(root: string): { readonly files: number; readonly findings: readonly Finding[] } {
  const text = (path: string) => readFileSync(join(root, path), 'utf8')
  const layers = readLayers(text('ARCHITECTURE.md'))
  const files = globSync('src/**/*.ts', { cwd: root }).map((file) => file.replaceAll('\\', '/'))
  const sources = new Map(files.sort().map((file) => [file, text(file)]))
  const { dependencies = {} } = existsSync(join(root, 'package.json')) ? JSON.parse(text('package.json')) : {}
  return { files: sources.size, findings: checkLayers(layers, sources, new Set(Object.keys(dependencies))) }
}

/** How a finding is printed: `src/nn/linear.ts:3: what, and how to mend it`. */
export const findingText = ({ file, line, message }: Finding) => `${file}:${line}: ${message}`

if (import.meta.main) {
  const { files, findings } = checkRepository(fileURLToPath(new URL('..', import.meta.url)))
  for (const finding of findings) console.error(findingText(finding))
  console.log(
    findings.length === 0 ? `${files} files keep to the table` : `${findings.length} findings in ${files} files`,
  )
  process.exitCode = findings.length === 0 ? 0 : 1
}
