// Products of few rows (decoding: one row per sequence) read b where it lies, once: packing it would cost more than the
// product. Rows of a are first copied, as f32, to where they lie together.
//
// b with neighbouring n side by side: strips of columns, every element the same chain over k as in a tile. b with
// neighbouring k side by side: dot products, WIDTH chains an element, added at the end.
#include "gemm.h"
#include "gemm-tile.h"

namespace alippe::ALIPPE_ISA {

constexpr int FEW = 8;
constexpr int64_t COPY_CELLS = LOCAL_BYTES / 4 - 1024;
constexpr int64_t AHEAD = 8;  // rows of b that a strip asks for in advance
#if defined(__AVX512F__) || defined(__ARM_NEON)
constexpr int SUMS = 24;  // accumulators that leave registers for the rest
#else
constexpr int SUMS = 10;
#endif

bool isDirect(const Product& p) { return p.M <= FEW && !p.accumulate && p.M * (p.K + WIDTH) <= COPY_CELLS; }

static float cell(const Operand& from, int64_t row, int64_t k) {
  int64_t i = row * from.rowStride + k * from.kStride;
  return from.dtype == BF16 ? from_bf16(vh{} + ((const uint16_t*)from.data)[i])[0] : ((const float*)from.data)[i];
}

// a as [M, K] of f32, rounded when the product is.
static void copyRows(const Product& p, float* to) {
  for (int64_t i = 0; i < p.M; i++)
    for (int64_t k = 0; k < p.K; k++) {
      float x = cell(p.a, i, k);
      to[i * p.K + k] = p.bf16 && p.a.dtype == F32 ? round_bf16(splat(x))[0] : x;
    }
}

// ROWS by COLUMNS dot products.
template <typename Source, int ROWS, int COLUMNS>
static void dot(const Product& p, const float* a, int64_t column) {
  const typename Source::Element* b = (const typename Source::Element*)p.b.data + column * p.b.rowStride;
  vf sums[ROWS][COLUMNS];
  for (auto& row : sums)
    for (auto& one : row) one = zero();
  for (int64_t k = 0; k < p.K; k += WIDTH) {
    int64_t n = p.K - k < WIDTH ? p.K - k : WIDTH;
    vf columns[COLUMNS];
#pragma GCC unroll 8
    for (int j = 0; j < COLUMNS; j++) columns[j] = Source::alongK(b + j * p.b.rowStride + k, n);
#pragma GCC unroll 8
    for (int i = 0; i < ROWS; i++) {
      vf x = FromF32::alongK(a + i * p.K + k, n);
#pragma GCC unroll 8
      for (int j = 0; j < COLUMNS; j++) sums[i][j] = fma(x, columns[j], sums[i][j]);
    }
  }
  alignas(64) float out[ROWS * WIDTH];
  for (int i = 0; i < ROWS; i++)
    for (int j = 0; j < COLUMNS; j++) out[i * WIDTH + j] = sum(sums[i][j]);
  finish(p, 0, ROWS, column, COLUMNS, out, WIDTH);
}

template <typename Source, int ROWS>
static void dots(const Product& p, const float* a, int64_t column, int64_t end) {
  constexpr int MANY = SUMS / ROWS < 1 ? 1 : SUMS / ROWS < WIDTH ? SUMS / ROWS : WIDTH;
  constexpr int COLUMNS = MANY < 8 ? MANY : 8;
  for (; column + COLUMNS <= end; column += COLUMNS) dot<Source, ROWS, COLUMNS>(p, a, column);
  for (; column < end; column++) dot<Source, ROWS, 1>(p, a, column);
}

// ROWS by VECTORS·WIDTH columns.
template <typename Source, int ROWS, int VECTORS>
static void strip(const Product& p, const float* a, int64_t column, int64_t end) {
  const typename Source::Element* b = (const typename Source::Element*)p.b.data + column;
  int64_t left = end - column;
  vf sums[ROWS][VECTORS];
  for (auto& row : sums)
    for (auto& one : row) one = zero();
  for (int64_t k = 0; k < p.K; k++, b += p.b.kStride) {
    __builtin_prefetch(b + AHEAD * p.b.kStride);
    if (VECTORS * WIDTH > 16) __builtin_prefetch(b + AHEAD * p.b.kStride + VECTORS * WIDTH / 2);
    vf xs[ROWS];
#pragma GCC unroll 8
    for (int i = 0; i < ROWS; i++) xs[i] = splat(a[i * p.K + k]);
#pragma GCC unroll 8
    for (int j = 0; j < VECTORS; j++) {
      int64_t n = left - j * WIDTH;
      vf y = Source::alongRows(b + j * WIDTH, 0, n < 0 ? 0 : n, false);
#pragma GCC unroll 8
      for (int i = 0; i < ROWS; i++) sums[i][j] = fma(xs[i], y, sums[i][j]);
    }
  }
  alignas(64) float out[ROWS * VECTORS * WIDTH];
  for (int i = 0; i < ROWS; i++)
    for (int j = 0; j < VECTORS; j++) store(out + (i * VECTORS + j) * WIDTH, sums[i][j]);
  finish(p, 0, ROWS, column, left < VECTORS * WIDTH ? left : VECTORS * WIDTH, out, VECTORS * WIDTH);
}

template <typename Source, int ROWS, int VECTORS = SUMS / ROWS >= 8 ? 8 : SUMS / ROWS >= 4 ? 4 : SUMS / ROWS >= 2 ? 2 : 1>
static void strips(Context& context, const Product& p, const float* a) {
  // Narrower strips when there would be too few for the threads.
  if constexpr (VECTORS > 1)
    if (p.N < VECTORS * WIDTH * 2 * context.threads) return strips<Source, ROWS, VECTORS / 2>(context, p, a);
  constexpr int64_t COLUMNS = VECTORS * WIDTH;
  for (int64_t task; (task = context.take((p.N + COLUMNS - 1) / COLUMNS)) >= 0;)
    strip<Source, ROWS, VECTORS>(p, a, task * COLUMNS, p.N);
}

template <typename Source, int ROWS = FEW>
static void rows(Context& context, const Product& p, const float* a) {
  if constexpr (ROWS > 1)
    if (p.M < ROWS) return rows<Source, ROWS - 1>(context, p, a);
  if (p.b.kStride != 1) return strips<Source, ROWS>(context, p, a);
  int64_t columns = p.N / (context.threads * 8) / 8 * 8;
  columns = columns < 8 ? 8 : columns > 128 ? 128 : columns;
  for (int64_t task; (task = context.take((p.N + columns - 1) / columns)) >= 0;) {
    int64_t end = (task + 1) * columns;
    dots<Source, ROWS>(p, a, task * columns, end < p.N ? end : p.N);
  }
}

void directProduct(Context& context, const Product& p) {
  if (!p.M || !p.N) return;
  float* a = (float*)context.local;
  copyRows(p, a);
  if (p.b.dtype == BF16) rows<FromBf16>(context, p, a);
  else if (p.bf16) rows<Rounded>(context, p, a);
  else rows<FromF32>(context, p, a);
}

}  // namespace alippe::ALIPPE_ISA
