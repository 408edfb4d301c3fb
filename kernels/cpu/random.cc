// `random-uniform`, `random-normal`: Philox 4x32-10, the same words as src/base/random.ts. One vector lane is one block of
// four words, so WIDTH blocks are made at a time; any part of the output could be made alone.
#include "../kernel.h"
#include "math.h"

namespace alippe::ALIPPE_ISA {

namespace {

struct Stream {
  uint32_t key0, key1, stream, step;
};

// The high and low words of a·m.
ALIPPE_INLINE void multiply(vu a, uint32_t m, vu& high, vu& low) {
#if defined(__wasm_simd128__)
  v128_t factor = wasm_u32x4_splat(m);
  v128_t front = wasm_u64x2_extmul_low_u32x4((v128_t)a, factor), back = wasm_u64x2_extmul_high_u32x4((v128_t)a, factor);
  low = (vu)wasm_i32x4_shuffle(front, back, 0, 2, 4, 6);
  high = (vu)wasm_i32x4_shuffle(front, back, 1, 3, 5, 7);
#else
  typedef uint64_t wide __attribute__((vector_size(4 * WIDTH)));
  wide even, odd, shifted = (wide)a >> 32;
#if defined(__AVX512F__)
  __m512i factor = _mm512_set1_epi32(int32_t(m));
  even = (wide)_mm512_mul_epu32((__m512i)a, factor), odd = (wide)_mm512_mul_epu32((__m512i)shifted, factor);
#elif defined(__AVX2__)
  __m256i factor = _mm256_set1_epi32(int32_t(m));
  even = (wide)_mm256_mul_epu32((__m256i)a, factor), odd = (wide)_mm256_mul_epu32((__m256i)shifted, factor);
#elif defined(__x86_64__)
  __m128i factor = _mm_set1_epi32(int32_t(m));
  even = (wide)_mm_mul_epu32((__m128i)a, factor), odd = (wide)_mm_mul_epu32((__m128i)shifted, factor);
#else
  even = ((wide)a & 0xffffffffu) * m, odd = shifted * m;
#endif
  low = (vu)((even & 0xffffffffu) | (odd << 32));
  high = (vu)((even >> 32) | (odd & 0xffffffff00000000u));
#endif
}

ALIPPE_INLINE void philox(const Stream& s, uint64_t block, vu word[4]) {
  vu index = (vu)lanes();
  vu x0 = index + uint32_t(block), x1 = vu{} + uint32_t(block >> 32);
  x1 -= (vu)(x0 < index);  // the carry: blocks of one call may cross 2^32
  vu x2 = vu{} + s.stream, x3 = vu{} + s.step;
  uint32_t k0 = s.key0, k1 = s.key1;
  for (int round = 0; round < 10; round++) {
    vu high0, low0, high1, low1;
    multiply(x0, 0xd2511f53u, high0, low0);
    multiply(x2, 0xcd9e8d57u, high1, low1);
    x0 = high1 ^ x1 ^ k0;
    x1 = low1;
    x2 = high0 ^ x3 ^ k1;
    x3 = low0;
    k0 += 0x9e3779b9u;
    k1 += 0xbb67ae85u;
  }
  word[0] = x0;
  word[1] = x1;
  word[2] = x2;
  word[3] = x3;
}

// Element 4k + w is lane k of value[w].
ALIPPE_INLINE void interleave(const vf value[4], float* out) {
  typedef float quad __attribute__((vector_size(16)));
  typedef float quad_any __attribute__((vector_size(16), aligned(4), may_alias));
  float lane[4][WIDTH];
  for (int w = 0; w < 4; w++) store(lane[w], value[w]);
  for (int k = 0; k < WIDTH; k += 4) {
    quad r[4];
    for (int w = 0; w < 4; w++) r[w] = *(const quad_any*)(lane[w] + k);
    quad a = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5), b = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5);
    quad c = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7), d = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
    *(quad_any*)(out + 4 * k) = __builtin_shufflevector(a, b, 0, 1, 4, 5);
    *(quad_any*)(out + 4 * k + 4) = __builtin_shufflevector(a, b, 2, 3, 6, 7);
    *(quad_any*)(out + 4 * k + 8) = __builtin_shufflevector(c, d, 0, 1, 4, 5);
    *(quad_any*)(out + 4 * k + 12) = __builtin_shufflevector(c, d, 2, 3, 6, 7);
  }
}

// f makes four vectors of numbers (in the order of a block's elements) from four of words.
template <class F>
void generate(Context& ctx, const Call& call, F f) {
  const Buffer& y = call.outputs[0];
  const int32_t* step = call.inputCount ? call.inputs[0].i32() : nullptr;
  double seed = call.attributes[0];
  double high = double(int64_t(seed / 4294967296.0));
  if (high * 4294967296.0 > seed) high -= 1;  // floor
  Stream s = {uint32_t(int64_t(seed - high * 4294967296.0)), uint32_t(int64_t(high)),
              uint32_t(int64_t(call.attributes[1])), step ? uint32_t(*step) : 0};
  constexpr int64_t BATCH = 4 * WIDTH, TASK = 8192;
  for (int64_t task; (task = ctx.take((y.size + TASK - 1) / TASK)) >= 0;) {
    int64_t end = (task + 1) * TASK < y.size ? (task + 1) * TASK : y.size;
    for (int64_t i = task * TASK; i < end; i += BATCH) {
      vu word[4];
      vf value[4];
      philox(s, uint64_t(i / 4), word);
      f(word, value);
      if (y.dtype == F32 && i + BATCH <= end) {
        interleave(value, y.f32() + i);
        continue;
      }
      float out[BATCH];
      interleave(value, out);
      for (int64_t k = 0; k < BATCH && i + k < end; k += WIDTH) {
        int64_t n = end - i - k < WIDTH ? end - i - k : WIDTH;
        if (y.dtype == BF16) store_bf16_n(y.bf16() + i + k, load(out + k), n);
        else store_n(y.f32() + i + k, load(out + k), n);
      }
    }
  }
}

// 24 bits of a word as an integer.
ALIPPE_INLINE vf bitsOf(vu word) { return to_float((vi)(word >> 8)); }

}  // namespace

void random_uniform(Context& ctx, const Call& call) {
  const vf low = splat(float(call.attributes[2])), span = splat(float(call.attributes[3] - call.attributes[2]));
  generate(ctx, call, [&](const vu* word, vf* value) {
    for (int w = 0; w < 4; w++) value[w] = fma(bitsOf(word[w]) * 0x1p-24f, span, low);
  });
}

void random_normal(Context& ctx, const Call& call) {
  const vf mean = splat(float(call.attributes[2])), deviation = splat(float(call.attributes[3]));
  generate(ctx, call, [&](const vu* word, vf* value) {
    for (int w = 0; w < 4; w += 2) {
      vf radius = square_root(-2.0f * log((bitsOf(word[w]) + 1.0f) * 0x1p-24f)) * deviation;
      vf quarters = bitsOf(word[w + 1]) * 0x1p-22f, whole = nearest(quarters);  // of a turn
      vf rest = (quarters - whole) * 1.57079632679489662f;
      vi quadrant = to_int(whole);
      value[w] = fma(radius, detail::sine_reduced(rest, quadrant + 1), mean);
      value[w + 1] = fma(radius, detail::sine_reduced(rest, quadrant), mean);
    }
  });
}

}  // namespace alippe::ALIPPE_ISA
