import { type Command, Option } from 'commander'
import type { CpuBackend } from '../backend/cpu/index.ts'
import { ConfigError, type PackedDType, packings } from '../base/index.ts'
import { type Batch, batches, onePass } from '../data/index.ts'
import {
  exportGguf,
  exportQuantizedFolder,
  type GgufFileType,
  ggufFileTypes,
  type ModelSource,
  plainWeight,
} from '../node/index.ts'
import {
  bitsPerWeight,
  evaluateQuantized,
  type Method,
  methods,
  type QuantizedWeights,
  quantize,
} from '../quant/index.ts'
import { type EngineFlags, openEngine, wholeNumber, withEngine } from './engine.ts'
import { modelArgument, openArgument } from './model-argument.ts'
import { settlePrecision } from './precision.ts'
import { comparisonText, type Measured, reportText } from './quantize-report.ts'
import { type QuantizeTokens, quantizeTokens } from './quantize-tokens.ts'
import { readToml } from './read-toml.ts'
import { givenSettings, runSettings } from './run-settings.ts'
import { stageProgress } from './stage-progress.ts'
import { stopExitCodes, stopSignals } from './stop-signals.ts'

interface QuantizeFlags extends EngineFlags {
  readonly type: PackedDType
  readonly method: Method
  readonly embeddings?: PackedDType
  readonly data?: readonly string[]
  readonly config?: string
  readonly out?: string
  readonly samples: number
  readonly tokens: number
  readonly heldOut: number
  readonly precision: 'f32' | 'bf16' | 'auto'
  readonly activationOrder: boolean
  readonly clip: boolean
  readonly compare?: boolean
  readonly best?: boolean
  readonly json?: boolean
}

const types = Object.keys(packings) as PackedDType[]

export function command(program: Command): Command {
  return withEngine(
    program
      .command('quantize')
      .description('Stores a model in fewer bits a weight, and says what that costs.')
      .argument('<model>', modelArgument)
      .addOption(new Option('--type <type>', 'what matrices become').choices(types).default('q4_0'))
      .addOption(new Option('--method <name>', 'how weights are rounded').choices(methods).default('round'))
      .addOption(
        new Option(
          '--embeddings <type>',
          'what embeddings become (default: the type; with few bits q6_k, q8_0, int8)',
        ).choices(types),
      )
      .option('--data <paths...>', 'text, or one folder that `alippe data prepare` made (default: the invented world)')
      .option('--config <file>', 'settings of the run that made the model, whose corpus is read without --data')
      .option('--out <path>', 'FILE.gguf, or a folder; nothing is written when not given')
      .option('--samples <n>', 'rows of tokens to calibrate with', wholeNumber(1), 128)
      .option('--tokens <n>', 'tokens of a row, at most the context of the model', wholeNumber(2), 512)
      .option('--held-out <n>', 'tokens to measure with; 0: do not', wholeNumber(0), 16384)
      .addOption(
        new Option('--precision <name>', 'of the products of calibration')
          .choices(['f32', 'bf16', 'auto'])
          .default('auto'),
      )
      .option('--no-activation-order', 'gptq: round columns as they lie, with scales that follow')
      .option('--no-clip', 'awq: do not search for clipping')
      .option('--compare', 'try types and methods, print a table, write nothing')
      .option('--best', 'take the checkpoint with the least validation loss, not the newest')
      .option('--json', 'print one JSON document')
      .addHelpText(
        'after',
        '\nalippe quantize runs/first --type q4_0 --method gptq --data texts/ --out first.gguf\nalippe quantize runs/first --compare',
      ),
  ).action(run)
}

async function run(name: string, flags: QuantizeFlags): Promise<void> {
  if (flags.compare && flags.out !== undefined) throw new ConfigError('--compare writes nothing: leave out --out')
  const isGguf = flags.out?.endsWith('.gguf') ?? false
  if (isGguf && !Object.hasOwn(ggufFileTypes, flags.type)) {
    const known = types.filter((type) => Object.hasOwn(ggufFileTypes, type))
    throw new ConfigError(`GGUF has no ${flags.type}: give a folder with --out, or one of ${known.join(', ')}`)
  }
  const corpus = runSettings.parse(flags.config ? await readToml(flags.config, givenSettings) : {}).corpus
  const source = await openArgument(name, flags)
  const stop = new AbortController()
  const signals = stopSignals(() => stop.abort(new Error('stopped')))
  const progress = stageProgress()
  let backend: CpuBackend | undefined
  try {
    backend = await openEngine(flags)
    const needsText = flags.compare || flags.method !== 'round' || flags.heldOut > 0
    progress.show('read', 0)
    const tokens = needsText
      ? await quantizeTokens(source, { ...corpus, ...(flags.data && { data: [...flags.data] }) })
      : undefined
    const precision = await precisionOf(flags, backend)
    const work: Work = { source, backend, tokens, precision, signal: stop.signal, flags, progress }
    if (flags.compare) {
      const all = []
      for (const [type, method] of comparisons) all.push((await quantizeAs(work, type, method)).measured)
      progress.end()
      console.log(flags.json ? JSON.stringify({ model: name, results: all }) : comparisonText(all))
      return
    }
    const { quantized, measured } = await quantizeAs(work, flags.type, flags.method)
    progress.end()
    if (flags.out !== undefined) await write(source, quantized, flags.out, flags.type)
    if (flags.json) console.log(JSON.stringify({ model: name, out: flags.out, ...measured }))
    else console.log(reportText(measured, tokens?.title, flags.out))
  } catch (error) {
    if (!stop.signal.aborted) throw error
    progress.stop()
    console.error('Stopped. Nothing was written.')
    process.exitCode = stopExitCodes[signals.received ?? 'SIGINT']
  } finally {
    signals.release()
    source.close()
    await backend?.close()
  }
}

/** What `--compare` tries, from many bits to few. */
const comparisons: readonly (readonly [PackedDType, Method])[] = [
  ['int8', 'round'],
  ['int8', 'smoothquant'],
  ['int8', 'gptq'],
  ['q8_0', 'round'],
  ['f8e4m3', 'round'],
  ['f8e5m2', 'round'],
  ['q6_k', 'round'],
  ['q5_k', 'round'],
  ['q4_1', 'round'],
  ['q4_1', 'gptq'],
  ['q4_1', 'awq'],
  ['q4_k', 'round'],
  ['q4_k', 'awq'],
  ['q4_0', 'round'],
  ['q4_0', 'gptq'],
  ['q4_0', 'awq'],
  ['nf4', 'round'],
  ['nf4', 'gptq'],
  ['nf4', 'awq'],
  ['q2_k', 'round'],
  ['q2_k', 'awq'],
]

interface Work {
  readonly source: ModelSource
  readonly backend: CpuBackend
  readonly tokens?: QuantizeTokens
  readonly precision: 'f32' | 'bf16'
  readonly signal: AbortSignal
  readonly flags: QuantizeFlags
  readonly progress: ReturnType<typeof stageProgress>
}

async function quantizeAs(
  { source, backend, tokens, precision, signal, flags, progress }: Work,
  type: PackedDType,
  method: Method,
): Promise<{ quantized: QuantizedWeights; measured: Measured }> {
  const { model } = source
  const read = (name: string) => plainWeight(source, name)
  const length = Math.min(flags.tokens, model.context)
  const label = flags.compare ? `${type} ${method}` : 'quantize'
  const quantized = await quantize(model, read, {
    backend,
    type,
    method,
    batches: method === 'round' ? [] : await calibrationBatches(tokens!, flags.samples, length),
    precision,
    embeddings: flags.embeddings,
    gptq: { activationOrder: flags.activationOrder },
    awq: { clip: flags.clip },
    signal,
    onProgress: ({ share }) => progress.show(label, share),
  })
  const started = performance.now()
  const heldOut = flags.heldOut === 0 || tokens === undefined ? [] : await heldOutBatches(tokens, flags.heldOut, length)
  let done = 0
  const onBatch = () => progress.show(flags.compare ? label : 'measure', ++done / heldOut.length)
  const quality =
    heldOut.length === 0
      ? undefined
      : await evaluateQuantized(model, read, quantized, heldOut, { backend, signal, onBatch })
  const { layers, fallbacks, milliseconds, bytes } = quantized
  return {
    quantized,
    measured: {
      type,
      method,
      bits: bitsPerWeight(model, quantized),
      bytes: [...bytes.values()].reduce((total, { length }) => total + length, 0),
      quality,
      layers,
      fallbacks,
      milliseconds: { ...milliseconds, evaluate: performance.now() - started },
    },
  }
}

/** Rows in a batch of calibration. */
const ROWS = 4

async function calibrationBatches({ calibration }: QuantizeTokens, samples: number, tokens: number): Promise<Batch[]> {
  const batch = Math.min(ROWS, samples)
  const drawn = batches(calibration, { batch, tokens, order: 'random', packed: false })
  return Promise.all(Array.from({ length: Math.ceil(samples / batch) }, (_, step) => drawn.at(step)))
}

async function heldOutBatches({ heldOut }: QuantizeTokens, most: number, tokens: number): Promise<Batch[]> {
  const found: Batch[] = []
  const rows = onePass(heldOut, { batch: 1, tokens, most: Math.ceil(most / tokens), packed: false })
  for await (const batch of rows) found.push(batch)
  return found
}

async function precisionOf({ precision }: QuantizeFlags, backend: CpuBackend): Promise<'f32' | 'bf16'> {
  const { settings } = await settlePrecision({ ...runSettings.parse({}).training, precision }, backend)
  return settings.precision
}

async function write(
  source: ModelSource,
  { stored, bytes }: QuantizedWeights,
  out: string,
  type: PackedDType,
): Promise<void> {
  const packed: ModelSource = { ...source, stored, bytes: (name) => bytes.get(name)! }
  if (out.endsWith('.gguf')) await exportGguf(packed, out, { type: type as GgufFileType })
  else await exportQuantizedFolder(packed, out)
}
