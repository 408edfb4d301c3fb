/** What is read of vitest's JSON report. */
export interface TestReport {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

export interface TestCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Full names of what was skipped. */
  readonly skippedNames: readonly string[]
}

/**
 * Counts a run. A file that failed without a failed test (it could not be loaded, a hook threw) counts as one failure; so
 * does a run whose exit code says that it failed although nothing in its report did.
 *
 * @param report undefined when the run ended without one
 */
export function countTests(report: TestReport | undefined, exitCode: number): TestCounts {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const skippedNames: string[] = []
  for (const { status, assertionResults } of report?.testResults ?? []) {
    for (const test of assertionResults) {
      if (test.status === 'passed') counts.passed++
      else if (test.status === 'failed') counts.failed++
      else {
        counts.skipped++
        skippedNames.push(test.fullName)
      }
    }
    if (status === 'failed' && assertionResults.every((test) => test.status !== 'failed')) counts.failed++
  }
  if (counts.failed === 0 && (exitCode !== 0 || report === undefined)) counts.failed = 1
  return { ...counts, skippedNames }
}

/** The last line of `npm test`. */
export function countsText({ passed, failed, skipped }: Omit<TestCounts, 'skippedNames'>): string {
  return `alippe: ${passed} passed, ${failed} failed, ${skipped} skipped`
}
