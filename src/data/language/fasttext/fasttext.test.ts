import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FormatError } from '../../../base/index.ts'
import { world } from '../../index.ts'
import { fastTextIdentifier } from './fasttext-identifier.ts'
import { readFastText } from './read-fasttext.ts'

// Predictions are those of Debian's `fasttext`, for models that it trains here.

const missing =
  spawnSync('fasttext').error === undefined ? undefined : 'fasttext is not installed: apt install fasttext'

/** Settings of training, and of compressing where the model is to be compressed. */
const models: Readonly<Record<string, { train: string; compress?: string; manyLabels?: true }>> = {
  'softmax over words': { train: '-loss softmax -minn 0 -maxn 0' },
  'softmax over parts of words': { train: '-loss softmax -minn 2 -maxn 4 -bucket 1000' },
  'softmax over word n-grams': { train: '-loss softmax -minn 0 -maxn 0 -wordNgrams 3 -bucket 997' },
  'hierarchical softmax': { train: '-loss hs -minn 3 -maxn 5 -wordNgrams 2 -bucket 1000' },
  'one against all': { train: '-loss ova -minn 2 -maxn 3 -bucket 1000' },
  'negative sampling': { train: '-loss ns -minn 0 -maxn 0 -neg 3' },
  compressed: { train: '-loss softmax -minn 2 -maxn 4 -bucket 1000', compress: '-dsub 2' },
  'compressed, with lengths and fewer features': {
    train: '-loss softmax -minn 2 -maxn 4 -wordNgrams 2 -bucket 1000',
    compress: '-qnorm -cutoff 600 -retrain -epoch 1',
  },
  'compressed, hierarchical, output too': {
    train: '-loss hs -minn 2 -maxn 4 -bucket 1000',
    compress: '-qnorm -qout -cutoff 900 -retrain -epoch 1 -dsub 4',
    // 256 rows are the least that fasttext compresses.
    manyLabels: true,
  },
}

const labels = 300
const documents = Array.from(world().documents().take(900), ({ text, kind, language }) => ({
  text: text.replaceAll('\n', ' ').trim(),
  label: `__label__${language}_${kind}`,
}))
const odd = ['', ' ', 'қ', 'a\tb\rc', '😀 emoji 😀', '__label__en_home __label__none x', '<a>', `${'ш'.repeat(300)}`]

const withByte = (bytes: Uint8Array, at: number, value: number) => bytes.map((byte, i) => (i === at ? value : byte))

const itIf = missing === undefined ? it : it.skip
const title = missing === undefined ? 'readFastText' : `readFastText: ${missing}`

describe(title, () => {
  let folder: string
  const paths: Record<string, string> = {}

  const trained = (name: string): string => {
    if (paths[name] !== undefined) return paths[name]
    const { train, compress, manyLabels = false } = models[name]
    const input = join(folder, 'train.txt')
    const lines = documents
      .slice(0, 800)
      .map(({ label, text }, i) => `${manyLabels ? `__label__${i % labels}` : label} ${text}\n`)
    writeFileSync(input, lines.join(''))
    const output = join(folder, String(Object.keys(paths).length))
    const run = (...all: string[]) => execFileSync('fasttext', all, { stdio: 'pipe' })
    run(
      'supervised',
      '-input',
      input,
      '-output',
      output,
      '-dim',
      '10',
      '-epoch',
      '3',
      '-thread',
      '1',
      ...train.split(' '),
    )
    if (compress !== undefined) {
      run('quantize', '-input', input, '-output', output, '-thread', '1', ...compress.split(' '))
    }
    return (paths[name] = compress === undefined ? `${output}.bin` : `${output}.ftz`)
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'alippe-fasttext-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  describe.each(Object.keys(models))('%s', (name) => {
    itIf('gives the probabilities that fasttext prints', () => {
      const path = trained(name)
      const model = readFastText(readFileSync(path), name)
      const texts = [
        ...documents.slice(800, 860).map(({ text }) => text),
        ...odd.map((text) => text.replace('\r', ' ')),
      ]
      const printed = execFileSync('fasttext', ['predict-prob', path, '-', String(labels)], {
        input: texts.map((text) => `${text}\n`).join(''),
        encoding: 'utf8',
        maxBuffer: 2 ** 24,
      }).split('\n')
      for (const [i, text] of texts.entries()) {
        const theirs = Object.fromEntries(
          [...printed[i].matchAll(/__label__(\S+) (\S+)/g)].map(([, label, probability]) => [
            label,
            Number(probability),
          ]),
        )
        const ours = Object.fromEntries(model.predict(text, labels).map((found) => [found.label, found.probability]))
        for (const [label, probability] of Object.entries(theirs)) {
          // Six digits are printed; float32 sums in another order move the seventh.
          const unit = Math.max(probability, 1e-4) * 1e-5
          const away = Math.abs((ours[label] ?? 0) - Math.min(1, probability))
          if (!(away < unit)) expect.fail(`${text}: ${label}: got ${ours[label]}, fasttext ${probability}`)
        }
        const [best] = model.predict(text)
        const most = Math.max(...Object.values(theirs))
        if (Object.keys(theirs).length > 0) expect(theirs[best.label], text).toBeCloseTo(most, 5)
        else expect(best, text).toBeUndefined()
      }
    })
  })

  itIf('stands bytes that are no model', () => {
    const bytes = ['compressed, with lengths and fewer features', 'hierarchical softmax'].map(
      (name) => new Uint8Array(readFileSync(trained(name))),
    )
    const flips = fc.record({
      which: fc.nat(1),
      length: fc.option(fc.nat(200_000)),
      // Most of what can be wrong stands in the head.
      at: fc.array(fc.tuple(fc.oneof(fc.nat(200), fc.nat(200_000)), fc.nat(255)), { maxLength: 4 }),
      giant: fc.option(fc.nat(120)),
    })
    fc.assert(
      fc.property(flips, ({ which, length, at, giant }) => {
        const broken = bytes[which].slice(0, length ?? undefined)
        for (const [i, value] of at) if (i < broken.length) broken[i] = value
        if (giant !== null) broken.fill(0x7f, giant, giant + 8)
        try {
          readFastText(broken, 'broken.bin').predict('сәлем, hello', 3)
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError)
          expect((error as Error).message).toMatch(/^broken\.bin: byte \d+: /)
        }
      }),
      { numRuns: 150 },
    )
  })

  itIf('says what is wrong', () => {
    const bytes = new Uint8Array(readFileSync(trained('softmax over words')))
    const message = (change: (copy: Uint8Array) => Uint8Array) => {
      try {
        readFastText(change(bytes.slice()), 'm')
      } catch (error) {
        return (error as Error).message
      }
    }
    expect(message((b) => b.subarray(0, -1))).toMatch(/^m: byte \d+: the output needs \d+ bytes, but \d+ are left$/)
    expect(message((b) => Uint8Array.from([...b, 0]))).toBe(`m: byte ${bytes.length}: 1 bytes follow the model`)
    expect(message((b) => withByte(b, 36, 1))).toMatch(/word vectors/)
    expect(message((b) => withByte(b, 4, 9))).toBe('m: byte 4: version 9; versions 11 and 12 can be read')
  })

  itIf('identifies languages when its labels are languages', () => {
    const input = join(folder, 'languages.txt')
    writeFileSync(input, documents.map(({ label, text }) => `${label.slice(0, 11)} ${text}\n`).join(''))
    execFileSync(
      'fasttext',
      ['supervised', '-input', input, '-output', join(folder, 'lid'), '-thread', '1', '-dim', '4'],
      {
        stdio: 'pipe',
      },
    )
    const identifier = fastTextIdentifier(readFastText(readFileSync(join(folder, 'lid.bin')), 'lid.bin'))
    const right = documents.filter(
      ({ text, label }) => `__label__${identifier.identify(text)?.language}` === label.slice(0, 11),
    )
    expect(right.length / documents.length).toBeGreaterThan(0.99)
  })
})
