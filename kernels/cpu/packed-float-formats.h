// How the packings of floats lie in panels, and the f32 that their codes stand for. f8: 16 f32 factors, then a byte a row for
// each k. nf4: for each 64 k 16 f32 factors, then a byte a row for each two k, the first in its low half.
#pragma once
#include "../kernel.h"
#include "packed-formats.h"

namespace alippe::ALIPPE_ISA {

// s1111111 of e5m2 is the upper byte of an f16.
ALIPPE_INLINE vf from_e5m2(vi code) {
  vi magnitude = (code & 0x7f) << 21;
  vf finite = as_float(magnitude) * splat(0x1p112f);
  vf special = as_float(magnitude | 0x7f800000);
  return as_float(as_int(select((code & 0x7c) == 0x7c, special, finite)) | ((code & 0x80) << 24));
}
ALIPPE_INLINE vf from_e4m3(vi code) {
  vf finite = as_float((code & 0x7f) << 20) * splat(0x1p120f);
  return as_float(as_int(select((code & 0x7f) == 0x7f, splat(__builtin_nanf("")), finite)) | ((code & 0x80) << 24));
}

static const float nf4Levels[16] = {
    -1,
    -0.6961928009986877f,
    -0.5250730514526367f,
    -0.39491748809814453f,
    -0.28444138169288635f,
    -0.18477343022823334f,
    -0.09105003625154495f,
    0,
    0.07958029955625534f,
    0.16093020141124725f,
    0.24611230194568634f,
    0.33791524171829224f,
    0.44070982933044434f,
    0.5626170039176941f,
    0.7229568362236023f,
    1,
};
ALIPPE_INLINE vf from_nf4(vi code) {
#if defined(__AVX512F__)
  return (vf)_mm512_permutexvar_ps((__m512i)code, _mm512_loadu_ps(nf4Levels));
#else
  vf v;
  for (int i = 0; i < WIDTH; i++) v[i] = nf4Levels[code[i]];
  return v;
#endif
}

struct E4M3 {
  static constexpr int HEADER = 64, ELEMENTS = 32, BYTES = 512;
  ALIPPE_INLINE vf value(const uint8_t* panel, const uint8_t* block, int k, int part) {
    return floats_of(panel, part) * from_e4m3(bytes_of(block + 16 * k, part));
  }
};
struct E5M2 {
  static constexpr int HEADER = 64, ELEMENTS = 32, BYTES = 512;
  ALIPPE_INLINE vf value(const uint8_t* panel, const uint8_t* block, int k, int part) {
    return floats_of(panel, part) * from_e5m2(bytes_of(block + 16 * k, part));
  }
};
struct Nf4 {
  static constexpr int HEADER = 0, ELEMENTS = 64, BYTES = 576;
  ALIPPE_INLINE vf value(const uint8_t*, const uint8_t* block, int k, int part) {
    vi two = bytes_of(block + 64 + 16 * (k >> 1), part);
    return floats_of(block, part) * from_nf4(k & 1 ? two >> 4 : two & 15);
  }
};

// Elements [k, k + count) of rows [row, row + count of lanes) … of a panel as f32: to[k·stride + row]; k and count are
// whole blocks, rows those of part `part`.
template <typename F>
ALIPPE_INLINE void unpackFloats(const uint8_t* panel, int64_t k, int64_t count, int part, float* to, int64_t stride) {
  const uint8_t* block = panel + F::HEADER + k / F::ELEMENTS * F::BYTES;
  for (int64_t done = 0; done < count; done += F::ELEMENTS, block += F::BYTES, to += F::ELEMENTS * stride)
    for (int i = 0; i < F::ELEMENTS; i++) store(to + i * stride, F::value(panel, block, i, part));
}

}  // namespace alippe::ALIPPE_ISA
