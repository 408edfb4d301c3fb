// What this machine can do at best at this instruction set, with all threads of the pool: the yardstick of benchmarks.
// Entered like a kernel. Input: a large f32 buffer that no cache holds. Output: f32 [4]: f32 and bf16 multiply-add in
// GFLOP/s, int8 in GOP/s, memory read in GB/s; 0 where the instruction set has no such instruction.
#include "runtime.h"
#include "simd.h"

namespace alippe::ALIPPE_ISA {

constexpr int CHAINS = WIDTH == 4 ? 10 : 12;  // independent accumulators: more than latency times throughput

// Makes the compiler believe that v changed, so that nothing is hoisted, merged or left out.
#if defined(__wasm__)
#define TOUCH(v) __asm__ volatile("" : "+r"(v))
#elif defined(__x86_64__)
#define TOUCH(v) __asm__ volatile("" : "+v"(v))
#else
#define TOUCH(v) __asm__ volatile("" : "+w"(v))
#endif

struct FmaF32 {
  static constexpr double operations = 2.0 * WIDTH;
  ALIPPE_INLINE vf step(vf x, vf y, vf sum) { return fma(x, y, sum); }
};
#if defined(__AVX512BF16__)
struct DotBf16 {
  static constexpr double operations = 4.0 * WIDTH;
  ALIPPE_INLINE vf step(vf x, vf y, vf sum) {
    return (vf)_mm512_dpbf16_ps((__m512)sum, (__m512bh)x, (__m512bh)y);
  }
};
#endif
#if defined(__AVX512VNNI__)
struct DotInt8 {
  static constexpr double operations = 8.0 * WIDTH;
  ALIPPE_INLINE vf step(vf x, vf y, vf sum) {
    return (vf)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)x, (__m512i)y);
  }
};
#endif

// Best of several rounds, in operations per nanosecond. The rounds are long enough for a barrier not to show.
template <typename Operation>
static double rate(Context& context, int64_t steps) {
  double best = 0;
  for (int round = 0; round < 8; round++) {
    vf sums[CHAINS], x = splat(1), y = splat(0);
    for (auto& sum : sums) sum = zero();
    context.sync();
    double start = nanoseconds();
    for (int64_t i = 0; i < steps; i++) {
#pragma GCC unroll 16
      for (int chain = 0; chain < CHAINS; chain++) {
        sums[chain] = Operation::step(x, y, sums[chain]);
        TOUCH(sums[chain]);
      }
    }
    context.sync();
    double rate = Operation::operations * CHAINS * (double)steps * context.threads / (nanoseconds() - start);
    if (rate > best) best = rate;
    for (auto& sum : sums) TOUCH(sum);
  }
  return best;
}

// GB/s of reading a buffer once, every thread its part, in four streams.
static double readRate(Context& context, const Buffer& buffer) {
  constexpr int STREAMS = 4, LINE = 64 / (4 * WIDTH);
  double best = 0;
  int64_t lines = buffer.size / 16 / context.threads / STREAMS;
  const float* base = buffer.f32() + context.thread * lines * STREAMS * 16;
  // Pages that were never written are all one page of zeros, which a cache does hold.
  for (int64_t i = 0; i < lines * STREAMS * 16; i += 256) const_cast<float*>(base)[i] = 1;
  for (int round = 0; round < 6; round++) {
    vi sums[STREAMS] = {};
    context.sync();
    double start = nanoseconds();
    for (int64_t line = 0; line < lines; line++)
#pragma GCC unroll 4
      for (int stream = 0; stream < STREAMS; stream++) {
        const float* p = base + (stream * lines + line) * 16;
#if defined(__x86_64__)
        _mm_prefetch((const char*)(p + 32 * 16), _MM_HINT_NTA);
#endif
#pragma GCC unroll 4
        for (int i = 0; i < LINE; i++) sums[stream] |= as_int(load(p + i * WIDTH));
      }
    for (auto& sum : sums) TOUCH(sum);
    context.sync();
    double rate = (double)(lines * STREAMS * 64) * context.threads / (nanoseconds() - start);
    if (rate > best) best = rate;
  }
  return best;
}

void peak(Context& context, const Call& call) {
  double figures[4] = {};
  figures[0] = rate<FmaF32>(context, 1000000);
#if defined(__AVX512BF16__)
  figures[1] = rate<DotBf16>(context, 1000000);
#endif
#if defined(__AVX512VNNI__)
  figures[2] = rate<DotInt8>(context, 1000000);
#endif
  figures[3] = readRate(context, call.inputs[0]);
  if (context.thread == 0)
    for (int i = 0; i < 4; i++) call.outputs[0].f32()[i] = (float)figures[i];
}

}  // namespace alippe::ALIPPE_ISA
