// Vectors of f32 and i32 for kernels: one source for AVX-512, AVX2, SSE2, NEON and WebAssembly. The width follows from
// the flags that a unit is compiled with, so everything lives in the namespace of its instruction set and is inline.
//
// `vf` and `vi` are GCC/clang vectors: + - * / & | ^ << >> and comparisons work on them directly (also against a
// scalar in arithmetic); a comparison gives a `vi` of 0 or -1 per lane, a mask. Shifts of `vi` are arithmetic, of `vu`
// logical. Units are compiled with -ffp-contract=off: a*b + c rounds twice, fma(a, b, c) is the fused form where the
// instruction set has one.
#pragma once
#include <stddef.h>
#include <stdint.h>
#if defined(__wasm_simd128__)
#include <wasm_simd128.h>
#elif defined(__x86_64__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

#ifndef ALIPPE_ISA
#error "compile kernels with -DALIPPE_ISA=<name of the instruction set>"
#endif
#define ALIPPE_INLINE static inline __attribute__((always_inline, unused))

namespace alippe::ALIPPE_ISA {

#if defined(__AVX512F__)
constexpr int WIDTH = 16;
#elif defined(__AVX2__)
constexpr int WIDTH = 8;
#else
constexpr int WIDTH = 4;
#endif

typedef float vf __attribute__((vector_size(4 * WIDTH)));
typedef int32_t vi __attribute__((vector_size(4 * WIDTH)));
typedef uint32_t vu __attribute__((vector_size(4 * WIDTH)));
typedef uint16_t vh __attribute__((vector_size(2 * WIDTH)));  // bf16 bits, one per lane
// The same without any demand on alignment, and allowed to alias.
typedef float vf_any __attribute__((vector_size(4 * WIDTH), aligned(1), may_alias));
typedef int32_t vi_any __attribute__((vector_size(4 * WIDTH), aligned(1), may_alias));
typedef uint16_t vh_any __attribute__((vector_size(2 * WIDTH), aligned(1), may_alias));

ALIPPE_INLINE vf splat(float x) { return x - vf{}; }
ALIPPE_INLINE vi splat_int(int32_t x) { return x - vi{}; }
ALIPPE_INLINE vf zero() { return vf{}; }
ALIPPE_INLINE vi lanes() {  // 0, 1, 2, …
  vi r;
  for (int i = 0; i < WIDTH; i++) r[i] = i;
  return r;
}

ALIPPE_INLINE vf load(const float* p) { return *(const vf_any*)p; }
ALIPPE_INLINE vi load(const int32_t* p) { return *(const vi_any*)p; }
ALIPPE_INLINE void store(float* p, vf v) { *(vf_any*)p = v; }
ALIPPE_INLINE void store(int32_t* p, vi v) { *(vi_any*)p = v; }

ALIPPE_INLINE vi as_int(vf v) { return (vi)v; }
ALIPPE_INLINE vu as_uint(vf v) { return (vu)v; }
ALIPPE_INLINE vf as_float(vi v) { return (vf)v; }
ALIPPE_INLINE vf as_float(vu v) { return (vf)v; }
// Nearest i32 and f32: to_int truncates toward zero; out of range is unspecified.
ALIPPE_INLINE vi to_int(vf v) {
#if defined(__wasm_simd128__)
  return (vi)wasm_i32x4_trunc_sat_f32x4((v128_t)v);
#else
  return __builtin_convertvector(v, vi);
#endif
}
ALIPPE_INLINE vf to_float(vi v) { return __builtin_convertvector(v, vf); }

// mask ? a : b, per lane; the mask's lanes are 0 or -1.
ALIPPE_INLINE vf select(vi mask, vf a, vf b) {
#if defined(__wasm_simd128__)
  return (vf)wasm_v128_bitselect((v128_t)a, (v128_t)b, (v128_t)mask);
#elif defined(__ARM_NEON)
  return (vf)vbslq_f32((uint32x4_t)mask, (float32x4_t)a, (float32x4_t)b);
#elif defined(__AVX512F__)
  return mask ? a : b;
#elif defined(__AVX2__)
  return (vf)_mm256_blendv_ps((__m256)b, (__m256)a, (__m256)mask);
#else
  return (vf)((mask & (vi)a) | (~mask & (vi)b));
#endif
}
ALIPPE_INLINE vi select(vi mask, vi a, vi b) { return (vi)select(mask, (vf)a, (vf)b); }

// a*b + c. Fused on AVX2, AVX-512 and NEON; on relaxed WebAssembly whatever the machine does fast; else rounded twice.
ALIPPE_INLINE vf fma(vf a, vf b, vf c) {
#if defined(__AVX512F__)
  return (vf)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__FMA__)
  return (vf)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__ARM_NEON)
  return (vf)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#elif defined(__wasm_relaxed_simd__)
  return __builtin_wasm_relaxed_madd_f32x4(a, b, c);
#else
  return a * b + c;
#endif
}

// a > b ? a : b and a < b ? a : b, per lane: b when either is NaN.
ALIPPE_INLINE vf max(vf a, vf b) {
#if defined(__AVX512F__)
  return (vf)_mm512_max_ps((__m512)a, (__m512)b);
#elif defined(__AVX2__)
  return (vf)_mm256_max_ps((__m256)a, (__m256)b);
#elif defined(__x86_64__)
  return (vf)_mm_max_ps((__m128)a, (__m128)b);
#elif defined(__wasm_simd128__)
  return (vf)wasm_f32x4_pmax((v128_t)b, (v128_t)a);
#else
  return select(a > b, a, b);
#endif
}
ALIPPE_INLINE vf min(vf a, vf b) {
#if defined(__AVX512F__)
  return (vf)_mm512_min_ps((__m512)a, (__m512)b);
#elif defined(__AVX2__)
  return (vf)_mm256_min_ps((__m256)a, (__m256)b);
#elif defined(__x86_64__)
  return (vf)_mm_min_ps((__m128)a, (__m128)b);
#elif defined(__wasm_simd128__)
  return (vf)wasm_f32x4_pmin((v128_t)b, (v128_t)a);
#else
  return select(a < b, a, b);
#endif
}
ALIPPE_INLINE vf absolute(vf v) { return (vf)((vi)v & 0x7fffffff); }

ALIPPE_INLINE vf square_root(vf v) {
#if defined(__AVX512F__)
  return (vf)_mm512_sqrt_ps((__m512)v);
#elif defined(__AVX2__)
  return (vf)_mm256_sqrt_ps((__m256)v);
#elif defined(__x86_64__)
  return (vf)_mm_sqrt_ps((__m128)v);
#elif defined(__wasm_simd128__)
  return (vf)wasm_f32x4_sqrt((v128_t)v);
#else
  return (vf)vsqrtq_f32((float32x4_t)v);
#endif
}

// To the nearest integer, ties to even. Without an instruction for it only right for |v| < 2^31.
ALIPPE_INLINE vf nearest(vf v) {
#if defined(__AVX512F__)
  return (vf)_mm512_roundscale_ps((__m512)v, 0x08);
#elif defined(__AVX2__)
  return (vf)_mm256_round_ps((__m256)v, 0x08);
#elif defined(__x86_64__)
  return (vf)_mm_cvtepi32_ps(_mm_cvtps_epi32((__m128)v));
#elif defined(__wasm_simd128__)
  return (vf)wasm_f32x4_nearest((v128_t)v);
#else
  return (vf)vrndnq_f32((float32x4_t)v);
#endif
}
// Down to an integer. Without an instruction for it only right for |v| < 2^31.
ALIPPE_INLINE vf round_down(vf v) {
#if defined(__AVX512F__)
  return (vf)_mm512_roundscale_ps((__m512)v, 0x09);
#elif defined(__AVX2__)
  return (vf)_mm256_round_ps((__m256)v, 0x09);
#elif defined(__wasm_simd128__)
  return (vf)wasm_f32x4_floor((v128_t)v);
#elif defined(__ARM_NEON)
  return (vf)vrndmq_f32((float32x4_t)v);
#else
  vf t = to_float(to_int(v));
  return t - as_float((t > v) & (vi)splat(1.0f));
#endif
}

// The first n lanes (0 ≤ n ≤ WIDTH) from memory, zeros in the rest; nothing beyond is touched.
ALIPPE_INLINE vf load_n(const float* p, int64_t n) {
#if defined(__AVX512F__)
  return (vf)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
#elif defined(__AVX2__)
  return (vf)_mm256_maskload_ps(p, (__m256i)(lanes() < (int32_t)n));
#else
  if (n >= 4) return load(p);
  vf r = {};
  if (n > 0) r[0] = p[0];
  if (n > 1) r[1] = p[1];
  if (n > 2) r[2] = p[2];
  return r;
#endif
}
ALIPPE_INLINE void store_n(float* p, vf v, int64_t n) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)v);
#elif defined(__AVX2__)
  _mm256_maskstore_ps(p, (__m256i)(lanes() < (int32_t)n), (__m256)v);
#else
  if (n >= 4) return store(p, v);
  if (n > 0) p[0] = v[0];
  if (n > 1) p[1] = v[1];
  if (n > 2) p[2] = v[2];
#endif
}
ALIPPE_INLINE vi load_n(const int32_t* p, int64_t n) { return (vi)load_n((const float*)p, n); }
ALIPPE_INLINE void store_n(int32_t* p, vi v, int64_t n) { store_n((float*)p, (vf)v, n); }

// bf16 is the upper half of an f32. Rounding is to nearest, ties to even; NaN stays NaN.
ALIPPE_INLINE vf from_bf16(vh h) { return (vf)(__builtin_convertvector(h, vu) << 16); }
ALIPPE_INLINE vh to_bf16(vf v) {
#if defined(__AVX512BF16__) && defined(__AVX512F__)
  // The instruction flushes subnormals to zero, which the definition does not; they are rare, so look first.
  vi magnitude = (vi)v & 0x7fffffff;
  if (!_mm512_cmplt_epu32_mask(_mm512_sub_epi32((__m512i)magnitude, _mm512_set1_epi32(1)), _mm512_set1_epi32(0x7fffff)))
    return (vh)_mm512_cvtneps_pbh((__m512)v);
#endif
  vu bits = (vu)v;
  vu rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  vu quiet = (bits >> 16) | 0x40;
  return __builtin_convertvector((vu)select((vi)(v != v), (vi)quiet, (vi)rounded), vh);
}
ALIPPE_INLINE vf load_bf16(const uint16_t* p) { return from_bf16(*(const vh_any*)p); }
ALIPPE_INLINE void store_bf16(uint16_t* p, vf v) { *(vh_any*)p = to_bf16(v); }
ALIPPE_INLINE vf load_bf16_n(const uint16_t* p, int64_t n) {
#if defined(__AVX512BW__) && defined(__AVX512VL__)
  return from_bf16((vh)_mm256_maskz_loadu_epi16((__mmask16)((1u << n) - 1), p));
#else
  if (n >= WIDTH) return load_bf16(p);
  vh r = {};
  for (int64_t i = 0; i < n; i++) r[i] = p[i];
  return from_bf16(r);
#endif
}
ALIPPE_INLINE void store_bf16_n(uint16_t* p, vf v, int64_t n) {
#if defined(__AVX512BW__) && defined(__AVX512VL__)
  _mm256_mask_storeu_epi16(p, (__mmask16)((1u << n) - 1), (__m256i)to_bf16(v));
#else
  if (n >= WIDTH) return store_bf16(p, v);
  vh h = to_bf16(v);
  for (int64_t i = 0; i < n; i++) p[i] = h[i];
#endif
}
// Every f16 is an f32 too.
ALIPPE_INLINE vf from_f16(vh h) {
#if defined(__AVX512F__)
  return (vf)_mm512_cvtph_ps((__m256i)h);
#elif defined(__F16C__)
  return (vf)_mm256_cvtph_ps((__m128i)h);
#else
  vu bits = __builtin_convertvector(h, vu), sign = (bits & 0x8000) << 16, rest = (bits & 0x7fff) << 13;
  // The exponent's bias is 112 less; a product by 2^112 sets it right, for subnormal numbers too.
  vf finite = (vf)rest * splat(5192296858534827628530496329220096.0f);
  vf beyond = (vf)(rest | 0x7f800000u);  // infinities and NaN
  return (vf)((vu)select((vi)(rest >= 0x0f800000u), beyond, finite) | sign);
#endif
}
ALIPPE_INLINE vf load_f16(const uint16_t* p) { return from_f16(*(const vh_any*)p); }
ALIPPE_INLINE vf load_f16_n(const uint16_t* p, int64_t n) {
#if defined(__AVX512BW__) && defined(__AVX512VL__)
  return from_f16((vh)_mm256_maskz_loadu_epi16((__mmask16)((1u << n) - 1), p));
#else
  if (n >= WIDTH) return load_f16(p);
  vh r = {};
  for (int64_t i = 0; i < n; i++) r[i] = p[i];
  return from_f16(r);
#endif
}
// v rounded to bf16 and back.
ALIPPE_INLINE vf round_bf16(vf v) {
  vu bits = (vu)v;
  vu rounded = (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000u;
  return select((vi)(v != v), (vf)((bits | 0x400000u) & 0xffff0000u), (vf)rounded);
}

// One number from all lanes. The order is fixed for a width: halves are added (compared) until one lane is left.
ALIPPE_INLINE float sum(vf v) {
  float part[WIDTH];
  store(part, v);
  for (int half = WIDTH / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) part[i] += part[i + half];
  return part[0];
}
ALIPPE_INLINE float maximum(vf v) {
  float part[WIDTH];
  store(part, v);
  for (int half = WIDTH / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) part[i] = part[i] > part[i + half] ? part[i] : part[i + half];
  return part[0];
}

}  // namespace alippe::ALIPPE_ISA
