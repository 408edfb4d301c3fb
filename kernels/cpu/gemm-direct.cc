// Products of few rows (decoding: one row per text) are bound by reading b, once. Threads take bands of columns.
//
// b with neighbouring n side by side: a band is read where it lies. b with neighbouring k side by side, or pairs of k: a
// block of the band is turned into a panel that stays in the first-level cache, and multiplied from there.
//
// Every element is the same chain over k as in a tile of gemm.cc.
#include "gemm.h"
#include "gemm-tile.h"

namespace alippe::ALIPPE_ISA {

constexpr int FEW_STRIPS = 8;   // rows of products that read b where it lies
constexpr int FEW_BANDS = 32;   // rows of products that turn blocks of it
constexpr int64_t BLOCK = 128;  // cells of K of a block: a whole number of vectors
constexpr int64_t PANEL_CELLS = BLOCK * NR, SUM_CELLS = FEW_BANDS * NR;
constexpr int64_t COPY_CELLS = LOCAL_BYTES / 4 - PANEL_CELLS - SUM_CELLS - 64;
constexpr int64_t AHEAD = 8;          // rows of b that a strip asks for in advance
constexpr int64_t AHEAD_BYTES = 512;  // of each row of b that a band asks for in advance
#if defined(__AVX512F__) || defined(__ARM_NEON)
constexpr int SUMS = 24;  // accumulators that leave registers for the rest
#else
constexpr int SUMS = 10;
#endif

static bool hasPairs(const Product& p) {
#if defined(__AVX512BF16__)
  return p.bf16;
#else
  return (void)p, false;
#endif
}

static bool isStrips(const Product& p) { return p.b.kStride != 1 && !hasPairs(p); }

bool isDirect(const Product& p) {
  return p.M <= (isStrips(p) ? FEW_STRIPS : FEW_BANDS) && !p.accumulate && p.M * (p.K + 4 * WIDTH) <= COPY_CELLS;
}

// Rows of a ------------------------------------------------------------------------------------------------------------

// a as [M, K] of f32, rounded when the product is.
static void copyRows(const Product& p, float* to) {
  bool rounds = p.bf16 && p.a.dtype == F32;
  for (int64_t i = 0; i < p.M; i++, to += p.K) {
    if (p.a.kStride == 1) {
      for (int64_t k = 0; k < p.K; k += WIDTH) {
        int64_t n = p.K - k < WIDTH ? p.K - k : WIDTH;
        vf x = get(p.a.data, p.a.dtype, i * p.a.rowStride + k, n);
        store_n(to + k, rounds ? round_bf16(x) : x, n);
      }
      continue;
    }
    for (int64_t k = 0; k < p.K; k++) to[k] = element(p.a, p.bf16, i, k);
  }
}

#if defined(__AVX512BF16__)
// [M, K] of f32 that are bf16 already as [M, ⌈K/2⌉] pairs, in place.
static void pairRows(const Product& p, float* rows) {
  int64_t cells = (p.K + 1) / 2;
  for (int64_t i = 0; i < p.M; i++)
    for (int64_t cell = 0; cell < cells; cell += WIDTH) {
      vf pairs = PairsFromF32::alongK(rows + i * p.K + cell * 2, p.K - cell * 2);
      store_n(rows + i * cells + cell, pairs, cells - cell < WIDTH ? cells - cell : WIDTH);
    }
}
#endif

// Bands ----------------------------------------------------------------------------------------------------------------

// The cells [cell, cell + BLOCK) of columns [column, column + NR), as a panel.
template <typename Source>
static void turn(const Product& p, int64_t column, int64_t cell, float* panel) {
  using Element = typename Source::Element;
  constexpr int64_t PER = Source::PER_CELL, ahead = AHEAD_BYTES / int64_t(sizeof(Element));
  int64_t stride = p.b.rowStride, k = cell * PER, columns = p.N - column;
  const Element* b = (const Element*)p.b.data + column * stride + k;
  for (int64_t i = 0; i < BLOCK && k < p.K; i += WIDTH, k += WIDTH * PER, b += WIDTH * PER) {
    // Behind the end of the rows come those of the next band.
    int64_t next = k + ahead < p.K ? ahead : ahead - p.K + NR * stride;
    for (int r0 = 0; r0 < NR; r0 += WIDTH) {
      vf square[WIDTH];
#pragma GCC unroll 16
      for (int r = 0; r < WIDTH; r++) {
        const Element* row = b + (r0 + r) * stride;
        if (r0 + r >= columns) {
          square[r] = zero();
          continue;
        }
        __builtin_prefetch(row + next, 0, 0);
        square[r] = Source::alongK(row, p.K - k);
      }
      transpose_square(square);
#pragma GCC unroll 16
      for (int r = 0; r < WIDTH; r++) store(panel + (i + r) * NR + r0, square[r]);
    }
  }
}

// Pairs of k that do not lie side by side.
template <typename Source>
static void gatherPairs(const Product& p, int64_t column, int64_t cell, float* panel) {
  int64_t cells = (p.K + Source::PER_CELL - 1) / Source::PER_CELL - cell, k = cell * Source::PER_CELL;
  const typename Source::Element* b = (const typename Source::Element*)p.b.data + k * p.b.kStride + column;
  for (int64_t i = 0; i < BLOCK && i < cells; i++, b += Source::PER_CELL * p.b.kStride)
    for (int64_t j = 0; j < NR; j += WIDTH) {
      int64_t n = p.N - column - j;
      n = n < 0 ? 0 : n < WIDTH ? n : WIDTH;
      store(panel + i * NR + j, Source::alongRows(b + j, p.b.kStride, n, k + 2 * i + 1 == p.K));
    }
}

using Fill = void (*)(const Product&, int64_t, int64_t, float*);

static Fill fillOf(const Product& p) {
#if defined(__AVX512BF16__)
  if (p.bf16 && p.b.kStride != 1) return p.b.dtype == BF16 ? gatherPairs<PairsFromBf16> : gatherPairs<PairsFromF32>;
  if (p.bf16) return p.b.dtype == BF16 ? turn<PairsFromBf16> : turn<PairsFromF32>;
#endif
  if (p.b.dtype == F16) return turn<FromF16>;
  if (p.b.dtype == BF16) return turn<FromBf16>;
  return p.bf16 ? turn<Rounded> : turn<FromF32>;
}

static Tile rowsTile(const Product& p, int64_t rows) {
#if defined(__AVX512BF16__)
  if (p.bf16) return rowsTileOf<Pairs>(rows);
#endif
  (void)p;
  return rowsTileOf<Singles>(rows);
}

// a: [M, cells].
static void bands(Context& context, const Product& p, const float* a, int64_t cells) {
  float *panel = (float*)context.local, *sums = panel + PANEL_CELLS;
  Fill fill = fillOf(p);
  Tile whole = rowsTile(p, MR), rest = p.M % MR ? rowsTile(p, p.M % MR) : nullptr;
  int64_t count = (p.N + NR - 1) / NR, each = count / (context.threads * 8);
  if (each < 1) each = 1;
  for (int64_t task; (task = context.take((count + each - 1) / each)) >= 0;)
    for (int64_t column = task * each * NR; column < p.N && column < (task + 1) * each * NR; column += NR) {
      for (int64_t cell = 0; cell < cells; cell += BLOCK) {
        fill(p, column, cell, panel);
        int64_t n = cells - cell < BLOCK ? cells - cell : BLOCK;
        for (int64_t row = 0; row < p.M; row += MR) {
          float* to = sums + row * NR;
          Tile multiply = row + MR <= p.M ? whole : rest;
          multiply(n, a + row * cells + cell, 1, cells, panel, NR, cell ? to : nullptr, NR, to, NR);
        }
      }
      if (!cells) __builtin_memset(sums, 0, p.M * NR * sizeof(float));
      finish(p, 0, p.M, column, p.N - column < NR ? p.N - column : NR, sums, NR);
    }
}

// Strips ---------------------------------------------------------------------------------------------------------------

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

template <typename Source, int ROWS = FEW_STRIPS>
static void rows(Context& context, const Product& p, const float* a) {
  if constexpr (ROWS > 1)
    if (p.M < ROWS) return rows<Source, ROWS - 1>(context, p, a);
  strips<Source, ROWS>(context, p, a);
}

void directProduct(Context& context, const Product& p) {
  if (!p.M || !p.N) return;
  float* a = (float*)context.local + PANEL_CELLS + SUM_CELLS;
  copyRows(p, a);
  if (!isStrips(p)) {
#if defined(__AVX512BF16__)
    if (p.bf16) {
      pairRows(p, a);
      return bands(context, p, a, (p.K + 1) / 2);
    }
#endif
    return bands(context, p, a, p.K);
  }
  if (p.b.dtype == F16) rows<FromF16>(context, p, a);
  else if (p.b.dtype == BF16) rows<FromBf16>(context, p, a);
  else if (p.bf16) rows<Rounded>(context, p, a);
  else rows<FromF32>(context, p, a);
}

}  // namespace alippe::ALIPPE_ISA
