// One row of a panel as f32, for `gather`.
#pragma once
#include "packed-float-formats.h"

namespace alippe::ALIPPE_ISA {

using UnpackRow = void (*)(const uint8_t* panel, int row, int64_t K, float* to);

// scale·(code − zero) is exact where scales are f16, so value is rounded once, as its definition is.
template <typename F>
static void unpackIntegerRow(const uint8_t* panel, int row, int64_t K, float* to) {
  using U = UnpackedOf<F>;
  alignas(64) uint8_t unpacked[U::STEP];
  const float* scales = (const float*)unpacked + row;
  const uint8_t* codes = unpacked + U::HEAD + 4 * row;
  const uint8_t* head = panel + F::HEADER;
  for (int64_t k = 0; k < K; k += F::ELEMENTS, head += superBytes<F>())
    for (int b = 0; b < F::ELEMENTS / 32; b++, to += 32) {
      unpackBlock<F>(panel, head, b, unpacked);
      for (int i = 0; i < 32; i++) {
        float product = scales[i / F::SUB * 16] * (float)(codes[64 * (i / 4) + i % 4] - F::ZERO);
        to[i] = F::OFFSETS ? product + scales[(U::GROUPS + i / F::SUB) * 16] : product;
      }
    }
}

template <typename F>
static void unpackFloatRow(const uint8_t* panel, int row, int64_t K, float* to) {
  alignas(64) float unpacked[F::ELEMENTS * WIDTH];
  for (int64_t k = 0; k < K; k += F::ELEMENTS) {
    unpackFloats<F>(panel, k, F::ELEMENTS, row / WIDTH, unpacked, WIDTH);
    for (int i = 0; i < F::ELEMENTS; i++) to[k + i] = unpacked[i * WIDTH + row % WIDTH];
  }
}

static UnpackRow unpackRowOf(int32_t dtype) {
  switch (dtype) {
    case INT8: return unpackIntegerRow<Int8>;
    case F8E4M3: return unpackFloatRow<E4M3>;
    case F8E5M2: return unpackFloatRow<E5M2>;
    case NF4: return unpackFloatRow<Nf4>;
    case Q8_0: return unpackIntegerRow<Q8_0_>;
    case Q4_0: return unpackIntegerRow<Q4_0_>;
    case Q4_1: return unpackIntegerRow<Q4_1_>;
    case Q2_K: return unpackIntegerRow<Q2_K_>;
    case Q4_K: return unpackIntegerRow<Q4_K_>;
    case Q5_K: return unpackIntegerRow<Q5_K_>;
    default: return unpackIntegerRow<Q6_K_>;
  }
}

}  // namespace alippe::ALIPPE_ISA
