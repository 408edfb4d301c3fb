import type { RequestResult } from '../infer/index.ts'
import type { ServedModel } from './served-model.ts'

/** Seconds. */
const latencies = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** What a server has done, for Prometheus. */
export class Metrics {
  readonly #counters = new Map<string, number>()
  readonly #firstToken = new Histogram(latencies)
  readonly #perToken = new Histogram(latencies)
  readonly #whole = new Histogram(latencies)

  /** A request that was answered. */
  answered(path: string, status: number): void {
    this.#add(`requests_total{path="${path}",status="${status}"}`, 1)
  }

  /** A text that has ended. */
  written({ ids, figures, finishReason }: RequestResult): void {
    const { promptTokens, cachedTokens, firstTokenMs, restMs } = figures
    this.#add('prompt_tokens_total', promptTokens)
    this.#add('cached_prompt_tokens_total', cachedTokens)
    this.#add('tokens_predicted_total', ids.length)
    this.#add(`texts_total{finish_reason="${finishReason}"}`, 1)
    if (ids.length > 0) this.#firstToken.observe(firstTokenMs / 1000)
    if (ids.length > 1) this.#perToken.observe(restMs / 1000 / (ids.length - 1))
    this.#whole.observe((firstTokenMs + restMs) / 1000)
  }

  /** All of it in Prometheus' text format. Source: "Exposition formats", version 0.0.4. */
  text(models: readonly ServedModel[]): string {
    const lines: string[] = []
    const typed = new Set<string>()
    const type = (name: string, kind: string) => {
      if (!typed.has(name)) lines.push(`# TYPE alippe_${name} ${kind}`)
      typed.add(name)
    }
    for (const [name, value] of [...this.#counters].sort()) {
      type(name.replace(/\{.*/, ''), 'counter')
      lines.push(`alippe_${name} ${value}`)
    }
    const gauges = ['requests_processing', 'requests_deferred', 'kv_cache_usage_ratio'] as const
    for (const gauge of gauges) {
      type(gauge, 'gauge')
      for (const { id, engine } of models) {
        const { running, waiting, pages, pagesHeld } = engine.figures()
        const values = {
          requests_processing: running,
          requests_deferred: waiting,
          kv_cache_usage_ratio: pagesHeld / pages,
        }
        lines.push(`alippe_${gauge}{model="${id.replace(/[\\"\n]/g, '_')}"} ${values[gauge]}`)
      }
    }
    const histograms = {
      time_to_first_token_seconds: this.#firstToken,
      time_per_output_token_seconds: this.#perToken,
      e2e_request_latency_seconds: this.#whole,
    }
    for (const [name, histogram] of Object.entries(histograms)) {
      type(name, 'histogram')
      lines.push(...histogram.lines(`alippe_${name}`))
    }
    return `${lines.join('\n')}\n`
  }

  #add(name: string, value: number): void {
    this.#counters.set(name, (this.#counters.get(name) ?? 0) + value)
  }
}

class Histogram {
  readonly #bounds: readonly number[]
  readonly #counts: number[]
  #sum = 0
  #count = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = bounds.map(() => 0)
  }

  observe(value: number): void {
    this.#sum += value
    this.#count++
    for (const [i, bound] of this.#bounds.entries()) if (value <= bound) this.#counts[i]++
  }

  lines(name: string): string[] {
    return [
      ...this.#bounds.map((bound, i) => `${name}_bucket{le="${bound}"} ${this.#counts[i]}`),
      `${name}_bucket{le="+Inf"} ${this.#count}`,
      `${name}_sum ${this.#sum}`,
      `${name}_count ${this.#count}`,
    ]
  }
}
