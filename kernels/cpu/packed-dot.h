// Products of bytes: what a packed product is made of besides the vectors of simd.h.
#pragma once
#include "simd.h"

namespace alippe::ALIPPE_ISA {

// Codes of a whole byte stand for code − 128. Where bytes without a sign can be multiplied the products take them as they
// are, and the sums begin at −128·Σa; elsewhere codes get their sign back first.
#if defined(__AVX512VNNI__) || !(defined(__AVX2__) || defined(__ARM_NEON))
constexpr int BYTE_ZERO = 128;
#else
constexpr int BYTE_ZERO = 0;
#endif

#if defined(__AVX2__) && !defined(__AVX512BW__)
ALIPPE_INLINE vi add_pairs(vi sum, __m256i products) {
  return sum + (vi)_mm256_madd_epi16(products, _mm256_set1_epi16(1));
}
#elif defined(__AVX512BW__) && !defined(__AVX512VNNI__)
ALIPPE_INLINE vi add_pairs(vi sum, __m512i products) {
  return sum + (vi)_mm512_madd_epi16(products, _mm512_set1_epi16(1));
}
#elif !defined(__AVX2__) && !defined(__ARM_NEON)
// Pairs of 16 bits: products of even bytes, of odd ones.
typedef int16_t vs __attribute__((vector_size(16)));
ALIPPE_INLINE vi multiply_pairs(vs a, vs b) {
#if defined(__wasm_simd128__)
  return (vi)wasm_i32x4_dot_i16x8((v128_t)a, (v128_t)b);
#else
  return (vi)_mm_madd_epi16((__m128i)a, (__m128i)b);
#endif
}
ALIPPE_INLINE vi dot4_wide(vi sum, vi codes, vi a) {
  typedef uint16_t vus __attribute__((vector_size(16)));
  vs even = (vs)(codes & 0x00ff00ff), odd = (vs)((vus)codes >> 8);
  return sum + multiply_pairs(even, (vs)((vus)a << 8) >> 8) + multiply_pairs(odd, (vs)a >> 8);
}
#endif
#if defined(__ARM_NEON)
ALIPPE_INLINE vi dot4_signed(vi sum, vi codes, vi a) {
#if defined(__ARM_FEATURE_DOTPROD)
  return (vi)vdotq_s32((int32x4_t)sum, (int8x16_t)codes, (int8x16_t)a);
#else
  int8x16_t w = (int8x16_t)codes, x = (int8x16_t)a;
  int32x4_t low = vpaddlq_s16(vmull_s8(vget_low_s8(w), vget_low_s8(x)));
  int32x4_t high = vpaddlq_s16(vmull_s8(vget_high_s8(w), vget_high_s8(x)));
  return sum + (vi)vpaddq_s32(low, high);
#endif
}
#endif

// sum + Σ of four products a lane: codes 0 … 127 with bytes of a in −127 … 127. Exact.
ALIPPE_INLINE vi dot4(vi sum, vi codes, vi a) {
#if defined(__AVX512VNNI__)
  return (vi)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)codes, (__m512i)a);
#elif defined(__AVX512BW__)
  return add_pairs(sum, _mm512_maddubs_epi16((__m512i)codes, (__m512i)a));
#elif defined(__AVX2__)
  return add_pairs(sum, _mm256_maddubs_epi16((__m256i)codes, (__m256i)a));
#elif defined(__ARM_NEON)
  return dot4_signed(sum, codes, a);
#elif defined(__wasm_relaxed_simd__)
  // Exact: the second operand has seven bits, so that implementations agree and no pair of products overflows 16 bits.
  return (vi)wasm_i32x4_relaxed_dot_i8x16_i7x16_add((v128_t)a, (v128_t)codes, (v128_t)sum);
#else
  return dot4_wide(sum, codes, a);
#endif
}

// The same for codes 0 … 255; Σ of (code − 128 + BYTE_ZERO)·a.
ALIPPE_INLINE vi dot4_bytes(vi sum, vi codes, vi a) {
#if defined(__AVX512VNNI__)
  return (vi)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)codes, (__m512i)a);
#elif defined(__AVX512BW__)
  // |w|·(a with w's sign): pairs of products stay within 16 bits.
  __m512i w = _mm512_xor_si512((__m512i)codes, _mm512_set1_epi8((char)0x80));
  __m512i turned = _mm512_mask_sub_epi8((__m512i)a, _mm512_movepi8_mask(w), _mm512_setzero_si512(), (__m512i)a);
  return add_pairs(sum, _mm512_maddubs_epi16(_mm512_abs_epi8(w), turned));
#elif defined(__AVX2__)
  __m256i w = _mm256_xor_si256((__m256i)codes, _mm256_set1_epi8((char)0x80));
  return add_pairs(sum, _mm256_maddubs_epi16(_mm256_abs_epi8(w), _mm256_sign_epi8((__m256i)a, w)));
#elif defined(__ARM_NEON)
  return dot4_signed(sum, codes ^ (int32_t)0x80808080, a);
#else
  return dot4_wide(sum, codes, a);
#endif
}

typedef uint8_t v_bytes __attribute__((vector_size(WIDTH), aligned(1), may_alias));

// One byte a lane, as integers.
ALIPPE_INLINE vi load_bytes(const uint8_t* p) {
#if defined(__AVX512F__)
  return (vi)_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i*)p));
#elif defined(__AVX2__)
  return (vi)_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i*)p));
#else
  v_bytes b = *(const v_bytes*)p;
  return __builtin_convertvector(b, vi);
#endif
}
ALIPPE_INLINE vi load_signed_bytes(const uint8_t* p) { return (vi)((vu)load_bytes(p) << 24) >> 24; }

}  // namespace alippe::ALIPPE_ISA
