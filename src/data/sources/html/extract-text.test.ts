import { describe, expect, it } from 'vitest'
import { testPages } from '../../../../test/data/html-pages.ts'
import { readBytes, utf8 } from '../testing.ts'
import { extractText } from './extract-text.ts'

/** A paragraph that is long enough to be main text wherever it stands. */
const paragraph = 'Words about whales and the wide sea that they live in. '.repeat(5).trim()

describe('the main text of a page', () => {
  it.each(testPages.map((page) => [page.name, page] as const))('%s', (_, { html, expected }) => {
    expect(extractText(html).text).toBe(expected)
  })

  it('comes with what the head says', () => {
    expect(extractText(testPages[0].html).meta).toEqual({
      title: 'Ауылда жаңа кітапхана ашылды — Дала жаңалықтары',
      lang: 'kk',
      url: 'https://example.kz/news/12',
    })
    const og =
      '<html lang=""><meta property="og:url" content="https://a.b/?x=1&amp;y"><title> A\n B </title><title>C</title>'
    expect(extractText(og).meta).toEqual({ title: 'A B', url: 'https://a.b/?x=1&y' })
  })

  it('does not depend on how deep it lies', () => {
    for (const tag of ['div', 'b', 'table', 'ul', 'a', 'p', 'main', 'nav', 'svg', 'pre']) {
      const started = performance.now()
      const { text } = extractText(
        `${`<${tag}>`.repeat(100_000)}<div><p>${paragraph}</p></div>${`</${tag}>`.repeat(100_000)}`,
      )
      expect(performance.now() - started).toBeLessThan(3000)
      // Links and navigation stay out however many there are; the rest is there.
      if (!['a', 'nav', 'svg'].includes(tag)) expect(text).toContain(paragraph)
    }
  })

  it('is linear in hostile pages', () => {
    for (const bit of [
      '</b></div>',
      '<!--',
      '<a ',
      '&amp',
      '<br>',
      ' | ',
      '<td>x',
      '<p>a',
      '<li>',
      '\u0001 ',
      '<title>',
      '<x y=z ',
      '<',
    ]) {
      const started = performance.now()
      extractText(bit.repeat(200_000))
      expect(performance.now() - started).toBeLessThan(4000)
    }
  })

  it('is read in the encoding that the page names', async () => {
    const html = `<meta charset="windows-1251"><main><p>Привет, мир. Это страница о китах и о море, в котором они живут.</main>`
    const bytes = Uint8Array.from(html, (c) =>
      c >= 'А' && c <= 'я' ? c.charCodeAt(0) - 0x410 + 0xc0 : c.charCodeAt(0),
    )
    const expected = 'Привет, мир. Это страница о китах и о море, в котором они живут.'
    expect((await readBytes('a.html', bytes)).documents[0].text).toBe(expected)
    // Where the bytes are UTF-8, they are, whatever the page says.
    expect((await readBytes('a.html', utf8(html))).documents[0].text).toBe(expected)
    const unknown = Uint8Array.from(`<meta charset=klingon><main><p>${paragraph}é</main>`, (c) => c.charCodeAt(0))
    const { documents, report } = await readBytes('a.html', unknown)
    expect(documents[0].text).toBe(`${paragraph}\ufffd`)
    expect(report.changed['not UTF-8'].bytes).toBe(1)
  })

  it('is one document, or counted', async () => {
    const { documents } = await readBytes('a/page.html', `<html lang=en><title>T</title><main><p>${paragraph}</main>`)
    expect(documents).toEqual([
      { id: 'a/page.html', text: paragraph, source: 'test', meta: { title: 'T', lang: 'en' } },
    ])
    const { report } = await readBytes('a.html', testPages[3].html)
    expect(report.dropped['no main text']).toMatchObject({ documents: 1, bytes: testPages[3].html.length })
    const long = await readBytes('a.html', 'x'.repeat(300), { longestRecord: 200 })
    expect(long.report.dropped['too long'].bytes).toBe(300)
  })
})
