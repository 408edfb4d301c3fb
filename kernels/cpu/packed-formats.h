// How the integer packings lie in panels, and what of it the products read. A panel holds 16 rows; after its HEADER come
// super-blocks of ELEMENTS along K: a HEAD with the scales, then BLOCK bytes for each 32 k. A vector of 64 bytes holds four
// neighbouring k (a quad) of each row; narrower instruction sets take it in PARTS of WIDTH rows. src/packing/panel-fields.ts
// is the definition.
//
// A format says, for part `part` (rows part·WIDTH …): quad(block, q, part), the codes of quad q of a block; what of a
// super-block's head is read once (`open`); and from that scale(...) and offset(...) of group g (SUB elements).
// value = scale·(code − ZERO) + offset.
#pragma once
#include "../kernel.h"
#include "packed-dot.h"

namespace alippe::ALIPPE_ISA {

constexpr int PARTS = PANEL_ROWS / WIDTH;

// A vector of 64 bytes, or the part of it.
ALIPPE_INLINE vi lanes_of(const uint8_t* p, int part) { return *(const vi_any*)(p + part * 4 * WIDTH); }
ALIPPE_INLINE vf floats_of(const uint8_t* p, int part) { return *(const vf_any*)(p + part * 4 * WIDTH); }
ALIPPE_INLINE vf halves_of(const uint8_t* p, int part) { return load_f16((const uint16_t*)(p + part * 2 * WIDTH)); }
ALIPPE_INLINE vi bytes_of(const uint8_t* p, int part) { return load_bytes(p + part * WIDTH); }

ALIPPE_INLINE vi nibbles(const uint8_t* block, int q, int part) {
  vu v = (vu)lanes_of(block + 64 * (q & 3), part);
  return (vi)((q & 4 ? v >> 4 : v) & 0x0f0f0f0f);
}
// Bits 2(q mod 4) and above of vector q div 4, in the place of bits 0 and 1.
ALIPPE_INLINE vu two_bits(const uint8_t* block, int q, int part) {
  return ((vu)lanes_of(block + 64 * (q >> 2), part) >> (2 * (q & 3))) & 0x03030303;
}

// Factors of a super-block: of scales, and of offsets.
struct Factors {
  vf scale, offset;
};
// A scale for the whole of a super-block.
struct OneScale {
  ALIPPE_INLINE vf scale(const Factors& factors, const uint8_t*, int, int) { return factors.scale; }
};
struct NoOffset {
  static constexpr bool OFFSETS = false;
  ALIPPE_INLINE vf offset(const Factors&, const uint8_t*, int, int) { return zero(); }
};
// Scales are one f16 a row at the head.
struct HalfScale {
  ALIPPE_INLINE Factors open(const uint8_t*, const uint8_t* head, int part) { return {halves_of(head, part), zero()}; }
};
// Scales and offsets are.
struct HalfScales {
  ALIPPE_INLINE Factors open(const uint8_t*, const uint8_t* head, int part) {
    return {halves_of(head, part), halves_of(head + 32, part)};
  }
};

struct Int8 : OneScale, NoOffset {
  static constexpr int HEADER = 64, ELEMENTS = 32, HEAD = 0, BLOCK = 512, SUB = 32, ZERO = 128;
  static constexpr bool BYTES = true;
  ALIPPE_INLINE vi quad(const uint8_t* block, int q, int part) { return lanes_of(block + 64 * q, part); }
  ALIPPE_INLINE Factors open(const uint8_t* panel, const uint8_t*, int part) { return {floats_of(panel, part), zero()}; }
};
struct Q8_0_ : HalfScale, OneScale, NoOffset {
  static constexpr int HEADER = 0, ELEMENTS = 32, HEAD = 32, BLOCK = 512, SUB = 32, ZERO = 128;
  static constexpr bool BYTES = true;
  ALIPPE_INLINE vi quad(const uint8_t* block, int q, int part) { return lanes_of(block + 64 * q, part); }
};
struct Q4_0_ : HalfScale, OneScale, NoOffset {
  static constexpr int HEADER = 0, ELEMENTS = 32, HEAD = 32, BLOCK = 256, SUB = 32, ZERO = 8;
  static constexpr bool BYTES = false;
  ALIPPE_INLINE vi quad(const uint8_t* block, int q, int part) { return nibbles(block, q, part); }
};
struct Q4_1_ : HalfScales, OneScale {
  static constexpr int HEADER = 0, ELEMENTS = 32, HEAD = 64, BLOCK = 256, SUB = 32, ZERO = 0;
  static constexpr bool BYTES = false, OFFSETS = true;
  ALIPPE_INLINE vi quad(const uint8_t* block, int q, int part) { return nibbles(block, q, part); }
  ALIPPE_INLINE vf offset(const Factors& factors, const uint8_t*, int, int) { return factors.offset; }
};
struct Q2_K_ : HalfScales {
  static constexpr int HEADER = 0, ELEMENTS = 256, HEAD = 320, BLOCK = 128, SUB = 16, ZERO = 0;
  static constexpr bool BYTES = false, OFFSETS = true;
  ALIPPE_INLINE vi quad(const uint8_t* block, int q, int part) { return (vi)two_bits(block, q, part); }
  ALIPPE_INLINE vf scale(const Factors& factors, const uint8_t* head, int g, int part) {
    return factors.scale * to_float(bytes_of(head + 64 + 16 * g, part) & 15);
  }
  ALIPPE_INLINE vf offset(const Factors& factors, const uint8_t* head, int g, int part) {
    return -(factors.offset * to_float(bytes_of(head + 64 + 16 * g, part) >> 4));
  }
};
// What q4_k and q5_k share: six-bit scales and mins, whose upper two bits lie apart.
struct SixBitScales : HalfScales {
  static constexpr int HEADER = 0, ELEMENTS = 256, HEAD = 256, SUB = 32, ZERO = 0;
  static constexpr bool BYTES = false, OFFSETS = true;
  ALIPPE_INLINE vf scale(const Factors& factors, const uint8_t* head, int g, int part) {
    vi low = bytes_of(head + 64 + 16 * g, part), high = bytes_of(head + 192 + 16 * (g >> 1), part) >> (4 * (g & 1));
    return factors.scale * to_float((low & 15) | ((high & 3) << 4));
  }
  ALIPPE_INLINE vf offset(const Factors& factors, const uint8_t* head, int g, int part) {
    vi low = bytes_of(head + 64 + 16 * g, part), high = bytes_of(head + 192 + 16 * (g >> 1), part) >> (4 * (g & 1));
    return -(factors.offset * to_float((low >> 4) | ((high & 12) << 2)));
  }
};
struct Q4_K_ : SixBitScales {
  static constexpr int BLOCK = 256;
  ALIPPE_INLINE vi quad(const uint8_t* block, int q, int part) { return nibbles(block, q, part); }
};
struct Q5_K_ : SixBitScales {
  static constexpr int BLOCK = 320;
  ALIPPE_INLINE vi quad(const uint8_t* block, int q, int part) {
    vu fifth = (((vu)lanes_of(block + 256, part) >> q) & 0x01010101) << 4;
    return nibbles(block, q, part) | (vi)fifth;
  }
};
struct Q6_K_ : HalfScale, NoOffset {
  static constexpr int HEADER = 0, ELEMENTS = 256, HEAD = 288, BLOCK = 384, SUB = 16, ZERO = 32;
  static constexpr bool BYTES = false;
  ALIPPE_INLINE vi quad(const uint8_t* block, int q, int part) {
    return nibbles(block, q, part) | (vi)(two_bits(block + 256, q, part) << 4);
  }
  ALIPPE_INLINE vf scale(const Factors& factors, const uint8_t* head, int g, int part) {
    return factors.scale * to_float(load_signed_bytes(head + 32 + 16 * g + part * WIDTH));
  }
};

// Codes a byte each and finished scales: what a panel is unpacked to when many rows are multiplied with it. Blocks of 32.
template <int SUB_, bool OFFSETS_, bool BYTES_, int ZERO_>
struct Unpacked {
  static constexpr int GROUPS = 32 / SUB_;
  static constexpr int HEADER = 0, ELEMENTS = 32, HEAD = 64 * GROUPS * (OFFSETS_ ? 2 : 1), BLOCK = 512, SUB = SUB_,
                       ZERO = ZERO_;
  static constexpr bool BYTES = BYTES_, OFFSETS = OFFSETS_;
  static constexpr int STEP = HEAD + BLOCK;
  ALIPPE_INLINE vi quad(const uint8_t* block, int q, int part) { return lanes_of(block + 64 * q, part); }
  ALIPPE_INLINE Factors open(const uint8_t*, const uint8_t*, int) { return {zero(), zero()}; }
  ALIPPE_INLINE vf scale(const Factors&, const uint8_t* head, int g, int part) { return floats_of(head + 64 * g, part); }
  ALIPPE_INLINE vf offset(const Factors&, const uint8_t* head, int g, int part) {
    return floats_of(head + 64 * (GROUPS + g), part);
  }
};
template <typename F>
using UnpackedOf = Unpacked<F::SUB, F::OFFSETS, F::BYTES, F::ZERO>;

template <typename F>
constexpr int64_t superBytes() { return F::HEAD + F::ELEMENTS / 32 * F::BLOCK; }

// Block b of the super-block at `head`, unpacked to `to`.
template <typename F>
ALIPPE_INLINE void unpackBlock(const uint8_t* panel, const uint8_t* head, int b, uint8_t* to) {
  using U = UnpackedOf<F>;
  const uint8_t* block = head + F::HEAD + b * F::BLOCK;
#pragma GCC unroll 4
  for (int part = 0; part < PARTS; part++) {
    Factors factors = F::open(panel, head, part);
#pragma GCC unroll 2
    for (int g = 0; g < U::GROUPS; g++) {
      store((float*)(to + 64 * g) + part * WIDTH, F::scale(factors, head, b * U::GROUPS + g, part));
      if (F::OFFSETS)
        store((float*)(to + 64 * (U::GROUPS + g)) + part * WIDTH, F::offset(factors, head, b * U::GROUPS + g, part));
    }
#pragma GCC unroll 8
    for (int q = 0; q < 8; q++)
      store((int32_t*)(to + U::HEAD + 64 * q) + part * WIDTH, F::quad(block, q, part));
  }
}

}  // namespace alippe::ALIPPE_ISA
