import { styleText } from 'node:util'
import { table } from '../../src/cli/table.ts'
import type { Case, Figure, Report } from './contract.ts'

const share = ({ percentOfPeak }: Figure) => (percentOfPeak === undefined ? '' : `${percentOfPeak.toFixed(1)} %`)
const spread = ({ min, max, runs }: Figure) => (runs > 1 ? `${min}–${max}` : '')
const verdict = (met: boolean | null) => (met === null ? '' : met ? styleText('green', '✓') : styleText('red', '✗'))

/** A report as a table for the terminal. */
export function reportText({ machine, cases, skipped }: Report): string {
  const { cpu, engine, threads, peak, readGBs } = machine
  const limits = `peak f32 ${peak.f32} GFLOP/s, bf16 ${peak.bf16} GFLOP/s, int8 ${peak.int8} GOP/s; reading ${readGBs} GB/s`
  const header = ['case', 'ours', 'unit', 'spread', 'of peak', 'target', '']
  const rows = cases.flatMap((one) => [
    [
      one.case,
      String(one.ours.value),
      one.ours.unit,
      spread(one.ours),
      share(one.ours),
      one.target ?? '',
      verdict(one.met),
    ],
    ...one.peers.map((peer) => [`  ${peer.name}`, String(peer.value), peer.unit, '', `${peer.ratio} ×`]),
    ...(one.note === undefined ? [] : [[`  ${one.note}`]]),
  ])
  const left = skipped.map(({ peer, why }) => styleText('yellow', `skipped: ${peer}: ${why}`))
  return [`${cpu}, ${engine}, ${threads} threads`, limits, '', table(rows, { header }), ...left].join('\n')
}

/** One line on a case, for people who wait. */
export function caseLine({ case: name, ours, peers, met }: Case): string {
  const ratios = peers.map((peer) => `${peer.ratio} × ${peer.name}`)
  return [name, `${ours.value} ${ours.unit}`, share(ours), ...ratios, verdict(met)].filter(Boolean).join('  ')
}
