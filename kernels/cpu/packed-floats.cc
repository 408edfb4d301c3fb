// Products with packings of floats: columns of w are unpacked to f32 a stretch of K at a time and multiplied by the tile of
// gemm-tile.h. Every element is one chain over k, through the task's sums.
#include "packed-matmul.h"
#include "cut.h"
#include "gemm-tile.h"
#include "packed-float-formats.h"

namespace alippe::ALIPPE_ISA {

constexpr int64_t STRETCH = 1024;                                           // k that are unpacked at a time
constexpr int64_t MOST_ROWS = (LOCAL_BYTES / 4 - STRETCH * NR) / NR / MR * MR;  // whose sums fit beside them
constexpr int PER_STRIP = NR / WIDTH;                                       // vectors of columns of a task

// x is where row `row` begins.
template <typename F>
static void strip(const PackedProduct& product, const float* x, int64_t row, int64_t rows, int64_t column, char* space) {
  const Product& p = product.p;
  float *unpacked = (float*)space, *sums = unpacked + STRETCH * NR;
  if (!p.K) __builtin_memset(sums, 0, rows * NR * 4);
  for (int64_t k = 0; k < p.K; k += STRETCH) {
    int64_t count = least(STRETCH, p.K - k);
    for (int v = 0; v < PER_STRIP; v++) {
      int64_t first = column + v * WIDTH;
      if (first < p.N)
        unpackFloats<F>(product.panel(first / PANEL_ROWS), k, count, first % PANEL_ROWS / WIDTH, unpacked + v * WIDTH, NR);
    }
    for (int64_t i = 0; i < rows; i += MR) {
      const float* from = k ? sums + i * NR : nullptr;
      rowsTileOf<Singles>(least(MR, rows - i))(count, x + i * p.K + k, 1, p.K, unpacked, NR, from, NR, sums + i * NR, NR);
    }
  }
  finish(p, row, rows, column, least(NR, p.N - column), sums, NR);
}

// All rows that x holds, which are rows [first, first + rows) of the product.
template <typename F>
static void strips(Context& context, const PackedProduct& product, const float* x, int64_t first, int64_t rows) {
  for (int64_t task; (task = context.take(share(product.p.N, NR))) >= 0;)
    for (int64_t row = 0; row < rows; row += MOST_ROWS)
      strip<F>(product, x + row * product.p.K, first + row, least(MOST_ROWS, rows - row), task * NR, context.local);
}

template <typename F>
static void floats(Context& context, const PackedProduct& product) {
  const Product& p = product.p;
  if (product.x.dtype == F32) return strips<F>(context, product, product.x.f32(), 0, p.M);
  int64_t fits = p.K ? least(p.M, (int64_t)SHARED_BYTES / 4 / p.K) : p.M;
  float* x = (float*)context.shared;
  for (int64_t row = 0; row < p.M; row += fits) {
    int64_t rows = least(fits, p.M - row);
    if (row) context.sync();
    for (int64_t r; (r = context.take(rows)) >= 0;)
      for (int64_t k = 0; k < p.K; k += WIDTH)
        store(x + r * p.K + k, load_bf16(product.x.bf16() + (row + r) * p.K + k));
    context.sync();
    strips<F>(context, product, x, row, rows);
  }
}

void packedFloats(Context& context, const PackedProduct& product) {
  if (product.w.dtype == F8E4M3) floats<E4M3>(context, product);
  else if (product.w.dtype == F8E5M2) floats<E5M2>(context, product);
  else floats<Nf4>(context, product);
}

}  // namespace alippe::ALIPPE_ISA
