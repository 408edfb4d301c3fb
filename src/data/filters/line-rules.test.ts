import { describe, expect, it } from 'vitest'
import { Draft } from './filter.ts'
import { lineRules } from './line-rules.ts'

const judge = (text: string, options = {}, id = 'a') =>
  lineRules(options).judge(new Draft({ id, text, source: 's', meta: {} }))

const story = 'The river froze in the night, and in the morning the whole village stood on it and looked down.'
const әңгіме = 'Түнде өзен қатып қалды, ал таңертең бүкіл ауыл мұз үстінде тұрып, төменге ұзақ қарап тұрды екен дейді.'

describe('lineRules', () => {
  it.each([
    [`Home\n* Log in\n\n${story}\n\nShare\nRead more »\n© Copyright 2020 Somebody\n`, `\n${story}\n\n`],
    [`Басты бет\n${әңгіме}\nБөлісу:\nТолығырақ →\nЧитать далее…\nREAD MORE...`, `${әңгіме}\n`],
    [`${story}\r\nПоделиться\r\n`, `${story}\r\n`],
  ])('takes boilerplate from the edges: %j', (text, wanted) => {
    expect(judge(text)).toMatchObject({ text: wanted })
  })

  it('leaves the middle, headings, sentences, programs and other lines', () => {
    for (const text of [
      `${story}\nShare\n${story}\n`.repeat(2) + story,
      `# Download\n${story}\n## Contact\nWrite a letter.`,
      `${story}\n“More!”\nMore.\nSearch?`,
      `Share of the market\n${story}\nRead more books than you buy`,
      '',
      '\n\n',
    ]) {
      expect(judge(text), text).toBeUndefined()
    }
    expect(judge('Share\nHome', {}, 'menu.ts')).toBeUndefined()
  })

  it('looks only so far, and drops what is nothing else', () => {
    const lines = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}`).join('\n')
    expect(judge(`${lines(12)}\nShare\n${lines(12)}`)).toBeUndefined()
    expect(judge(`${lines(11)}\nShare\n${lines(12)}`)).toMatchObject({ did: { 'lines of boilerplate': 1 } })
    expect(judge(`${lines(3)}\nShare\n${lines(3)}`, { edge: 3 })).toBeUndefined()
    expect(judge('Home\nMenu\n\nLog in')).toEqual({ drop: 'nothing but boilerplate', why: 'all of 3 lines with words' })
    expect(judge(`${story}\nUnser Verein`, { also: ['unser verein'] })).toMatchObject({ text: `${story}\n` })
  })
})
