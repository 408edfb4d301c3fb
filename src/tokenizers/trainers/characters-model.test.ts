import { describe, expect, it } from 'vitest'
import { TokenList } from '../token-list.ts'
import { charactersModel } from './characters-model.ts'

const vocab = new Map([
  ['<unk>', 0],
  ['қ', 1],
  ['😀', 3],
])

describe('charactersModel', () => {
  it('gives single characters, never half of one', () => {
    const model = charactersModel({ vocab })
    const out = new TokenList({ tracked: true })
    model.encode('қ😀aқ', out)
    expect(out.spans).toEqual([0, 1, 1, 3, 3, 4, 4, 5])
    expect([...out.take()]).toEqual([1, 3, 0, 1])
    expect(model.toJson()).toMatchObject({ type: 'BPE', merges: [], unk_token: '<unk>', fuse_unk: false })
  })

  it('refuses what it has no token for', () => {
    const few = charactersModel({ vocab: new Map([['a', 0]]) })
    expect(() => few.encode('ab', new TokenList({ tracked: false }))).toThrow(/charactersModel: no token for "b"/)
  })
})
