import { resolve } from 'node:path'
import { type StageReport, Tally } from '../../data/index.ts'
import type { Input } from './input.ts'

/** Collects inputs, each once so that no two documents have one id, and counts what is left out and why. */
export class Listing {
  readonly inputs: Input[] = []
  readonly #tally = new Tally('inputs')
  readonly #places = new Set<string>()

  add(input: Input): void {
    const place = input.kind === 'file' ? resolve(input.path) : input.name
    if (this.#places.has(place)) this.skip('named twice', input.name, 'it was listed before', input.size)
    else {
      this.#places.add(place)
      this.inputs.push(input)
      this.#tally.keep(input.size)
    }
  }

  skip(reason: string, name: string, why: string, sizeBytes = 0): void {
    this.#tally.drop(reason, { id: name, bytes: sizeBytes, text: '', why })
  }

  report(): StageReport {
    return this.#tally.report()
  }
}
