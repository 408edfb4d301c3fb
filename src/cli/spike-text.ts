import type { PreparedTokens } from './corpus.ts'
import { excerpt } from './printable.ts'
import type { SpikeReport } from './session.ts'

/** Rows of a batch that are shown, and how much of each. */
const SHOWN_ROWS = 4
const SHOWN_TOKENS = 24
const SHOWN_CHARACTERS = 60

/** What a step had read whose loss jumped: its batches, and how their rows begin. */
export async function spikeText(
  { step, lossNats, medianNats, deviations, batches, seed }: SpikeReport,
  { tokenizer, train }: Pick<PreparedTokens, 'tokenizer' | 'train'>,
): Promise<string> {
  const far = Number.isFinite(lossNats)
    ? `${lossNats.toFixed(3)} nats, ${deviations.toFixed(0)} deviations above the recent ${medianNats.toFixed(3)}`
    : 'no finite number'
  const lines = [`The loss of step ${step} is ${far}.`]
  for (const { number, starts } of batches) {
    lines.push(`batch ${number} of seed ${seed}, rows by the token at which they begin:`)
    for (const start of starts.slice(0, SHOWN_ROWS)) {
      const ids = await train.read(start, Math.min(SHOWN_TOKENS, train.length - start))
      lines.push(`${start.toLocaleString('en').padStart(15)}  ${excerpt(tokenizer.decode(ids), SHOWN_CHARACTERS)}`)
    }
    const more = starts.slice(SHOWN_ROWS)
    if (more.length > 0) lines.push(`  and ${more.map((start) => start.toLocaleString('en')).join('; ')}`)
  }
  return lines.join('\n')
}
