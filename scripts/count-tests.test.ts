import { expect, it } from 'vitest'
import { countsText, countTests } from './count-tests.ts'

const file = (status: string, ...statuses: string[]) => ({
  name: 'x.test.ts',
  status,
  assertionResults: statuses.map((each, i) => ({ status: each, fullName: `test ${i}` })),
})

it('counts what passed, failed and was skipped', () => {
  const report = {
    testResults: [file('failed', 'passed', 'failed'), file('passed', 'passed', 'skipped', 'todo', 'pending')],
  }
  const counts = countTests(report, 1)
  expect(counts).toEqual({ passed: 2, failed: 1, skipped: 3, skippedNames: ['test 1', 'test 2', 'test 3'] })
  expect(countsText(counts)).toBe('alippe: 2 passed, 1 failed, 3 skipped')
})

it('counts a file that could not be loaded', () => {
  const report = { testResults: [file('passed', 'passed'), file('failed')] }
  expect(countTests(report, 1)).toMatchObject({ passed: 1, failed: 1 })
})

it('counts a failure that only the exit code shows', () => {
  expect(countTests({ testResults: [file('passed', 'passed')] }, 1)).toMatchObject({ passed: 1, failed: 1 })
  expect(countTests(undefined, 0)).toMatchObject({ passed: 0, failed: 1 })
})

it('finds nothing wrong with a good run', () => {
  expect(countTests({ testResults: [file('passed', 'passed')] }, 0)).toMatchObject({ passed: 1, failed: 0, skipped: 0 })
})
