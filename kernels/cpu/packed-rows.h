// Rounds rows of x to bytes for packedTile: in blocks of 32, scale = greatest |x| / 127, code = x·(127 / greatest |x|) to
// nearest, ties to even. A block whose greatest |x| is below 2⁻¹⁰⁰ counts as zeros; one that holds an infinity or a NaN
// becomes zeros of scale NaN.
#pragma once
#include "packed-dot.h"
#include "../kernel.h"

namespace alippe::ALIPPE_ISA {

constexpr float LEAST_ROUNDED = 0x1p-100f;

// How rows are laid out (packed-tile.h): `group` rows together, sums over `sub` codes begin at −zero·Σ, or are scale·Σ.
struct RowLayout {
  int group, sub, zero;
  bool offsets;
  int64_t blockBytes() const { return group * (32 + 4 + 4 * (32 / sub)); }
  int64_t bytes(int64_t rows, int64_t K) const { return (rows + group - 1) / group * (K / 32) * blockBytes(); }
};

ALIPPE_INLINE int32_t greatest(vi v) {
#if defined(__AVX512F__)
  return _mm512_reduce_max_epi32((__m512i)v);
#else
  int32_t part[WIDTH], best = 0;
  store(part, v);
  for (int i = 0; i < WIDTH; i++) best = part[i] > best ? part[i] : best;
  return best;
#endif
}

typedef int8_t v_signed_bytes __attribute__((vector_size(WIDTH), aligned(1), may_alias));
ALIPPE_INLINE void store_as_bytes(int8_t* p, vi v) {
#if defined(__AVX512F__)
  _mm_storeu_si128((__m128i*)p, _mm512_cvtepi32_epi8((__m512i)v));
#else
  *(v_signed_bytes*)p = __builtin_convertvector(v, v_signed_bytes);
#endif
}

// 32 elements of a row to their 32 codes; returns the scale.
ALIPPE_INLINE float roundBlock(const void* x, int32_t dtype, int8_t* codes) {
  constexpr int VECTORS = 32 / WIDTH;
  vf values[VECTORS];
  vi magnitude = {};
#pragma GCC unroll 8
  for (int i = 0; i < VECTORS; i++) {
    values[i] = dtype == BF16 ? load_bf16((const uint16_t*)x + i * WIDTH) : load((const float*)x + i * WIDTH);
    vi bits = as_int(values[i]) & 0x7fffffff;
    magnitude = select(bits > magnitude, bits, magnitude);
  }
  int32_t bits = greatest(magnitude);
  float most;
  __builtin_memcpy(&most, &bits, 4);
  if (!(most >= LEAST_ROUNDED) || bits >= 0x7f800000) {
    __builtin_memset(codes, 0, 32);
    return bits >= 0x7f800000 ? __builtin_nanf("") : 0;
  }
  vf inverse = splat(127.0f / most);
#pragma GCC unroll 8
  for (int i = 0; i < VECTORS; i++) store_as_bytes(codes + i * WIDTH, to_int(nearest(values[i] * inverse)));
  return most / 127.0f;
}

ALIPPE_INLINE int32_t sumBytes(const int8_t* p, int count) {
#if defined(__AVX512VNNI__) && defined(__AVX512VL__)
  __m128i sum = _mm_dpbusd_epi32(_mm_setzero_si128(), _mm_set1_epi8(1), _mm_loadu_si128((const __m128i*)p));
  if (count == 32) sum = _mm_dpbusd_epi32(sum, _mm_set1_epi8(1), _mm_loadu_si128((const __m128i*)(p + 16)));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1)));
#else
  int32_t sum = 0;
  for (int i = 0; i < count; i++) sum += p[i];
  return sum;
#endif
}

// Blocks [from, to) of the group of rows that begins at `row` of x [M, K]; `out` is where the group begins. Missing rows
// become zeros.
static void roundRows(const Buffer& x, int64_t row, int64_t M, int64_t K, int64_t from, int64_t to, const RowLayout& layout,
                      uint8_t* out) {
  int64_t elementBytes = x.dtype == BF16 ? 2 : 4;
  for (int64_t block = from; block < to; block++) {
    uint8_t* at = out + block * layout.blockBytes();
    for (int r = 0; r < layout.group; r++) {
      int8_t* codes = (int8_t*)at + 32 * r;
      float scale = 0;
      if (row + r < M) scale = roundBlock((const char*)x.data + ((row + r) * K + block * 32) * elementBytes, x.dtype, codes);
      else __builtin_memset(codes, 0, 32);
      __builtin_memcpy(at + 32 * layout.group + 4 * r, &scale, 4);
      for (int g = 0; g < 32 / layout.sub; g++) {
        int32_t sum = sumBytes(codes + g * layout.sub, layout.sub), start = -layout.zero * sum;
        float share = scale * (float)sum;
        __builtin_memcpy(at + 36 * layout.group + 4 * (g * layout.group + r), layout.offsets ? (void*)&share : (void*)&start, 4);
      }
    }
  }
}

}  // namespace alippe::ALIPPE_ISA
