// interleave: rows of a packed matrix, as files hold them, to panels of 16 (src/packing/panel-fields.ts is the definition).
// Four neighbouring codes of a row travel together as the bytes of a word.
#include "../kernel.h"
#include "cut.h"

namespace alippe::ALIPPE_ISA {

namespace {

typedef uint32_t word __attribute__((aligned(1), may_alias));

constexpr uint32_t LOW = 0x0f0f0f0f, PAIRS = 0x03030303, BITS = 0x01010101, SIGNS = 0x80808080;

ALIPPE_INLINE uint32_t wordAt(const uint8_t* p) { return *(const word*)p; }
// Word of row `row` in vector `vector` of those that begin at `to`.
ALIPPE_INLINE void put(uint8_t* to, int vector, int row, uint32_t value) { *(word*)(to + 64 * vector + 4 * row) = value; }
ALIPPE_INLINE void putHalf(uint8_t* to, int row, const uint8_t* from) { __builtin_memcpy(to + 2 * row, from, 2); }

// 32 signed bytes.
ALIPPE_INLINE void putBytes(uint8_t* to, int row, const uint8_t* from) {
#pragma GCC unroll 8
  for (int q = 0; q < 8; q++) put(to, q, row, wordAt(from + 4 * q) ^ SIGNS);
}
// 32 codes of which the first 16 are low halves: as panels have them.
ALIPPE_INLINE void putHalves(uint8_t* to, int row, const uint8_t* from) {
#pragma GCC unroll 4
  for (int v = 0; v < 4; v++) put(to, v, row, wordAt(from + 4 * v));
}
// 32 bytes, of which the halves at `shift` are 32 codes.
ALIPPE_INLINE void putNibbles(uint8_t* to, int row, const uint8_t* from, int shift) {
#pragma GCC unroll 4
  for (int v = 0; v < 4; v++)
    put(to, v, row, ((wordAt(from + 4 * v) >> shift) & LOW) | ((wordAt(from + 16 + 4 * v) >> shift) & LOW) << 4);
}
// 32 bytes, of which the pairs of bits at `shift` belong to 32 codes.
ALIPPE_INLINE void putPairs(uint8_t* to, int row, const uint8_t* from, int shift) {
#pragma GCC unroll 2
  for (int v = 0; v < 2; v++) {
    uint32_t value = 0;
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) value |= ((wordAt(from + 16 * v + 4 * i) >> shift) & PAIRS) << (2 * i);
    put(to, v, row, value);
  }
}
// 32 bytes, of which bit `shift` belongs to 32 codes.
ALIPPE_INLINE void putBits(uint8_t* to, int row, const uint8_t* from, int shift) {
  uint32_t value = 0;
#pragma GCC unroll 8
  for (int q = 0; q < 8; q++) value |= ((wordAt(from + 4 * q) >> shift) & BITS) << q;
  put(to, 0, row, value);
}
ALIPPE_INLINE void putSixBits(uint8_t* to, int row, const uint8_t* from) {
  uint8_t high[4] = {};
  for (int g = 0; g < 8; g++) {
    int scale = g < 4 ? from[g] & 63 : (from[g + 4] & 15) | (from[g - 4] >> 6) << 4;
    int min = g < 4 ? from[g + 4] & 63 : (from[g + 4] >> 4) | (from[g] >> 6) << 4;
    to[16 * g + row] = (uint8_t)((scale & 15) | (min & 15) << 4);
    high[g >> 1] |= (uint8_t)((scale >> 4 | (min >> 4) << 2) << (4 * (g & 1)));
  }
  for (int i = 0; i < 4; i++) to[128 + 16 * i + row] = high[i];
}
ALIPPE_INLINE void putColumn(uint8_t* to, int row, const uint8_t* from, int count) {
  for (int i = 0; i < count; i++) to[16 * i + row] = from[i];
}

// One block of a row.
template <int DTYPE>
ALIPPE_INLINE void putBlock(uint8_t* to, int row, const uint8_t* from) {
  if constexpr (DTYPE == INT8) putBytes(to, row, from);
  if constexpr (DTYPE == F8E4M3) putColumn(to, row, from, 32);
  if constexpr (DTYPE == NF4) put(to, 0, row, wordAt(from)), putColumn(to + 64, row, from + 4, 32);
  if constexpr (DTYPE == Q8_0) putHalf(to, row, from), putBytes(to + 32, row, from + 2);
  if constexpr (DTYPE == Q4_0) putHalf(to, row, from), putHalves(to + 32, row, from + 2);
  if constexpr (DTYPE == Q4_1) putHalf(to, row, from), putHalf(to + 32, row, from + 2), putHalves(to + 64, row, from + 4);
  if constexpr (DTYPE == Q2_K) {
    putHalf(to, row, from + 80), putHalf(to + 32, row, from + 82);
    putColumn(to + 64, row, from, 16);
    for (int g = 0; g < 8; g++) putPairs(to + 320 + 128 * g, row, from + 16 + 32 * (g >> 2), 2 * (g & 3));
  }
  if constexpr (DTYPE == Q4_K || DTYPE == Q5_K) {
    constexpr int STEP = DTYPE == Q4_K ? 256 : 320, CODES = DTYPE == Q4_K ? 16 : 48;
    putHalf(to, row, from), putHalf(to + 32, row, from + 2);
    putSixBits(to + 64, row, from + 4);
    for (int g = 0; g < 8; g++) {
      putNibbles(to + 256 + STEP * g, row, from + CODES + 32 * (g >> 1), 4 * (g & 1));
      if (DTYPE == Q5_K) putBits(to + 512 + STEP * g, row, from + 16, g);
    }
  }
  if constexpr (DTYPE == Q6_K) {
    putHalf(to, row, from + 208);
    putColumn(to + 32, row, from + 192, 16);
    for (int g = 0; g < 8; g++) {
      int half = g >> 2, j = g & 3;
      putNibbles(to + 288 + 384 * g, row, from + 64 * half + 32 * (j & 1), 4 * (j >> 1));
      putPairs(to + 544 + 384 * g, row, from + 128 + 32 * half, 2 * j);
    }
  }
}

// `count` rows to one panel; the rest of it becomes zeros.
template <int DTYPE>
void fillPanel(const uint8_t* rows, int count, int64_t K, uint8_t* panel) {
  constexpr Packing packing = packings[DTYPE];
  int64_t rowBytes = packedRowBytes(DTYPE, K);
  if (count < PANEL_ROWS) __builtin_memset(panel, 0, rowBytes * PANEL_ROWS);
  if (packing.header)
    for (int r = 0; r < count; r++) put(panel, 0, r, wordAt(rows + r * rowBytes));
  const uint8_t* from = rows + packing.header;
  uint8_t* to = panel + PANEL_ROWS * packing.header;
  for (int64_t k = 0; k < K; k += packing.elements, from += packing.bytes, to += PANEL_ROWS * packing.bytes)
    for (int r = 0; r < count; r++) putBlock<DTYPE>(to, r, from + r * rowBytes);
}

using Fill = void (*)(const uint8_t*, int, int64_t, uint8_t*);

Fill fillOf(int32_t dtype) {
  switch (dtype) {
    case INT8: return fillPanel<INT8>;
    case F8E4M3: case F8E5M2: return fillPanel<F8E4M3>;
    case NF4: return fillPanel<NF4>;
    case Q8_0: return fillPanel<Q8_0>;
    case Q4_0: return fillPanel<Q4_0>;
    case Q4_1: return fillPanel<Q4_1>;
    case Q2_K: return fillPanel<Q2_K>;
    case Q4_K: return fillPanel<Q4_K>;
    case Q5_K: return fillPanel<Q5_K>;
    case Q6_K: return fillPanel<Q6_K>;
    default: return nullptr;
  }
}

}  // namespace

// inputs: rows; outputs: w; attributes: first
void interleave(Context& context, const Call& call) {
  const Buffer &rows = call.inputs[0], &w = call.outputs[0];
  Fill fill = fillOf(w.dtype);
  if (!fill || !w.size || !(call.attributes[0] >= 0)) return;
  int64_t K = w.columns(), N = w.rows(), rowBytes = packedRowBytes(w.dtype, K), first = (int64_t)call.attributes[0];
  int64_t count = least(rows.size / rowBytes, N - first);
  if (first % PANEL_ROWS || count <= 0) return;
  for (int64_t task; (task = context.take(share(count, PANEL_ROWS))) >= 0;) {
    int64_t row = task * PANEL_ROWS;
    fill((const uint8_t*)rows.data + row * rowBytes, (int)least(PANEL_ROWS, count - row), K,
         (uint8_t*)w.data + (first + row) * rowBytes);
  }
}

}  // namespace alippe::ALIPPE_ISA
