/** Pages for tests, written by hand: what stands in `expected` is the main text. */
export interface TestPage {
  readonly name: string
  readonly html: string
  readonly expected: string
}

const kazakhMenu = ['Басты бет', 'Жаңалықтар', 'Саясат', 'Экономика', 'Мәдениет', 'Спорт', 'Байланыс']
const links = (names: readonly string[]) => names.map((name, i) => `<li><a href="/${i}">${name}</a></li>`).join('\n')

const kazakh: TestPage = {
  name: 'Kazakh news',
  html: `<!DOCTYPE html>
<html lang="kk">
<head><meta charset="utf-8"><title>Ауылда жаңа кітапхана ашылды — Дала жаңалықтары</title>
<link rel="canonical" href="https://example.kz/news/12">
<style>.a { color: red }</style></head>
<body>
<div class="top"><ul>${links(kazakhMenu)}</ul></div>
<div class="wrap">
<h1>Ауылда жаңа кітапхана ашылды</h1>
<div class="date">12 наурыз, 10:45 | Қаралды: 1204</div>
<div class="share"><a href="#">Бөлісу</a> Достарыңызға жіберіңіз және пікір қалдырыңыз, бұл біз үшін өте маңызды болып табылады.</div>
<p>Кеше ауыл тұрғындары көптен күткен жаңа кітапхананың есігі айқара ашылды. Оның сөрелерінде он мыңға жуық кітап бар, олардың ішінде балаларға арналған ертегілер мен өлеңдер де мол.</p>
<p>— Біз бұл күнді ұзақ күттік, — дейді мұғалім.</p>
<p>Кітапхана күн сайын таңғы тоғыздан кешкі жетіге дейін жұмыс істейді. Оқырмандар кітапты үйге де ала алады,
ал оқу залында компьютерлер мен тегін интернет бар. Ғимарат ескі мектептің орнына салынды.</p>
<div class="more"><a href="/1">Тағы оқыңыз: Көктемгі егіс басталды</a></div>
<div class="more"><a href="/2">Қалада спорт кешені салынады</a></div>
</div>
<div class="bottom">© Дала жаңалықтары. Барлық құқықтар қорғалған.</div>
<script>document.write("<p>Жарнама</p>")</script>
</body></html>`,
  expected: `Ауылда жаңа кітапхана ашылды

Кеше ауыл тұрғындары көптен күткен жаңа кітапхананың есігі айқара ашылды. Оның сөрелерінде он мыңға жуық кітап бар, олардың ішінде балаларға арналған ертегілер мен өлеңдер де мол.

— Біз бұл күнді ұзақ күттік, — дейді мұғалім.

Кітапхана күн сайын таңғы тоғыздан кешкі жетіге дейін жұмыс істейді. Оқырмандар кітапты үйге де ала алады, ал оқу залында компьютерлер мен тегін интернет бар. Ғимарат ескі мектептің орнына салынды.`,
}

const chinese: TestPage = {
  name: 'Chinese article',
  html: `<html lang="zh-CN"><head><title>大熊猫的一天</title></head><body>
<div id="nav"><a href="/">首页</a> <a href="/news">新闻</a> <a href="/video">视频</a> <a href="/about">关于我们</a></div>
<div><h2>大熊猫的一天</h2>
<div>来源：本站　作者：小李</div>
<p>大熊猫每天要花十几个小时吃竹子，剩下的时间大多在睡觉。它们的消化系统仍然像食肉动物，因此只能吸收竹子里的一小部分营养。</p>
<p>为什么它们这样悠闲？</p>
<p>研究人员认为，这种生活方式可以节省能量。在冬天，大熊猫不会冬眠，而是搬到海拔较低的地方，那里的竹子更多，天气也更暖和。</p>
<p><a href="/1">相关阅读：金丝猴的家</a></p></div>
<div>版权所有 备案号 123</div></body></html>`,
  expected: `大熊猫的一天

大熊猫每天要花十几个小时吃竹子，剩下的时间大多在睡觉。它们的消化系统仍然像食肉动物，因此只能吸收竹子里的一小部分营养。

为什么它们这样悠闲？

研究人员认为，这种生活方式可以节省能量。在冬天，大熊猫不会冬眠，而是搬到海拔较低的地方，那里的竹子更多，天气也更暖和。`,
}

const documentation: TestPage = {
  name: 'documentation with code',
  html: `<!doctype html><html lang=en><title>split() &mdash; Text library</title>
<header><nav><a href=/>Docs</a> <a href=/api>API</a></nav></header>
<aside class="sidebar"><ul>${links(['join', 'split', 'trim', 'replace'])}</ul></aside>
<main>
<h1>split</h1>
<p>Cuts a text at every place where the separator stands, and gives the pieces in order.
<pre><code class="language-js"><span class="k">const</span> parts = split("a,b", ",")
  // two spaces &amp; a tab:	end
</code></pre>
<h2>Parameters</h2>
<ul>
<li><code>text</code>: what is cut
<li><code>separator</code>: where
  <ol><li>a string<li>a pattern</ol>
</ul>
<h2>Errors</h2>
<table><thead><tr><th>Code<th>When</tr></thead>
<tr><td>E1<td>the separator is <b>empty</b></tr>
<tr><td>E2</td><td><p>the text is no string</p></td></tr></table>
<h2>See also</h2>
<p><a href=/join>join</a>, <a href=/replace>replace</a></p>
</main><footer>Made with care. Version 3.</footer>`,
  expected: `split

Cuts a text at every place where the separator stands, and gives the pieces in order.

const parts = split("a,b", ",")
  // two spaces & a tab:	end

Parameters

- text: what is cut
- separator: where
  1. a string
  2. a pattern

Errors

Code | When
E1 | the separator is empty
E2 | the text is no string`,
}

const linksOnly: TestPage = {
  name: 'links alone',
  html: `<title>Site map</title><h1>Site map</h1><div>${Array.from(
    { length: 60 },
    (_, i) => `<p><a href="/${i}">A page about something that has a rather long name, number ${i}</a></p>`,
  ).join('')}</div><p>Contact us</p>`,
  expected: '',
}

const long = (n: number) =>
  `Paragraph ${n} is about the sea and the ships that sail on it, from one harbour to the next, in good weather and in bad, ` +
  `with sailors who sing and captains who do not, and it goes on like this until it is long enough to count.`

const unclosed: TestPage = {
  name: 'tags that nobody closed',
  html: `<body><div class=menu><a href=/>Home<a href=/2>Two</div><div><h2>Ships<p>${long(1)}<p>Short one.<p><b>${long(2)}
<ul><li>oak<li>pine<li>fir</ul><p>${long(3)} <a href="/x">last link`,
  expected: `Ships

${long(1)}

Short one.

${long(2)}

- oak
- pine
- fir

${long(3)} last link`,
}

const openNavigation: TestPage = {
  name: 'a navigation that was never closed',
  html: `<body><nav><a href="/">Home</a> <a href="/a">About</a><div><p>${long(1)}</p><p>${long(2)}</p></div></body>`,
  expected: `${long(1)}\n\n${long(2)}`,
}

const layoutTable: TestPage = {
  name: 'an old page laid out by a table',
  html: `<HTML><BODY BGCOLOR="#FFFFFF"><TABLE WIDTH=100%><TR><TD WIDTH=150><A HREF="a.htm">One</A><BR><A HREF="b.htm">Two</A></TD>
<TD><H3>The Sea</H3><FONT SIZE=2>${long(1)}<BR><BR>${long(2)}<P>${long(3)}</FONT></TD></TR></TABLE></BODY></HTML>`,
  expected: `The Sea

${long(1)}

${long(2)}

${long(3)}`,
}

const hidden: TestPage = {
  name: 'what is not to be seen',
  html: `<article><header><h1>Whales</h1></header><p hidden>${long(7)}</p><p>${long(1)}</p>
<div style="display:none">${long(8)}</div><p>Text with <span class="sr-only">hidden words</span>a span, and <span>one that</span> shows, too.</p>
<div role="dialog">${long(9)}</div><svg><title>Logo</title><path d="M0"/></svg><p>The end.</p>
<form action="/subscribe"><label>Mail</label><input><button>Subscribe to our letter, which comes every week, for free, and is full of news.</button></form></article>`,
  expected: `Whales

${long(1)}

Text with a span, and one that shows, too.

The end.`,
}

const russianForum: TestPage = {
  name: 'Russian page with comments around',
  html: `<html lang="ru"><body class="has-sidebar"><div id="sidebar"><p>${'Подпишитесь на наши новости, чтобы узнать всё первыми. '.repeat(5)}</p></div>
<div id="content"><h1>Как заварить чай</h1><p>Сначала согрейте чайник кипятком. Затем насыпьте чай из расчёта одна ложка на чашку и залейте водой, которая только что вскипела, но уже не бурлит. Накройте и подождите четыре минуты.</p>
<p>Приятного чаепития!</p><blockquote>Чай не пьёшь — откуда силу возьмёшь? Так говорили старые люди, и они знали, о чём говорили, потому что чай у них был хороший, а вода была чистая, и времени на чаепитие хватало всегда и всем.</blockquote></div>
<div class="comments"><p>${'Спасибо, очень полезная статья, обязательно попробую сегодня вечером с друзьями. '.repeat(4)}</p></div></body></html>`,
  expected: `Как заварить чай

Сначала согрейте чайник кипятком. Затем насыпьте чай из расчёта одна ложка на чашку и залейте водой, которая только что вскипела, но уже не бурлит. Накройте и подождите четыре минуты.

Приятного чаепития!

Чай не пьёшь — откуда силу возьмёшь? Так говорили старые люди, и они знали, о чём говорили, потому что чай у них был хороший, а вода была чистая, и времени на чаепитие хватало всегда и всем.`,
}

const encyclopedia: TestPage = {
  name: 'encyclopedia entry with many links',
  html: `<main><h1>Otter</h1><p>${'The <a href="/o">otter</a> lives in <a href="/r">rivers</a> and along coasts, where it hunts fish and crabs, and is known for its play. '.repeat(3)}</p>
<h2>Food</h2><h3>Fish</h3><p>Eels and trout.</p><h2>References</h2><ol><li><a href="/1">A book about otters and their rivers</a></li></ol></main>`,
  expected: `Otter

${'The otter lives in rivers and along coasts, where it hunts fish and crabs, and is known for its play. '.repeat(3).trim()}

Food

Fish

Eels and trout.`,
}

export const testPages: readonly TestPage[] = [
  kazakh,
  chinese,
  documentation,
  linksOnly,
  unclosed,
  openNavigation,
  layoutTable,
  hidden,
  russianForum,
  encyclopedia,
]
