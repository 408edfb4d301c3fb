import type { Answers, StepRunner } from './runner.ts'
import type { Scheduler, Step } from './scheduler.ts'
import type { Text } from './text.ts'

/** A text, and who hears what the model says about it. */
export interface Job {
  readonly text: Text
  /**
   * A row of logits `[V]` after the token at `position`, or of its features `[C]`; it may be changed, and is good until this
   * returns. A text that lost its pages is computed again, and is answered again, with the same bits. What it throws fails this text alone.
   */
  answer(row: Float32Array, position: number): void
  fail(error: unknown): void
}

/** Runs steps as long as there is work; at rest it costs nothing. */
export interface TextEngine {
  readonly scheduler: Scheduler
  add(job: Job): void
  /** A text that stands where `text` does, sharing its pages; answered at once with `row`, where one is given. */
  fork(text: Text, jobFor: (text: Text) => Job, row?: Float32Array): void
  /** From now on another job hears of a text. */
  resume(job: Job): void
  /** Its pages are free at once. */
  end(text: Text): void
  /** Ends every text with this error. @returns the end of the step that runs, where one does */
  close(error: Error): Promise<void> | undefined
}

export function textEngine(runner: StepRunner, scheduler: Scheduler, vocabSize: number): TextEngine {
  const jobs = new Map<Text, Job>()
  let working: Promise<void> | undefined
  let closed: Error | undefined

  const end = (text: Text) => {
    if (jobs.delete(text)) scheduler.end(text)
  }
  const fail = (job: Job, error: unknown) => {
    end(job.text)
    job.fail(error)
  }
  const answer = (job: Job, row: Float32Array, position: number) => {
    try {
      job.answer(row, position)
    } catch (error) {
      fail(job, error)
    }
  }
  const failAll = (error: unknown) => {
    for (const job of [...jobs.values()]) fail(job, error)
  }

  const deliver = ({ texts, starts, counts, answered }: Step, { logits, features, width }: Answers) => {
    let logitsRow = 0
    let featuresRow = 0
    for (let i = 0; i < texts.length; i++) {
      const isLogits = texts[i].wanted !== 'features'
      for (let j = 0; j < answered[i]; j++) {
        const row = isLogits ? logitsRow++ : featuresRow++
        // The text may have ended meanwhile, or through what was answered just now.
        const job = jobs.get(texts[i])
        if (job === undefined) continue
        const [values, size] = isLogits ? [logits, vocabSize] : [features, width]
        answer(job, values.subarray(row * size, (row + 1) * size), starts[i] + counts[i] - answered[i] + j)
      }
    }
  }

  const work = async () => {
    try {
      for (let step = scheduler.plan(); step !== undefined; step = scheduler.plan()) {
        const answers = await runner.run(step)
        scheduler.done(step)
        deliver(step, answers)
      }
    } catch (error) {
      failAll(error)
    } finally {
      working = undefined
    }
  }
  /** What is submitted together is planned together. */
  const wake = () => {
    working ??= Promise.resolve().then(work)
  }

  return {
    scheduler,
    add(job) {
      if (closed !== undefined) return job.fail(closed)
      scheduler.add(job.text)
      jobs.set(job.text, job)
      wake()
    },
    fork(text, jobFor, row) {
      const job = jobFor(scheduler.fork(text))
      jobs.set(job.text, job)
      if (row !== undefined) answer(job, row, text.length - 1)
      wake()
    },
    resume(job) {
      jobs.set(job.text, job)
    },
    end,
    close(error) {
      closed = error
      failAll(error)
      return working
    },
  }
}
