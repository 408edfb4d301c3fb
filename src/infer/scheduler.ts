import { AlippeError, ConfigError } from '../base/index.ts'
import { PAGE } from '../tensor/index.ts'
import type { PrefixCache } from './prefix-cache.ts'
import { newText, type Text } from './text.ts'

export interface SchedulerOptions {
  /** Texts that hold pages at a time. */
  readonly maxTexts: number
  /** Rows of a step, as far as prompts go: what decoding leaves of them, and never less than one. */
  readonly chunk: number
  /** Rows of a step whose logits are wanted, for texts that want them of each token. */
  readonly maxLogits?: number
  /** Steps by which one more of priority goes before an equal. */
  readonly aging?: number
}

/** What one run of the model computes: the next tokens of some texts. */
export interface Step {
  readonly texts: readonly Text[]
  /** The position of each text's first token that is computed. */
  readonly starts: readonly number[]
  /** How many tokens of each. */
  readonly counts: readonly number[]
  /** How many of these, the last ones, are answered. */
  readonly answered: readonly number[]
  /** All of them together. */
  readonly rows: number
  /** Pages to copy before: page to[i] becomes what from[i] is. */
  readonly copies: { readonly from: readonly number[]; readonly to: readonly number[] }
}

/**
 * Decides which tokens are computed next, and in which pages. It knows no model and no clock: what it decides depends on the calls
 * alone.
 *
 * Texts are served in one order. A text that comes at step s with priority p stands at s − p · aging: within a priority who
 * comes first is served first, and however much of higher priority comes, `aging` steps later for each priority of difference
 * nothing goes before it any more. Every decoding text gets its row in every step; what is left of the chunk goes to
 * prompts in order. A waiting text is let in when its tokens, and a page more for each running text, have room. Where a running
 * text finds no page, the last in order gives up all of its pages and waits again, at its old place; so does, for a text of
 * higher priority that is let in, one of lower priority behind it.
 */
export interface Scheduler {
  /** In order, first the next to be served. */
  readonly running: readonly Text[]
  readonly waiting: readonly Text[]
  /** How often a text lost its pages. */
  readonly preemptions: number
  /** @throws ConfigError when its ids can never have room */
  add(text: Text): void
  /** A text that goes on from where `text` stands, sharing its pages. */
  fork(text: Text): Text
  /** Ends a text; its pages are free at once. */
  end(text: Text): void
  /** The next step, or undefined when there is nothing to compute. Pages are taken for it. */
  plan(): Step | undefined
  /** Tells that the step has been run. */
  done(step: Step): void
  /** @throws AlippeError when pages are lost or held by the wrong texts */
  check(): void
}

/** The text has tokens to be computed. */
const isBehind = (text: Text) => text.computed < text.length
/** All but the newest of its tokens are computed. */
const isDecoding = (text: Text) => text.computed === text.length - 1
const goesBefore = (a: Text, b: Text) => a.order < b.order || (a.order === b.order && a.arrival < b.arrival)
const pagesFor = (tokens: number) => Math.ceil(tokens / PAGE)

export function scheduler(cache: PrefixCache, options: SchedulerOptions): Scheduler {
  const { maxTexts, chunk, maxLogits = 64, aging = 256 } = options
  for (const [name, value] of Object.entries({ maxTexts, chunk, maxLogits, aging }))
    if (!Number.isInteger(value) || value < 1)
      throw new ConfigError(`scheduler: ${name} must be a whole number of 1 or more, got ${value}`)
  const { pool } = cache
  const running: Text[] = []
  const waiting: Text[] = []
  /** Copies of the step that is being planned. */
  let copies = { from: [] as number[], to: [] as number[] }
  /** Sources of copies, held until the step is planned: so none of its texts writes to them. */
  const copied: number[] = []
  let steps = 0
  let preemptions = 0
  let arrivals = 0

  /** Puts a text where its order says; behind equals, which came earlier. */
  const enqueue = (queue: Text[], text: Text) => {
    let place = queue.length
    while (place > 0 && goesBefore(text, queue[place - 1])) place--
    queue.splice(place, 0, text)
  }
  const remove = (queue: Text[], text: Text) => {
    const place = queue.indexOf(text)
    if (place >= 0) queue.splice(place, 1)
  }
  /** Lets go of a text's pages, the last first: so the prefix cache gives leaves away first. */
  const letGo = (text: Text) => {
    while (text.pages.length > 0) pool.letGo(text.pages.pop()!)
    text.prefix = undefined
    text.told = 0
    text.computed = 0
  }
  const preempt = (text: Text) => {
    preemptions++
    remove(running, text)
    // Nobody needs the copies that it was to have, and their pages may go to others.
    const isKept = copies.to.map((page) => !text.pages.includes(page))
    copies = { from: copies.from.filter((_, i) => isKept[i]), to: copies.to.filter((_, i) => isKept[i]) }
    letGo(text)
    text.state = 'waiting'
    enqueue(waiting, text)
  }

  /** A page for `text`, taken from the last in order where there is none; −1 when that is the text itself. */
  const pageFor = (text: Text): number => {
    for (;;) {
      const page = pool.take()
      if (page >= 0) return page
      const victim = running[running.length - 1]
      preempt(victim)
      if (victim === text) return -1
    }
  }

  /** Makes room for the tokens up to `end`. @returns whether the text still runs */
  const reserve = (text: Text, end: number): boolean => {
    for (let i = Math.floor(text.computed / PAGE); i < pagesFor(end); i++) {
      const old = i < text.pages.length ? text.pages[i] : -1
      if (old >= 0 && pool.holders(old) === 1) continue
      const page = pageFor(text)
      if (page < 0) return false
      text.pages[i] = page
      if (old < 0) continue
      // The old page belongs to others too, so the text goes on in a copy; where it holds nothing yet, in another page.
      if (i * PAGE < text.computed) {
        copies.from.push(old)
        copies.to.push(page)
        copied.push(old)
      } else pool.letGo(old)
    }
    return true
  }

  /** Lets the first of the waiting in, if it finds room. */
  const admit = (text: Text): boolean => {
    const victims = running.filter(
      (other) => !isBehind(other) || (other.priority < text.priority && goesBefore(text, other)),
    )
    const most = text.wanted === 'next' ? text.length - 1 : 0
    const found = cache.find(text.ids, most)
    for (const { page } of found) pool.hold(page)
    const needed = pagesFor(text.length) - found.length
    // Every running text may soon want a page.
    const fits = () => running.length < maxTexts && pool.available >= needed + running.length
    const couldFit = () =>
      running.length - victims.length < maxTexts &&
      pool.available + victims.reduce((pages, victim) => pages + victim.pages.length, 0) >=
        needed + running.length - victims.length
    if (!fits() && couldFit()) while (!fits() && victims.length > 0) preempt(victims.pop()!)
    if (!fits()) {
      for (const { page } of found.toReversed()) pool.letGo(page)
      return false
    }
    remove(waiting, text)
    for (const { page } of found) text.pages.push(page)
    for (let i = 0; i < needed; i++) text.pages.push(pool.take())
    text.prefix = found.at(-1)
    text.told = found.length
    text.shared = text.computed = found.length * PAGE
    text.state = 'running'
    enqueue(running, text)
    return true
  }

  return {
    running,
    waiting,
    get preemptions() {
      return preemptions
    },
    add(text) {
      if (pagesFor(text.length) > pool.size)
        throw new ConfigError(
          `a text of ${text.length} tokens has no room in a cache of ${pool.size * PAGE}; give it more`,
        )
      text.order = steps - text.priority * aging
      text.arrival = arrivals++
      text.state = 'waiting'
      enqueue(waiting, text)
    },
    fork(text) {
      const { wanted, priority } = text
      const other = newText(text.ids.subarray(0, text.length), { wanted, priority })
      other.order = text.order
      other.arrival = text.arrival
      if (text.state === 'running' && running.length < maxTexts) {
        for (const page of text.pages) pool.hold(page)
        other.pages.push(...text.pages)
        Object.assign(other, { prefix: text.prefix, told: text.told, computed: text.computed, shared: text.computed })
        other.state = 'running'
        enqueue(running, other)
      } else {
        other.state = 'waiting'
        enqueue(waiting, other)
      }
      return other
    },
    end(text) {
      remove(text.state === 'running' ? running : waiting, text)
      letGo(text)
      text.state = 'ended'
    },
    plan() {
      copies = { from: [], to: [] }
      const before = preemptions
      const planned = new Map<Text, number>()
      let decoding = 0
      let logits = 0
      for (const text of running.slice()) {
        // Who lost its pages meanwhile waits.
        if (text.state !== 'running' || !isDecoding(text)) continue
        if (reserve(text, text.length)) planned.set(text, 1)
      }
      for (const text of planned.keys()) {
        if (text.state !== 'running') planned.delete(text)
        else decoding++
      }
      let left = Math.max(1, chunk - decoding)
      const read = (text: Text) => {
        const most = text.wanted === 'each' ? Math.min(left, maxLogits - logits) : left
        const count = Math.min(text.length - text.computed, most)
        if (count <= 0 || !reserve(text, text.computed + count)) return
        planned.set(text, count)
        left -= count
        if (text.wanted === 'each') logits += count
      }
      for (const text of running.slice()) {
        if (left > 0 && text.state === 'running' && isBehind(text) && !planned.has(text)) read(text)
      }
      // Where pages were too few for those that run, nobody is let in.
      while (left > 0 && preemptions === before) {
        const next = waiting.find(isBehind)
        if (next === undefined || !admit(next)) break
        read(next)
      }

      while (copied.length > 0) pool.letGo(copied.pop()!)
      const chosen = [...planned].filter(([text]) => text.state === 'running')
      steps++
      if (chosen.length === 0) return undefined
      const texts = chosen.map(([text]) => text)
      const counts = chosen.map(([, count]) => count)
      return {
        texts,
        starts: texts.map(({ computed }) => computed),
        counts,
        answered: texts.map(({ wanted, computed, length }, i) => {
          if (wanted !== 'next') return counts[i]
          return computed + counts[i] === length ? 1 : 0
        }),
        rows: counts.reduce((sum, count) => sum + count, 0),
        copies,
      }
    },
    done({ texts, counts }) {
      for (let i = 0; i < texts.length; i++) {
        const text = texts[i]
        if (text.state !== 'running') continue
        text.computed += counts[i]
        while ((text.told + 1) * PAGE <= text.computed) tell(text)
      }
    },
    check() {
      cache.check()
      const holders = new Int32Array(pool.size)
      for (const text of running) for (const page of text.pages) holders[page]++
      const wrong = holders.findIndex((count, page) => count !== pool.holders(page))
      if (wrong >= 0)
        throw new AlippeError(
          'ALIPPE_BLOCKS',
          `page ${wrong} is held ${pool.holders(wrong)} times, but ${holders[wrong]} texts have it`,
        )
    },
  }

  /** Tells the prefix cache of a text's next full page; the text goes on with the page that is known for it. */
  function tell(text: Text): void {
    const page = text.pages[text.told]
    const prefix = cache.insert(text.prefix ?? cache.root, text.ids, text.told * PAGE, page)
    text.prefix = prefix
    text.told++
    if (prefix.page < 0 || prefix.page === page) return
    pool.hold(prefix.page)
    text.pages[text.told - 1] = prefix.page
    pool.letGo(page)
  }
}
