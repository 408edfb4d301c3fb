import { DataError } from '../base/index.ts'
import { load, type Plan, type PlanOptions, type Program, plan, type State } from '../compiler/index.ts'
import type { Batch } from '../data/index.ts'
import type { LanguageModel } from '../models/index.ts'
import { batchInputs } from './batch-inputs.ts'
import { type BatchShape, emaName, evaluation } from './programs.ts'

/** What measures losses beside a run. */
export interface Evaluator {
  /** Bytes of backend memory; taken with the first batch, and kept. */
  readonly bytes: number
  /**
   * Mean cross-entropy over batches, nats a token.
   *
   * @param ofMeans whether the running means stand in the place of the weights
   * @throws DataError when no target counts
   */
  evaluate(batches: Iterable<Batch> | AsyncIterable<Batch>, ofMeans: boolean): Promise<number>
  release(): void
}

export function evaluatorOf(model: LanguageModel, shape: BatchShape, state: State, options: PlanOptions): Evaluator {
  let isPacked = shape.packed ?? false
  let planned = plan(evaluation(model, shape), options)
  let loaded: { readonly program: Program; readonly ofMeans: boolean } | undefined

  // The program for packed rows reads batches of both kinds: once it was needed, it stays.
  function programFor({ documents }: Batch, ofMeans: boolean): Program {
    const isNew = documents !== undefined && !isPacked
    if (isNew) {
      isPacked = true
      planned = plan(evaluation(model, { ...shape, packed: true }), options)
    }
    if (loaded === undefined || isNew || loaded.ofMeans !== ofMeans) {
      loaded?.program.release()
      loaded = { program: load(ofMeans ? readingMeans(planned) : planned, state), ofMeans }
    }
    return loaded.program
  }

  return {
    get bytes() {
      return planned.arenaBytes
    },
    async evaluate(batches, ofMeans) {
      let total = 0
      let count = 0
      for await (const batch of batches) {
        const outputs = await programFor(batch, ofMeans).run(batchInputs(batch, isPacked))
        total += outputs.total[0]
        count += outputs.count[0]
      }
      if (count === 0) throw new DataError('evaluate: no batch holds a target that counts')
      return total / count
    },
    release: () => loaded?.program.release(),
  }
}

/** The same program, reading the running means in the place of the weights. */
function readingMeans(plan: Plan): Plan {
  return { ...plan, states: plan.states.map((spec) => ({ ...spec, name: emaName(spec.name) })) }
}
