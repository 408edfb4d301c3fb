import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { withModel } from './model-flags.ts'
import { givenFlags, withRunFlags } from './run-flags.ts'

function given(...words: string[]) {
  const command = withRunFlags(new Command().exitOverride())
  command.parse(words, { from: 'user' })
  return givenFlags(command)
}

describe('flags of a run', () => {
  it('say what the user said, by the names of the settings', () => {
    expect(given()).toEqual({ corpus: {}, tokenizer: {}, model: {}, training: {} })
    expect(
      given(
        ...'--lr 1e-3 --vocab 300 --model tiny --data a b --key-value-heads 2 --memory 2GB --on-spike stop'.split(' '),
      ),
    ).toEqual({
      corpus: { data: ['a', 'b'] },
      tokenizer: { vocabulary: 300 },
      model: { name: 'tiny', keyValueHeads: 2 },
      training: { learningRate: 1e-3, memory: 2e9, onSpike: 'stop' },
    })
    // What is said is said, also when it is what holds by default.
    expect(given('--batch', '16')).toMatchObject({ training: { batch: 16 } })
  })

  it.each([
    [['--lr', '-1'], '--lr must be a number above 0, got -1'],
    [['--steps', 'many'], '--steps must be a whole number from 1 on, got "many"'],
    [['--batch', ''], '--batch must be a whole number from 1 on, got ""'],
    [['--batch', '0x'], '--batch must be a whole number from 1 on, got "0x"'],
    [['--on-spike', 'halt'], '--on-spike must be one of "stop", "rollback", "ignore", got "halt"'],
    [['--model', 'gpt-2'], 'got "gpt-2"; did you mean gpt2?'],
    [['--memory', 'all'], '--memory must be bytes, as 2000000000 or "2GB", got "all"'],
    [['--dropout', '1'], '--dropout must be a number from 0 to below 1, got 1'],
  ])('%j are refused under their own name', (words, message) => {
    expect(() => given(...words)).toThrow(message)
  })

  it('fit a terminal of 80 columns, and say their defaults', () => {
    const help = withRunFlags(new Command('train')).configureHelp({ helpWidth: 80 }).helpInformation()
    expect(Math.max(...help.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(help).toMatch(/--batch <n> +sequences side by side \(default: 16\)/)
    expect(help).toMatch(/--schedule <name> +how the rate falls after its peak: cosine, wsd,\s+linear, constant/)
    expect(help).not.toContain('undefined')
  })
})

it('flags of a model have names and defaults of their own', () => {
  const command = withModel(new Command())
  command.parse(['--depth', '3'], { from: 'user' })
  expect(command.opts()).toEqual({ model: 'llama', vocab: 2048, depth: 3 })
})
