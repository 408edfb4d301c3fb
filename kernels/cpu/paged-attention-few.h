// Paged attention of a few queries, as in decoding: bound by reading keys and values. Lanes run along the sixteen tokens of a
// page for scores, along D for values; a block of queries shares what is read.
#pragma once
#include "paged-attention-cache.h"

namespace alippe::ALIPPE_ISA {
namespace {

constexpr int FEW = 16;  // queries of a group of a text that go this way, at most

// scores[m][·] = queries[m]·keys, for N vectors of tokens whose first cells are at keys[n]. While they are read, as many bytes
// from ahead[n] on are asked for.
template <class Cells, int M, int N>
static void score_block(const float* queries, int64_t stride, const typename Cells::Cell* const* keys,
                        const char* const* ahead, int64_t D, float* scores) {
  using Cell = typename Cells::Cell;
  constexpr int PER = Cells::PER, LINE = 64 / (PAGE * sizeof(Cell)) * PER;  // elements whose cells share a line
  vf sum[M][N];
#pragma GCC unroll 8
  for (int n = 0; n < N; n++)
#pragma GCC unroll 4
    for (int m = 0; m < M; m++) sum[m][n] = zero();
  auto step = [&](int64_t d) __attribute__((always_inline)) {
#pragma GCC unroll 8
    for (int n = 0; n < N; n++) {
      vf key[PER];
      Cells::load(keys[n] + d / PER * PAGE, key);
#pragma GCC unroll 2
      for (int j = 0; j < PER; j++)
#pragma GCC unroll 4
        for (int m = 0; m < M; m++) sum[m][n] = fma(key[j], splat(queries[m * stride + d + j]), sum[m][n]);
    }
  };
  int64_t d = 0;
  for (; d + LINE <= D; d += LINE) {
#pragma GCC unroll 8
    for (int n = 0; n < N; n += PAGE_VECTORS) prefetch(ahead[n] + d / LINE * 64);
#pragma GCC unroll 4
    for (int i = 0; i < LINE; i += PER) step(d + i);
  }
  for (; d < D; d += PER) step(d);
#pragma GCC unroll 4
  for (int m = 0; m < M; m++)
#pragma GCC unroll 8
    for (int n = 0; n < N; n++) store(scores + m * SPAN + n * WIDTH, sum[m][n]);
}

// Vectors that a block of M rows has registers for.
template <int M>
constexpr int BLOCK = (WIDTH == 16 ? 16 : 8) / M < 8 ? (WIDTH == 16 ? 16 : 8) / M : 8;

template <class Cells, int M, int N = BLOCK<M>>
static void score_rows(const float* queries, int64_t stride, const typename Cells::Cell* const* keys,
                       const char* const* ahead, int64_t vectors, int64_t D, float* scores) {
  int64_t n = 0;
  for (; n + N <= vectors; n += N) score_block<Cells, M, N>(queries, stride, keys + n, ahead + n, D, scores + n * WIDTH);
  if constexpr (N > 1)
    if (n < vectors) score_rows<Cells, M, N / 2>(queries, stride, keys + n, ahead + n, vectors - n, D, scores + n * WIDTH);
}

// to[m][·] += Σ over tokens [from, stop) of the span of weights[m][token]·value[token][·], for N vectors of columns (and as
// many of the other half where cells hold two) from cell `column` on.
template <class Cells, int M, int N>
static void value_block(const float* weights, const SpanPages& pages, int64_t from, int64_t stop, int64_t held,
                        int64_t column, float* to, int64_t padded) {
  using Cell = typename Cells::Cell;
  constexpr int PER = Cells::PER;
  vf sum[M][N][PER];
#pragma GCC unroll 4
  for (int m = 0; m < M; m++)
#pragma GCC unroll 8
    for (int n = 0; n < N; n++)
#pragma GCC unroll 2
      for (int j = 0; j < PER; j++) sum[m][n][j] = load(to + m * padded + j * held + column + n * WIDTH);
  while (from < stop) {
    int64_t slot = from % PAGE, count = least(PAGE - slot, stop - from);
    const Cell* value = (const Cell*)pages.values[from / PAGE] + slot * held + column;
    const float* weight = weights + from;
    const char* ahead = pages.ahead[from / PAGE] + (slot * held + column) * sizeof(Cell);
    for (int64_t t = 0; t < count; t++, value += held, ahead += held * sizeof(Cell)) {
#pragma GCC unroll 8
      for (int i = 0; i < N * WIDTH * int(sizeof(Cell)); i += 64) prefetch(ahead + i);
#pragma GCC unroll 8
      for (int n = 0; n < N; n++) {
        vf x[PER];
        Cells::load(value + n * WIDTH, x);
#pragma GCC unroll 4
        for (int m = 0; m < M; m++)
#pragma GCC unroll 2
          for (int j = 0; j < PER; j++) sum[m][n][j] = fma(splat(weight[m * SPAN + t]), x[j], sum[m][n][j]);
      }
    }
    from += count;
  }
#pragma GCC unroll 4
  for (int m = 0; m < M; m++)
#pragma GCC unroll 8
    for (int n = 0; n < N; n++)
#pragma GCC unroll 2
      for (int j = 0; j < PER; j++) store(to + m * padded + j * held + column + n * WIDTH, sum[m][n][j]);
}

// All columns from `column` on; held is whole vectors.
template <class Cells, int M, int N = BLOCK<M> / Cells::PER>
static void value_rows(const float* weights, const SpanPages& pages, int64_t from, int64_t stop, int64_t held, float* to,
                       int64_t padded, int64_t column = 0) {
  for (; column + N * WIDTH <= held; column += N * WIDTH)
    value_block<Cells, M, N>(weights, pages, from, stop, held, column, to, padded);
  if constexpr (N > 1)
    if (column < held) value_rows<Cells, M, N / 2>(weights, pages, from, stop, held, to, padded, column);
}

// As `maximum` and `sum` of simd.h, in the same order, without a way through memory.
ALIPPE_INLINE float greatest_of(vf v) {
#if defined(__AVX512F__)
  return _mm512_reduce_max_ps((__m512)v);
#else
  return maximum(v);
#endif
}
ALIPPE_INLINE float sum_of(vf v) {
#if defined(__AVX512F__)
  return _mm512_reduce_add_ps((__m512)v);
#else
  return sum(v);
#endif
}

// Scores of one lane become weights, and what they sum up to; keys beyond `seen` get none.
template <class Cells>
static void soften(float* scores, const SpanPages& pages, int64_t seen, float* maximum, float* total) {
  int64_t vectors = pages.count * PAGE_VECTORS;
  vf top = splat(LOWEST_MAX);
  for (int64_t i = 0; i < vectors; i++) {
    vf x = load(scores + i * WIDTH);
    if (Cells::CODES) x = x * load(pages.keyFactors[i / PAGE_VECTORS] + i % PAGE_VECTORS * WIDTH);
    x = select(lanes() + int32_t(i * WIDTH) < splat_int(int32_t(seen)), x, splat(MASKED));
    store(scores + i * WIDTH, x);
    top = max(x, top);
  }
  float greatest = greatest_of(top);
  vf sums[PAGE_VECTORS];
  for (int j = 0; j < PAGE_VECTORS; j++) sums[j] = zero();
  for (int64_t i = 0; i < pages.count; i++)
    for (int j = 0; j < PAGE_VECTORS; j++) {
      float* at = scores + i * PAGE + j * WIDTH;
      vf weight = exp2_flushed(load(at) - splat(greatest));
      sums[j] = sums[j] + weight;
      store(at, Cells::CODES ? weight * load(pages.valueFactors[i] + j * WIDTH) : weight);
    }
  for (int half = PAGE_VECTORS / 2; half > 0; half /= 2)
    for (int j = 0; j < half; j++) sums[j] = sums[j] + sums[j + half];
  *maximum = greatest;
  *total = sum_of(sums[0]);
}

struct FewSpace {
  float *queries, *scores, *values;  // [FEW, padded], [FEW, SPAN], [SPAN, padded]
  int64_t stride;

  FewSpace(Space& space, const Paged& p) : stride(p.padded) {
    queries = space.floats(FEW * stride);
    scores = space.floats(FEW * SPAN);
    values = space.floats(SPAN * p.padded);
  }
};

// What one span gives to all lanes.
template <class Cells>
static void attend_span(const Lanes& all, const FewSpace& own, int64_t span, const Place& next, const Sums& to) {
  using Cell = typename Cells::Cell;
  const Paged& p = all.p;
  int64_t from = span * SPAN, held = p.D / Cells::PER;
  SpanPages pages;
  SpanPages::find<Cells>(pages, all, span, next);
  const Cell* keys[SPAN_PAGES * PAGE_VECTORS];
  const char* ahead[SPAN_PAGES * PAGE_VECTORS];
  for (int64_t i = 0; i < pages.count * PAGE_VECTORS; i++) {
    keys[i] = (const Cell*)pages.keys[i / PAGE_VECTORS] + i % PAGE_VECTORS * WIDTH;
    ahead[i] = pages.values[i / PAGE_VECTORS];
  }

  for (int64_t i = 0; i < all.count;) {
    int64_t rows = all.count - i, vectors = pages.count * PAGE_VECTORS;
    const float* queries = own.queries + i * own.stride;
    float* scores = own.scores + i * SPAN;
    if (rows >= 4) score_rows<Cells, 4>(queries, own.stride, keys, ahead, vectors, p.D, scores), i += 4;
    else if (rows >= 2) score_rows<Cells, 2>(queries, own.stride, keys, ahead, vectors, p.D, scores), i += 2;
    else score_rows<Cells, 1>(queries, own.stride, keys, ahead, vectors, p.D, scores), i += 1;
  }
  clear(to, all.count, p.padded);
  for (int64_t i = 0; i < all.count; i++)
    if (all.seen(i, from) > 0)
      soften<Cells>(own.scores + i * SPAN, pages, all.seen(i, from), to.maximum + i, to.total + i);

  auto add_values = [&](auto cells, int64_t held) {
    using Kept = decltype(cells);
    auto add = [&](int64_t rows, int64_t i, int64_t start, int64_t stop) {
      const float* weights = own.scores + i * SPAN;
      float* sums = to.weighted + i * p.padded;
      if (rows == 4) value_rows<Kept, 4>(weights, pages, start, stop, held, sums, p.padded);
      else if (rows == 2) value_rows<Kept, 2>(weights, pages, start, stop, held, sums, p.padded);
      else value_rows<Kept, 1>(weights, pages, start, stop, held, sums, p.padded);
    };
    // Rows of a block have those keys in common that its first sees; each goes on alone with the rest of its own.
    for (int64_t i = 0; i < all.count;) {
      int64_t left = all.count - i, rows = left >= 4 ? 4 : left >= 2 ? 2 : 1;
      int64_t common = least(all.seen(i, from), SPAN);
      if (common > 0) add(rows, i, 0, common);
      for (int64_t r = 0; r < rows; r++) {
        int64_t own = least(all.seen(i + r, from), SPAN), start = common > 0 ? common : 0;
        if (own > start) add(1, i + r, start, own);
      }
      i += rows;
    }
  };
  if (held % WIDTH == 0) {
    add_values(Cells{}, held);
  } else {
    unpack_values<Cells>(own.values, pages, p.D, p.padded);
    for (int64_t i = 0; i < pages.count; i++) pages.values[i] = (const char*)(own.values + i * PAGE * p.padded);
    add_values(F32Cells{}, p.padded);
  }
}

static void take_queries(const Lanes& lanes, float* to, int64_t stride) {
  const Paged& p = lanes.p;
  for (int64_t i = 0; i < lanes.count; i++)
    for (int64_t d = 0; d < p.padded; d += WIDTH)
      store(to + i * stride + d, load_n(p.q + lanes.at(i) + d, least(p.D - d, WIDTH)) * splat(p.factor));
}

}  // namespace
}  // namespace alippe::ALIPPE_ISA
