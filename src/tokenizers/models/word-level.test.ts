import { describe, expect, it } from 'vitest'
import { TokenList } from '../token-list.ts'
import { wordLevelModel } from './word-level.ts'

const vocab = new Map([
  ['<unk>', 0],
  ['қ', 1],
  ['😀', 3],
])

describe('wordLevelModel', () => {
  it('gives whole words, and the unknown token for others', () => {
    const model = wordLevelModel({ vocab })
    const out = new TokenList({ tracked: true })
    for (const word of ['😀', '😀😀', 'қ']) model.encode(word, out)
    expect(out.spans).toEqual([0, 2, 0, 4, 0, 1])
    expect([...out.take()]).toEqual([3, 0, 1])
    expect([model.vocabSize, model.tokenOf(2), model.tokenOf(3), model.idOf('қ')]).toEqual([4, undefined, '😀', 1])
    expect(model.toJson()).toEqual({ type: 'WordLevel', unk_token: '<unk>', vocab: { '<unk>': 0, қ: 1, '😀': 3 } })
  })

  it('refuses what it has no token for', () => {
    const few = new Map([['a', 0]])
    const out = new TokenList({ tracked: false })
    expect(() => wordLevelModel({ vocab: few }).encode('b', out)).toThrow(/wordLevelModel: no token for "b"/)
  })
})
