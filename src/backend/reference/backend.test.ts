import { describe, expect, it } from 'vitest'
import { BackendError, type DType, type Shape } from '../../base/index.ts'
import type { BufferRef, KernelCall } from '../contract.ts'
import { readDoubles, referenceBackend, writeDoubles } from './backend.ts'

function ref(offset: number, shape: Shape = [4], dtype: DType = 'f32', segment = 0): BufferRef {
  return { segment, offset, shape, dtype }
}

function fill(y: BufferRef, value: number): KernelCall {
  return { kernel: 'fill', inputs: [], outputs: [y], attributes: [value] }
}

function floats(bytes: Uint8Array): number[] {
  return [...new Float32Array(bytes.buffer)]
}

const double: KernelCall = {
  kernel: 'elementwise',
  inputs: [ref(0)],
  outputs: [ref(0)],
  attributes: [[1, 0, 0, 0], [1]],
}

describe('the reference backend', () => {
  it('runs calls in order over zeroed memory', async () => {
    const backend = referenceBackend()
    const memory = backend.allocate(128)
    expect(floats(await memory.read(0, 16))).toEqual([0, 0, 0, 0])
    const program = backend.load([fill(ref(0), 3), double, double], [memory])
    await program.run()
    expect(floats(await memory.read(0, 32))).toEqual([12, 12, 12, 12, 0, 0, 0, 0])
    await program.run()
    expect(floats(await memory.read(0, 16))).toEqual([12, 12, 12, 12])
  })

  it('reads and writes copies of bytes', async () => {
    const memory = referenceBackend().allocate(64)
    const source = new Uint8Array([1, 2, 3])
    memory.write(5, source)
    source[0] = 9
    const copy = await memory.read(4, 4)
    copy[1] = 7
    expect([...(await memory.read(4, 4))]).toEqual([0, 1, 2, 3])
    expect(() => memory.write(62, source)).toThrow(RangeError)
  })

  it('runs one program after another, however they are started', async () => {
    const backend = referenceBackend()
    const memory = backend.allocate(64)
    memory.write(0, new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer))
    const program = backend.load([double], [memory])
    await Promise.all([program.run(), program.run(), program.run()])
    expect(floats(await memory.read(0, 16))).toEqual([8, 16, 24, 32])
  })

  it('times every call in nanoseconds', async () => {
    const backend = referenceBackend()
    const timings = new Float64Array(2)
    const big = ref(0, [1 << 18])
    const program = backend.load([fill(big, 1), fill(ref(0, [1]), 1)], [backend.allocate(4 << 18)])
    const start = performance.now()
    await program.run(timings)
    const elapsedNs = (performance.now() - start) * 1e6
    expect(timings[0]).toBeGreaterThan(timings[1])
    expect(timings[0] + timings[1]).toBeLessThanOrEqual(elapsedNs)
  })

  it('lets the event loop turn while a long program runs', async () => {
    const backend = referenceBackend()
    const calls = Array.from({ length: 40 }, () => fill(ref(0, [1 << 18]), 1)) // about 1 ms each
    const program = backend.load(calls, [backend.allocate(4 << 18)])
    let turns = 0
    const timer = setInterval(() => turns++, 0)
    await program.run()
    clearInterval(timer)
    expect(turns).toBeGreaterThan(0)
  })

  it('says which kernel it lacks, and which buffer does not fit', () => {
    const backend = referenceBackend()
    const memory = backend.allocate(64)
    const load = (call: KernelCall) => () => backend.load([call], [memory])
    expect(load({ kernel: 'fil', inputs: [], outputs: [ref(0)], attributes: [1] })).toThrow(/no kernel "fil".*fill/)
    expect(load(fill(ref(64), 1))).toThrow(/64 bytes/)
    expect(load(fill(ref(4, [1]), 1))).toThrow(/multiple of 64/)
    expect(load(fill(ref(0, [4], 'f32', 1), 1))).toThrow(BackendError)
    memory.release()
    expect(load(fill(ref(0), 1))).toThrow(/does not hold/)
  })

  it('keeps the digits of doubles from kernel to kernel when asked, until bytes are written over them', async () => {
    for (const keep of [true, false]) {
      const backend = referenceBackend({ double: keep })
      const memory = backend.allocate(64)
      writeDoubles(memory, ref(0, [1]), [0.1])
      await backend.load([{ ...double, inputs: [ref(0, [1])], outputs: [ref(0, [1])] }], [memory]).run()
      expect(readDoubles(memory, ref(0, [1]))[0]).toBe(keep ? 0.2 : Math.fround(0.2))
      expect(floats(await memory.read(0, 4))).toEqual([Math.fround(0.2)])
      memory.write(0, new Uint8Array(new Float32Array([0.3]).buffer))
      expect(readDoubles(memory, ref(0, [1]))[0]).toBe(Math.fround(0.3))
    }
  })

  it('reports a failing run and goes on with the next', async () => {
    const backend = referenceBackend()
    const memory = backend.allocate(64)
    const needsInput = { kernel: 'softmax', inputs: [null], outputs: [ref(0)], attributes: [] }
    await expect(backend.load([needsInput], [memory]).run()).rejects.toThrow(BackendError)
    await backend.load([fill(ref(0), 2)], [memory]).run()
    expect(floats(await memory.read(0, 16))).toEqual([2, 2, 2, 2])
    await backend.close()
  })
})
