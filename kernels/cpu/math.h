// Elementary functions over vectors of f32: one source for every instruction set.
//
// Each function reduces its argument to a small interval (Cody and Waite 1980: a constant split into parts short enough
// that their products with a whole number are exact) and evaluates a polynomial there. The coefficients are minimax fits
// made for this file with Remez's exchange (weights chosen for relative error of the result); the fit's own error stands
// beside each. Measured errors over every 997th f32 of the whole range, in units of the last place (ulp), worst of AVX-512,
// AVX2 (both with fma, as relaxed WebAssembly) and SSE2 (without, as plain WebAssembly):
//   exp 1.03 · log 0.8 · tanh 2.5 · sigmoid 2.2 · sin, cos 2.8 (|x| ≤ 1e5) · power 1.2 · gelu, silu: see there
#pragma once
#include "simd.h"

namespace alippe::ALIPPE_ISA {

constexpr float INFINITE = __builtin_inff();

// A number in every lane, for use in loops. WebAssembly engines build a constant vector anew, in several instructions,
// wherever it stands; hidden from the compiler's constant folding it is built once before the loop (exp: 1.5 times as fast).
ALIPPE_INLINE vf constant(float x) {
  vf v = splat(x);
#if defined(__wasm__)
  asm("" : "+r"(v));
#endif
  return v;
}
ALIPPE_INLINE vi constant_int(int32_t x) {
  vi v = splat_int(x);
#if defined(__wasm__)
  asm("" : "+r"(v));
#endif
  return v;
}

namespace detail {
constexpr float LOG2E = 1.44269504088896341f;
// ln 2 in two parts; the first has nine bits, so that its product with an exponent is exact.
constexpr float LN2_HIGH = 0.693359375f, LN2_LOW = -2.12194440054690583e-4f;
// Added to a number of size below 2^22 it pushes the fraction out: the sum's low bits are the nearest integer.
constexpr float ROUNDER = 12582912.0f;  // 1.5 * 2^23

// e^r − 1 for |r| ≤ ln(2)/2, as r + r²·q(r). Fit: 1.4e-8 relative.
ALIPPE_INLINE vf exp_minus_one_small(vf r) {
  vf q = fma(constant(0x1.6d990cp-10f), r, constant(0x1.1227fep-7f));
  q = fma(q, r, constant(0x1.555486p-5f));
  q = fma(q, r, constant(0x1.5554b0p-3f));
  q = fma(q, r, constant(0.5f));
  return fma(r * r, q, r);
}

// x = n·ln 2 + r; returns r, and n as an integer.
ALIPPE_INLINE vf reduce_exp(vf x, vi& n) {
  vf shifted = fma(x, constant(LOG2E), constant(ROUNDER));
  n = as_int(shifted) - as_int(constant(ROUNDER));
  vf whole = shifted - constant(ROUNDER);
  return fma(whole, constant(-LN2_LOW), fma(whole, constant(-LN2_HIGH), x));
}

// e^x with x brought into [-86.9, 88.3], where the result is neither subnormal nor infinite: what a denominator
// 1 + e^x needs.
ALIPPE_INLINE vf exp_bounded(vf x) {
  vi n;
  vf r = reduce_exp(min(constant(88.3f), max(constant(-86.9f), x)), n);
  return as_float(as_int(constant(1.0f) + exp_minus_one_small(r)) + (n << 23));
}

// x = 2^e·m with m in [√½, √2); x is positive, finite and not subnormal.
ALIPPE_INLINE vf split(vf x, vi& e) {
  constexpr int32_t HALF_ROOT = 0x3f3504f3;  // the bits of √½
  e = (as_int(x) - constant_int(HALF_ROOT)) >> 23;
  return as_float(as_int(x) - (e << 23));
}
}  // namespace detail

// e^x. 0 below −104, subnormal results included; +∞ above 88.73.
ALIPPE_INLINE vf exp(vf x) {
  vi n;
  vf r = detail::reduce_exp(min(constant(89.0f), max(constant(-104.5f), x)), n);
  vf m = constant(1.0f) + detail::exp_minus_one_small(r);
  vi half = n >> 1;  // 2^n in two factors: n may lie outside the exponents of f32
  return m * as_float((half + constant_int(127)) << 23) * as_float((n - half + constant_int(127)) << 23);
}

// The natural logarithm: −∞ at 0, NaN below.
ALIPPE_INLINE vf log(vf x) {
  vi tiny = x < constant(0x1p-126f);
  vi e;
  vf m = detail::split(select(tiny, x * constant(0x1p23f), x), e);
  vf k = to_float(e) - as_float(tiny & as_int(constant(23.0f)));
  // ln(1 + f) = f − f²/2 + f³·p(f). Fit: 7.3e-10 relative.
  vf f = m - constant(1.0f), f2 = f * f;
  vf p = fma(constant(0x1.1b431ep-4f), f, constant(-0x1.e2e9d8p-4f));
  p = fma(p, f, constant(0x1.e6508cp-4f));
  p = fma(p, f, constant(-0x1.fb4322p-4f));
  p = fma(p, f, constant(0x1.2332c0p-3f));
  p = fma(p, f, constant(-0x1.5562e4p-3f));
  p = fma(p, f, constant(0x1.99a546p-3f));
  p = fma(p, f, constant(-0x1.ffffeep-3f));
  p = fma(p, f, constant(0x1.555546p-2f));
  vf tail = fma(k, constant(detail::LN2_LOW), f * f2 * p);
  tail = fma(f2, constant(-0.5f), tail);
  vf y = fma(k, constant(detail::LN2_HIGH), f + tail);
  y = select(x == constant(INFINITE), x, y);
  y = select(x == constant(0.0f), constant(-INFINITE), y);
  return select(~(x >= constant(0.0f)), constant(__builtin_nanf("")), y);
}

// (e^2x − 1)/(e^2x + 1), the numerator found without cancellation, so that small x keep their relative accuracy.
ALIPPE_INLINE vf tanh(vf x) {
  vi n;
  vf r = detail::reduce_exp(constant(2.0f) * min(constant(9.2f), max(constant(-9.2f), x)), n);
  vf scale = as_float((n + constant_int(127)) << 23);
  vf e = fma(scale, detail::exp_minus_one_small(r), scale - constant(1.0f));
  return e / (e + constant(2.0f));
}

// 1/(1 + e^−x); results below 1e-38 are held there.
ALIPPE_INLINE vf sigmoid(vf x) { return constant(1.0f) / (constant(1.0f) + detail::exp_bounded(-x)); }

namespace detail {
// gelu(x) = x/2·(1 + tanh u) = x·sigmoid(2u), u = √(2/π)(x + 0.044715x³).
constexpr float GELU_LINEAR = 1.59576912160573071f, GELU_CUBIC = 0.0713548162726009f;  // of 2u
ALIPPE_INLINE vf gelu_gate(vf x) {
  return sigmoid(x * fma(x * x, constant(GELU_CUBIC), constant(GELU_LINEAR)));
}
// Further out the gate is 0 or 1 to all places; x is held there where it would multiply the held zero.
constexpr float GELU_FAR = 30, SILU_FAR = 100;
ALIPPE_INLINE vf hold(vf x, float far) { return min(constant(far), max(constant(-far), x)); }
// Of x·sigmoid(u): sigmoid(u) + x·u'·sigmoid(u)·(1 − sigmoid(u)), where 1 − sigmoid is found without cancellation.
ALIPPE_INLINE vf gate_derivative(vf x, vf u, vf slope) {
  vf e = exp_bounded(-u), s = constant(1.0f) / (constant(1.0f) + e);
  return fma(x * slope, e * s * s, s);
}
}  // namespace detail

// Relative error 4 ulp for x > −1, growing with the exponent below (absolute error stays under 2e-7).
ALIPPE_INLINE vf gelu(vf x) { return max(constant(-detail::GELU_FAR), x) * detail::gelu_gate(x); }
ALIPPE_INLINE vf gelu_derivative(vf x) {
  x = detail::hold(x, detail::GELU_FAR);
  vf u = x * fma(x * x, constant(detail::GELU_CUBIC), constant(detail::GELU_LINEAR));
  vf slope = fma(x * x, constant(3 * detail::GELU_CUBIC), constant(detail::GELU_LINEAR));
  return detail::gate_derivative(x, u, slope);
}
ALIPPE_INLINE vf silu(vf x) { return max(constant(-detail::SILU_FAR), x) * sigmoid(x); }
ALIPPE_INLINE vf silu_derivative(vf x) {
  x = detail::hold(x, detail::SILU_FAR);
  return detail::gate_derivative(x, x, constant(1.0f));
}

namespace detail {
// sin(r + quarter·π/2) for |r| ≤ π/4.
ALIPPE_INLINE vf sine_reduced(vf r, vi quarter) {
  vf z = r * r;
  vf s = fma(constant(-0x1.994b40p-13f), z, constant(0x1.110756p-7f));  // sin r = r + r³·s(r²). Fit: 3.7e-9
  s = fma(s, z, constant(-0x1.555546p-3f));
  s = fma(r * z, s, r);
  vf c = fma(constant(0x1.99ff40p-16f), z, constant(-0x1.6c0c82p-10f));  // cos r = 1 − r²/2 + r⁴·c(r²). Fit: 9.7e-11
  c = fma(c, z, constant(0x1.55554ap-5f));
  c = fma(z * z, c, fma(z, constant(-0.5f), constant(1.0f)));
  vf y = select((quarter & 1) != 0, c, s);
  return as_float(as_int(y) ^ ((quarter & 2) << 30));
}

// sin(x + quarter·π/2). Right to the last places for |x| ≤ 1e5; beyond, the error grows with x (and stays bounded).
ALIPPE_INLINE vf sine(vf x, int32_t quarter) {
  vf whole = nearest(x * constant(0.636619772367581343f));
  // π/2 in parts of eight bits: exact products for 16-bit multiples.
  vf r = x - whole * constant(0x1.92p+0f);
  r = r - whole * constant(0x1.fap-12f);
  r = r - whole * constant(0x1.54p-20f);
  r = r - whole * constant(0x1.10b462p-30f);
  vf y = sine_reduced(min(constant(0.8f), max(constant(-0.8f), r)), to_int(whole) + quarter);
  return select(x - x == constant(0.0f), y, constant(__builtin_nanf("")));
}
}  // namespace detail

ALIPPE_INLINE vf sin(vf x) { return detail::sine(x, 0); }
ALIPPE_INLINE vf cos(vf x) { return detail::sine(x, 1); }

namespace detail {
typedef double vd __attribute__((vector_size(4 * WIDTH)));
typedef int64_t vl __attribute__((vector_size(4 * WIDTH)));
typedef float vf_half __attribute__((vector_size(2 * WIDTH)));
union halves {
  vf all;
  vf_half of[2];
};
// Through registers: a load of what two narrower stores wrote would wait for both to reach the cache.
template <int N, class Half>
ALIPPE_INLINE auto joined(Half a, Half b) {
  if constexpr (N == 4) return (vf)__builtin_shufflevector(a, b, 0, 1, 2, 3);
  else if constexpr (N == 8) return (vf)__builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7);
  else return (vf)__builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

// y·log₂(2^e·m) for half the lanes, in f64: |y·log₂ x| reaches 128 and its fraction must keep 24 bits.
ALIPPE_INLINE vd scaled_log2(halves m, halves e, halves y, int part) {
  vd md = __builtin_convertvector(m.of[part], vd), ed = __builtin_convertvector(e.of[part], vd);
  vd yd = __builtin_convertvector(y.of[part], vd);
  vd s = (md - 1.0) / (md + 1.0), z = s * s;  // ln m = 2·atanh s, |s| ≤ 0.1716
  vd p = z * (1.0 / 15) + 1.0 / 13;
  p = p * z + 1.0 / 11;
  p = p * z + 1.0 / 9;
  p = p * z + 1.0 / 7;
  p = p * z + 1.0 / 5;
  p = p * z + 1.0 / 3;
  p = p * z + 1.0;
  return yd * (s * p * 2.88539008177792681 + ed);
}
}  // namespace detail

// x^y, with C's conventions: x^0 = 1, 0^negative = ∞, a negative x needs a whole y.
ALIPPE_INLINE vf power(vf x, vf y) {
  vf a = absolute(x);
  vi tiny = a < constant(0x1p-126f), e;
  vf m = detail::split(select(tiny, a * constant(0x1p23f), a), e);
  e -= tiny & 23;
  detail::halves ms = {m}, es = {to_float(e)}, ys = {y};
  detail::vf_half wholes[2], fractions[2];
  for (int part = 0; part < 2; part++) {
    detail::vd t = detail::scaled_log2(ms, es, ys, part), far = detail::vd{} + 200;
    t = (detail::vd)(((detail::vl)t & (t <= far)) | ((detail::vl)far & ~(t <= far)));
    t = (detail::vd)(((detail::vl)t & (t >= -far)) | ((detail::vl)-far & ~(t >= -far)));
    detail::vd n = (t + 0x1.8p52) - 0x1.8p52;
    wholes[part] = __builtin_convertvector(n, detail::vf_half);
    fractions[part] = __builtin_convertvector(t - n, detail::vf_half);
  }
  vf whole = detail::joined<WIDTH>(wholes[0], wholes[1]), fraction = detail::joined<WIDTH>(fractions[0], fractions[1]);
  vf g = fraction * 0.693147180559945309f;  // [−0.35, 0.35]
  vi n = to_int(whole), half = n >> 1;
  vf result = (constant(1.0f) + detail::exp_minus_one_small(g)) * as_float((half + constant_int(127)) << 23) *
              as_float((n - half + constant_int(127)) << 23);
  vi rises = y > constant(0.0f);
  result = select(a == constant(INFINITE), select(rises, constant(INFINITE), constant(0.0f)), result);
  result = select(a == constant(0.0f), select(rises, constant(0.0f), constant(INFINITE)), result);
  vi isWhole = round_down(y) == y, isOdd = isWhole & ~(round_down(y * 0.5f) == y * 0.5f);
  vf signless = select(isWhole | (a == constant(INFINITE)), result, constant(__builtin_nanf("")));
  result = select(x < constant(0.0f), select(isOdd, -result, signless), result);
  result = select((x != x) | (y != y), constant(__builtin_nanf("")), result);
  return select((y == constant(0.0f)) | (x == constant(1.0f)), constant(1.0f), result);
}

}  // namespace alippe::ALIPPE_ISA
