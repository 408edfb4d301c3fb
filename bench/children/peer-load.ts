import { openTokenizer, tokenizerPeers } from '../peers/tokenizers.ts'

// What is waited for until a package gives the first ids, its vocabulary included: node peer-load.ts NAME ENCODING. The
// vocabulary is part of these packages, so importing them is part of the time.

const [name, encoding] = process.argv.slice(2)
const peer = tokenizerPeers.find((one) => one.name === name)!
const start = performance.now()
const tokenizer = await openTokenizer(peer, encoding as 'o200k_base', () => '')
if ('why' in tokenizer) throw new Error(tokenizer.why)
const ids = await tokenizer.encode('Hello! Сәлем!')
console.log(JSON.stringify({ milliseconds: performance.now() - start, ids: ids.length }))
