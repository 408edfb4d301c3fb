// Paged attention of many queries, as when a prompt is read: bound by arithmetic. Lanes run along queries for scores, along D
// for values; cells of the cache are unpacked once for a tile of queries. Every number comes from the same operations in the
// same order as in paged-attention-few.h.
#pragma once
#include "paged-attention-cache.h"

namespace alippe::ALIPPE_ISA {
namespace {

constexpr int QUERIES = 64;  // of a tile
constexpr int KEY_ROWS = ROWS == 5 ? 4 : ROWS;  // blocks of a page's keys: 6, 6, 4 or 4, 4, 4, 4

struct TileSpace {
  float *queries;          // [padded, QUERIES]
  float *scores;           // [SPAN, QUERIES]
  float *keys;             // [padded, PAGE]
  float *values;           // [SPAN, padded]
  int32_t* seen;           // [QUERIES]: keys of the span that a lane sees

  TileSpace(Space& space, const Paged& p) {
    queries = space.floats(p.padded * QUERIES);
    scores = space.floats(SPAN * QUERIES);
    keys = space.floats(p.padded * PAGE);
    values = space.floats(SPAN * p.padded);
    seen = (int32_t*)space.floats(QUERIES);
  }
};

template <class Cells>
static const float* unpack_keys(float* to, const char* cells, int64_t D) {
  using Cell = typename Cells::Cell;
  if constexpr (sizeof(Cell) == 4) return (const float*)cells;
  const Cell* from = (const Cell*)cells;
  for (int64_t d = 0; d < D; d += Cells::PER, from += PAGE)
    for (int i = 0; i < PAGE; i += WIDTH) {
      vf x[Cells::PER];
      Cells::load(from + i, x);
      for (int j = 0; j < Cells::PER; j++) store(to + (d + j) * PAGE + i, x[j]);
    }
  return to;
}

// Sums over slots as a tree: FIRST, FIRST + STEP, …; halves are added until one is left.
template <int FIRST, int STEP, class Slot>
ALIPPE_INLINE vf sum_slots(const Slot& slot) {
  if constexpr (STEP == PAGE) return slot(FIRST);
  else {
    vf low = sum_slots<FIRST, STEP * 2>(slot);
    return low + sum_slots<FIRST + STEP, STEP * 2>(slot);
  }
}

// As `soften` of paged-attention-few.h, for WIDTH lanes at once.
template <class Cells>
static void soften_lanes(const TileSpace& own, const SpanPages& pages, int64_t lane, const Sums& to) {
  float* x = own.scores + lane;
  int64_t whole = own.seen[lane], end = own.seen[lane + WIDTH - 1];
  if (whole < 0) whole = 0;
  vf top = splat(LOWEST_MAX), other = top;
  for (int64_t i = 0; i < end; i++) {
    vf y = load(x + i * QUERIES);
    if (Cells::CODES) y = y * splat(pages.keyFactors[i / PAGE][i % PAGE]);
    if (i >= whole) y = select(splat_int(int32_t(i)) < load(own.seen + lane), y, splat(MASKED));
    if (Cells::CODES || i >= whole) store(x + i * QUERIES, y);
    if (i % 2) other = max(y, other);
    else top = max(y, top);
  }
  top = max(top, other);
  vf total = sum_slots<0, 1>([&](int slot) {
    vf sum = zero();
    for (int64_t i = slot; i < end; i += PAGE) {
      vf weight = exp2_flushed(load(x + i * QUERIES) - top);
      sum = sum + weight;
      store(x + i * QUERIES, Cells::CODES ? weight * splat(pages.valueFactors[i / PAGE][slot]) : weight);
    }
    return sum;
  });
  store(to.maximum + lane, top);
  store(to.total + lane, total);
}

// What one span gives to all lanes.
template <class Cells>
static void attend_span(const Lanes& all, const TileSpace& own, int64_t span, const Sums& to) {
  const Paged& p = all.p;
  int64_t from = span * SPAN, vectors = share(all.count, WIDTH);
  SpanPages pages;
  SpanPages::find<Cells>(pages, all, span, {all.b, all.g, span + 1});
  for (int64_t i = 0; i < vectors * WIDTH; i++)
    own.seen[i] = int32_t(least(all.seen(least(i, all.count - 1), from), SPAN));

  for (int64_t i = 0; i < pages.count; i++) {
    int64_t j = 0;  // the first vector of lanes that sees a key of this page
    while (own.seen[j * WIDTH + WIDTH - 1] <= i * PAGE) j++;
    const float* keys = unpack_keys<Cells>(own.keys, pages.keys[i], p.D);
    for (int64_t r = 0; r < PAGE; r += KEY_ROWS)
      strip<false, false>(least(KEY_ROWS, PAGE - r), vectors - j, p.D, keys + r, PAGE, own.queries + j * WIDTH, QUERIES,
                          own.scores + (i * PAGE + r) * QUERIES + j * WIDTH, QUERIES, OVERWRITE, nullptr);
  }
  for (int64_t j = 0; j < vectors; j++) soften_lanes<Cells>(own, pages, j * WIDTH, to);

  unpack_values<Cells>(own.values, pages, p.D, p.padded);
  int64_t wide = p.padded / WIDTH;
  for (int64_t i = 0; i < all.count; i += ROWS) {
    int64_t rows = least(ROWS, all.count - i), common = own.seen[i] > 0 ? own.seen[i] : 0;
    float* sums = to.weighted + i * p.padded;
    if (own.seen[i + rows - 1] <= 0) continue;
    strip<false, false>(rows, wide, common, own.scores + i, QUERIES, own.values, p.padded, sums, p.padded, OVERWRITE, nullptr);
    for (int64_t r = 0; r < rows; r++)
      if (own.seen[i + r] > common)
        strip<false, false>(1, wide, own.seen[i + r] - common, own.scores + common * QUERIES + i + r, QUERIES,
                            own.values + common * p.padded, p.padded, sums + r * p.padded, p.padded, ADD, nullptr);
  }
}

// queries[d][lane], times what scores are multiplied by; lanes to the end of the last vector are zeros.
static void take_queries(const Lanes& lanes, const TileSpace& own) {
  const Paged& p = lanes.p;
  float* rows = own.values;  // [lanes, padded]
  for (int64_t i = 0; i < lanes.count; i++)
    __builtin_memcpy(rows + i * p.padded, p.q + lanes.at(i), p.D * sizeof(float));
  pack_transposed(own.queries, QUERIES, rows, p.padded, lanes.count, p.D, p.factor, false);
}

}  // namespace
}  // namespace alippe::ALIPPE_ISA
