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

// `steps` steps of every chain. A function of its own that is called often: V8 optimises between calls, not within one.
// Numbers come from `memory` and go there, so that no compiler leaves the work out.
template <typename Operation>
static __attribute__((noinline)) void runChains(int64_t steps, float* memory) {
  vf sums[CHAINS], x = load(memory), y = load(memory + WIDTH);
#pragma GCC unroll 16
  for (int chain = 0; chain < CHAINS; chain++) sums[chain] = zero();
  for (int64_t i = 0; i < steps; i++) {
#pragma GCC unroll 16
    for (int chain = 0; chain < CHAINS; chain++) {
      sums[chain] = Operation::step(x, y, sums[chain]);
      TOUCH(sums[chain]);
    }
  }
#pragma GCC unroll 16
  for (int chain = 0; chain < CHAINS; chain++) store(memory + (chain + 2) * WIDTH, sums[chain]);
}

// Best of several rounds, in operations per nanosecond. The rounds are long enough for a barrier not to show.
template <typename Operation>
static double rate(Context& context) {
  constexpr int64_t STEPS = 4000, CALLS = 200;
  float* memory = (float*)context.local;
  for (int i = 0; i < WIDTH; i++) memory[i] = 1, memory[WIDTH + i] = 0;
  double best = 0;
  for (int round = 0; round < 12; round++) {
    context.sync();
    double start = nanoseconds();
    for (int64_t i = 0; i < CALLS; i++) runChains<Operation>(STEPS, memory);
    context.sync();
    double operations = Operation::operations * CHAINS * (double)(STEPS * CALLS) * context.threads;
    double rate = operations / (nanoseconds() - start);
    if (rate > best) best = rate;
  }
  return best;
}

// GB/s of reading a buffer once, every thread its part, in four streams: the middle of some rounds, since what other
// programs leave of the memory changes from one to the next.
static double readRate(Context& context, const Buffer& buffer) {
  constexpr int STREAMS = 4, LINE = 64 / (4 * WIDTH), ROUNDS = 7;
  double rates[ROUNDS];
  int64_t lines = buffer.size / 16 / context.threads / STREAMS;
  const float* base = buffer.f32() + context.thread * lines * STREAMS * 16;
  // Pages that were never written are all one page of zeros, which a cache does hold.
  for (int64_t i = 0; i < lines * STREAMS * 16; i += 256) const_cast<float*>(base)[i] = 1;
  for (int round = 0; round < ROUNDS; round++) {
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
    int at = round;  // in order
    for (; at > 0 && rates[at - 1] > rate; at--) rates[at] = rates[at - 1];
    rates[at] = rate;
  }
  return rates[ROUNDS / 2];
}

void peak(Context& context, const Call& call) {
  double figures[4] = {};
  figures[0] = rate<FmaF32>(context);
#if defined(__AVX512BF16__)
  figures[1] = rate<DotBf16>(context);
#endif
#if defined(__AVX512VNNI__)
  figures[2] = rate<DotInt8>(context);
#endif
  figures[3] = readRate(context, call.inputs[0]);
  if (context.thread == 0)
    for (int i = 0; i < 4; i++) call.outputs[0].f32()[i] = (float)figures[i];
}

}  // namespace alippe::ALIPPE_ISA
