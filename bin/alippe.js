#!/usr/bin/env node
// Old versions of Node cannot read the program itself, so this file stays in the JavaScript that they can.
const [major] = process.versions.node.split('.').map(Number)
if (major < 24) {
  console.error(`alippe: Node ${process.versions.node} is too old, 24 or newer is needed.`)
  console.error('In the repository, `npx alippe` and `npm run alippe --` use the Node that comes with it.')
  process.exit(2)
}
const { enableCompileCache } = await import('node:module')
enableCompileCache?.() // the second start reads what the first has compiled
await import('../src/cli/main.ts')
