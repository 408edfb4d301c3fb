import { readFileSync } from 'node:fs'
import { readTiktoken } from '../../src/tokenizers/index.ts'

// What is waited for from a rank file to the first ids: node tokenizer-load.ts FILE PIECES. Reading our own source is not
// part of it: that depends on how a program is packed.

const [file, pieces] = process.argv.slice(2)
const start = performance.now()
const tokenizer = readTiktoken(readFileSync(file), { pieces: pieces as 'o200k_base' })
const ids = tokenizer.encode('Hello! Сәлем!')
console.log(JSON.stringify({ milliseconds: performance.now() - start, ids: ids.length }))
