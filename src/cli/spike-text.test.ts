import { expect, it } from 'vitest'
import { tokenSource } from '../data/index.ts'
import { bpe } from '../tokenizers/index.ts'
import { spikeText } from './spike-text.ts'

const tokenizer = bpe({ merges: [] })
const train = tokenSource(tokenizer.encode('The cat\nsat on \u001b[2Jthe mat. '.repeat(20)))
const report = {
  step: 8,
  lossNats: 9.5,
  medianNats: 2,
  deviations: 31.2,
  seed: 3,
  batches: [{ number: 7, starts: [0, 4, 1203, 11, 5, 500] }],
}

it('shows the batch of a spike, and how its rows begin', async () => {
  const shown = await spikeText(
    { ...report, batches: [{ number: 7, starts: [0, 4, 27, 400, 5, 500] }] },
    { tokenizer, train },
  )
  expect(shown.split('\n')).toEqual([
    'The loss of step 8 is 9.500 nats, 31 deviations above the recent 2.000.',
    'batch 7 of seed 3, rows by the token at which they begin:',
    '              0  The cat sat on ␛[2Jthe m',
    '              4  cat sat on ␛[2Jthe mat.',
    expect.stringMatching(/^ {13}27 {2}/),
    expect.stringMatching(/^ {12}400 {2}/),
    '  and 5; 500',
  ])
})

it('says so when there is no number', async () => {
  const shown = await spikeText({ ...report, lossNats: Number.NaN, batches: [] }, { tokenizer, train })
  expect(shown).toBe('The loss of step 8 is no finite number.')
})
