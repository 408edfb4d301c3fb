import type { Backend } from '../../src/backend/index.ts'
import { referenceBackend } from '../../src/backend/reference/index.ts'
import { compile, createState, type State } from '../../src/compiler/index.ts'
import { type EngineOptions, engineFor, type InnerEngine } from '../../src/infer/engine.ts'
import { gpt2, type LanguageModel, llama } from '../../src/models/index.ts'
import { initialUpdates } from '../../src/nn/index.ts'
import { openBackend } from '../../src/node/index.ts'

/** Tiny models with odd sizes. Their first weights are enlarged, so that what they say depends on all that they read. */
export const models: Readonly<Record<string, LanguageModel>> = {
  gpt2: gpt2({ vocabSize: 61, context: 96, width: 24, layers: 2, heads: 3 }),
  llama: llama({ vocabSize: 61, context: 96, width: 32, layers: 2, heads: 4, keyValueHeads: 2 }),
}

export const backends: Readonly<Record<string, () => Promise<Backend>>> = {
  reference: async () => referenceBackend(),
  native: () => openBackend({ backend: 'native', threads: 2 }),
}

/** Weights of a model on a backend: normal numbers of a tenth, gains of 1. */
export async function weightsOf(model: LanguageModel, backend: Backend): Promise<State> {
  const state = createState(backend)
  const specs = Object.fromEntries(
    Object.entries(model.weights).map(([name, spec]) => [
      name,
      spec.initial.kind === 'normal' ? { ...spec, initial: { kind: 'normal' as const, deviation: 0.3 } } : spec,
    ]),
  )
  const program = compile({ outputs: {}, updates: initialUpdates(specs, 5) }, { backend, state })
  await program.run()
  program.release()
  return state
}

/** Runs `body` with an engine, and checks its books afterwards: nothing may be held. */
export async function withEngine<T>(
  model: LanguageModel,
  state: State,
  options: EngineOptions,
  body: (engine: InnerEngine) => Promise<T>,
): Promise<T> {
  const engine = engineFor(model, state, options)
  try {
    const result = await body(engine)
    engine.scheduler.check()
    const { running, waiting, pagesHeld } = engine.figures()
    if (running + waiting + pagesHeld > 0)
      throw new Error(`${running} run, ${waiting} wait, ${pagesHeld} pages are held`)
    return result
  } finally {
    await engine.close()
  }
}
