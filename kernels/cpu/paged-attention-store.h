// Putting new keys and values into their pages.
#pragma once
#include "paged-attention-cache.h"

namespace alippe::ALIPPE_ISA {
namespace {

// Codes of numbers whose factor is known; 0 where the factor is.
ALIPPE_INLINE vi codes_of(vf x, vf factor) { return to_int(nearest(select(factor > zero(), x / factor, zero()))); }

// The factor of numbers whose greatest magnitude is known.
template <class Cells>
ALIPPE_INLINE vf factor_of(vf greatest) {
  return select(greatest < splat(0x1p-100f), zero(), greatest / splat(Cells::LIMIT));
}

// Writes lanes [from, to) of x over cells.
ALIPPE_INLINE void put_bytes(uint8_t* cells, vi x, int64_t from, int64_t to) {
#if defined(__AVX512F__)
  if (from <= 0 && to >= WIDTH) return _mm_storeu_si128((__m128i*)cells, _mm512_cvtepi32_epi8((__m512i)x));
#endif
  int32_t codes[WIDTH];
  store(codes, x);
  for (int64_t i = from < 0 ? 0 : from; i < least(to, WIDTH); i++) cells[i] = uint8_t(codes[i]);
}

// Keys of tokens [slot, slot + count) of one page and group; `turned` is space for [D in whole vectors, PAGE].
template <class Cells>
static void store_keys(const Paged& p, int64_t page, int64_t g, int64_t slot, int64_t row, int64_t count, float* turned) {
  using Cell = typename Cells::Cell;
  int64_t stride = p.G * p.D, stop = slot + count;
  const float* from = p.k + row * stride + g * p.D;
  Cell* cells = (Cell*)p.keysOf(page, g);
  float line[PAGE];
  // turned[d][token of the page]: tokens that are not new are whatever is read there, and never written.
  pack_transposed(turned, PAGE, from, stride, count, p.D, 1, false);
  if (WIDTH < PAGE)
    for (int64_t i = round_up(count, WIDTH); i < PAGE; i += WIDTH)
      for (int64_t d = 0; d < p.D; d++) store(turned + d * PAGE + i, zero());
  if (slot > 0)
    for (int64_t d = 0; d < p.D; d++) {
      float* x = turned + d * PAGE;
      __builtin_memcpy(line, x, sizeof line);
      __builtin_memcpy(x + slot, line, count * sizeof(float));
    }
  for (int64_t i = slot / WIDTH * WIDTH; i < stop; i += WIDTH) {
    vf factor = zero();
    if constexpr (Cells::CODES) {
      vf greatest = zero();
      for (int64_t d = 0; d < p.D; d++) greatest = max(absolute(load(turned + d * PAGE + i)), greatest);
      factor = factor_of<Cells>(greatest);
      float* factors = (float*)p.factorsOf(page, g, 0);
      for (int64_t t = i > slot ? i : slot; t < least(stop, i + WIDTH); t++) factors[t] = factor[t - i];
    }
    for (int64_t d = 0; d < p.D; d += Cells::PER) {
      vf x = load(turned + d * PAGE + i);
      Cell* at = cells + d / Cells::PER * PAGE + i;
      if constexpr (sizeof(Cell) == 1) {
        vi code = codes_of(x, factor);
        if constexpr (Cells::PER == 2) code = (code + 8) | ((codes_of(load(turned + (d + 1) * PAGE + i), factor) + 8) << 4);
        put_bytes((uint8_t*)at, code, slot - i, stop - i);
      } else {
        Cell line[WIDTH];
        Cell* to = slot <= i && stop >= i + WIDTH ? at : line;
        if constexpr (sizeof(Cell) == 2) store_bf16(to, x);
        else store(to, x);
        if (to == line)
          for (int64_t t = i > slot ? i : slot; t < least(stop, i + WIDTH); t++) at[t - i] = line[t - i];
      }
    }
  }
}

// The value of one token and group.
template <class Cells>
static void store_value(const Paged& p, int64_t page, int64_t g, int64_t slot, int64_t row) {
  using Cell = typename Cells::Cell;
  const float* from = p.v + (row * p.G + g) * p.D;
  int64_t held = p.D / Cells::PER;
  Cell* to = (Cell*)p.valuesOf(page, g) + slot * held;
  vf factor = zero();
  if constexpr (Cells::CODES) {
    vf greatest = zero();
    for (int64_t d = 0; d < p.D; d += WIDTH) greatest = max(absolute(load_n(from + d, least(p.D - d, WIDTH))), greatest);
    factor = factor_of<Cells>(splat(maximum(greatest)));
    ((float*)p.factorsOf(page, g, 1))[slot] = factor[0];
  }
  for (int64_t d = 0; d < held; d += WIDTH) {
    int64_t n = least(held - d, WIDTH);
    vf x = load_n(from + d, n);
    if constexpr (sizeof(Cell) == 1) {
      vi code = codes_of(x, factor);
      if constexpr (Cells::PER == 2) code = (code + 8) | ((codes_of(load_n(from + held + d, n), factor) + 8) << 4);
      put_bytes((uint8_t*)to + d, code, 0, n);
    } else if constexpr (sizeof(Cell) == 2) {
      store_bf16_n(to + d, x, n);
    } else {
      store_n(to + d, x, n);
    }
  }
}

// Zeros for the rows of [from, to) that belong to no text.
static void clear_rows(const Paged& p, int64_t from, int64_t to) {
  int64_t width = p.H * p.D;
  auto zeros = [&](int64_t first, int64_t stop) {
    if (stop <= first) return;
    __builtin_memset(p.out + first * width, 0, (stop - first) * width * sizeof(float));
    if (p.lse)
      for (int64_t i = first * p.H; i < stop * p.H; i++) p.lse[i] = -__builtin_inff();
  };
  for (int64_t b = 0; b < p.B && from < to; b++) {
    Rows rows = p.rows(b);
    if (rows.count == 0) continue;
    zeros(from, least(rows.first, to));
    if (rows.first + rows.count > from) from = rows.first + rows.count;
  }
  zeros(from, to);
}

// A task is one page of a text and a few groups, so that no two threads write into one line of the cache.
template <class Cells>
static void store_tokens(Context& context, const Paged& p) {
  constexpr int64_t GROUPS = 4, ROWS_CLEARED = 64;
  Space space{context.local};
  float* turned = space.floats(p.padded * PAGE);
  int64_t parts = share(p.G, GROUPS), b = 0, before = 0, count = share(p.N, ROWS_CLEARED);
  auto pagesOf = [](const Rows& rows) {
    return rows.count ? (rows.position + rows.count - 1) / PAGE - rows.position / PAGE + 1 : 0;
  };
  for (int64_t i = 0; i < p.B; i++) count += pagesOf(p.rows(i)) * parts;
  int64_t clearing = share(p.N, ROWS_CLEARED);
  for (int64_t task; (task = context.take(count)) >= 0;) {
    if (task >= count - clearing) {
      int64_t from = (task - count + clearing) * ROWS_CLEARED;
      clear_rows(p, from, least(from + ROWS_CLEARED, p.N));
      continue;
    }
    while (task - before >= pagesOf(p.rows(b)) * parts) before += pagesOf(p.rows(b++)) * parts;
    Rows rows = p.rows(b);
    int64_t index = rows.position / PAGE + (task - before) / parts, page = p.page(b, index);
    if (page < 0) continue;
    int64_t from = index * PAGE > rows.position ? index * PAGE : rows.position;
    int64_t to = least((index + 1) * PAGE, rows.position + rows.count), row = rows.first + from - rows.position;
    int64_t g = (task - before) % parts * GROUPS;
    for (int64_t stop = least(g + GROUPS, p.G); g < stop; g++) {
      store_keys<Cells>(p, page, g, from % PAGE, row, to - from, turned);
      for (int64_t t = from; t < to; t++) store_value<Cells>(p, page, g, t % PAGE, row + t - from);
    }
  }
}

}  // namespace
}  // namespace alippe::ALIPPE_ISA
