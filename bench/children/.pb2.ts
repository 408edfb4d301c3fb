// interleaved with a read: usage D= M= S=
const root = process.env.ROOT ?? '/work/wt/packed'
const { openBackend } = await import(root + '/src/node/index.ts')
const { byteLength } = await import(root + '/src/base/index.ts')
const b = await openBackend({ threads: Number(process.env.T ?? 2), ...(process.env.ISA ? { isa: process.env.ISA, backend: process.env.BK ?? 'native' } : {}) } as any)
const dtypes = (process.env.D ?? 'q8_0').split(',')
const Ms = (process.env.M ?? '1,2,4,8,16,32,512').split(',').map(Number)
const [N, K] = (process.env.S ?? '8192x2048').split('x').map(Number)
const up = (x: number) => Math.ceil(x / 64) * 64
const progs: any[] = []
const ranges: any[] = []
for (const dtype of dtypes) {
  const bytes = byteLength(dtype as any, [N, K])
  const copies = Math.max(1, Math.ceil(150e6 / bytes))
  const seg = b.allocate(up(bytes) * copies)
  const piece = new Uint8Array(1 << 20).map((_, i) => (i * 2654435761) >>> 8 & 0x3f)
  for (let o = 0; o < seg.bytes; o += piece.length) seg.write(o, piece.subarray(0, Math.min(piece.length, seg.bytes - o)))
  for (const M of Ms) {
    const xs = b.allocate(up(M * K * 4) + M * N * 4)
    xs.write(0, new Uint8Array(Float32Array.from({ length: M * K }, (_, i) => Math.sin(i)).buffer))
    const n = M > 16 ? Math.max(1, Math.min(copies, Math.ceil(1e10 / (2 * M * N * K)))) : copies
    const calls = Array.from({ length: n }, (_, i) => ({ kernel: 'packed-matmul', inputs: [{ segment: 0, offset: 0, shape: [M, K], dtype: 'f32' }, { segment: 1, offset: i * up(bytes), shape: [N, K], dtype }], outputs: [{ segment: 0, offset: up(M * K * 4), shape: [M, N], dtype: 'f32' }], attributes: [0] }))
    progs.push({ dtype, M, n, bytes, prog: b.load(calls as any, [xs, seg]), best: 1e9 })
  }
}
let rd = 0, i8 = 0
for (let r = 0; r < Number(process.env.R ?? 6); r++) {
  const p = await b.peaks(); rd = Math.max(rd, p.readGBs); i8 = Math.max(i8, p.int8)
  for (const q of progs) for (let k = 0; k < 2; k++) { const t = performance.now(); await q.prog.run(); q.best = Math.min(q.best, performance.now() - t) }
}
console.log(b.name, 'read', rd.toFixed(1), 'int8', i8.toFixed(0))
for (const q of progs) {
  const gbs = (q.n * q.bytes) / q.best / 1e6, gops = (q.n * 2 * q.M * N * K) / q.best / 1e6
  console.log(q.dtype, `${N}x${K}`, 'M', q.M, gbs.toFixed(1), 'GB/s', ((100 * gbs) / rd).toFixed(0) + '%', gops.toFixed(0), 'GOP/s', ((100 * gops) / i8).toFixed(0) + '%')
}
await b.close()
