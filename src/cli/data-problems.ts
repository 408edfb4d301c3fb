import { quantity } from '../base/index.ts'
import type { StageReport } from '../data/index.ts'
import { byFrequency } from './data-report.ts'
import { excerpt } from './printable.ts'
import { table } from './table.ts'
import type { Paint } from './terminal.ts'

/** What could not be read, the most frequent first, with an example of each; empty when all was read. */
export function problemsText(reports: readonly StageReport[], paint: Paint): string {
  const rows = reports.flatMap(({ dropped, changed }) =>
    [...byFrequency(dropped), ...byFrequency(changed)].map(([reason, { documents, bytes, examples }]) => [
      excerpt(reason, 40),
      documents.toLocaleString('en'),
      quantity(bytes, 'B'),
      excerpt(examples[0] === undefined ? '' : `${examples[0].id}: ${examples[0].why}`, 80),
    ]),
  )
  return rows.length === 0
    ? ''
    : table(rows, { header: ['not as it should be', 'times', 'bytes', 'for example'], paint })
}
