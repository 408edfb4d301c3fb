// Products of few rows (decoding: one row per text) are bound by reading b, once. Threads take bands of columns.
//
// b with neighbouring n side by side: a strip of columns is read where it lies. b with neighbouring k side by side: rows of
// a band are turned in registers, a square at a time, while what the next squares need is asked for in the order it lies in.
//
// Every element is the same chain over k as in a tile of gemm.cc.
#include "cut.h"
#include "gemm-tile.h"
#include "gemm.h"

namespace alippe::ALIPPE_ISA {

constexpr int FEW_STRIPS = 8;  // rows of products that read b where it lies
constexpr int FEW_BANDS = 32;  // rows of products that turn it
constexpr int64_t AHEAD = 8;   // rows of b that a strip asks for in advance
constexpr int64_t AHEAD_BYTES = 1024;  // behind the beginning of the next band that a band asks for in advance
constexpr int64_t RUN_BYTES = 16384;   // of a row that a band reads before it goes on to the next
#if defined(__AVX512F__) || defined(__ARM_NEON)
constexpr int SUMS = 24;  // accumulators that leave registers for the rest
#else
constexpr int SUMS = 10;
#endif

static bool isStrips(const Product& p) { return p.b.kStride != 1; }

bool isDirect(const Product& p) {
  return p.M <= (isStrips(p) ? FEW_STRIPS : FEW_BANDS) && !p.accumulate && p.M * (p.K + 1) <= int64_t(LOCAL_BYTES / sizeof(float));
}

// Rows of a ------------------------------------------------------------------------------------------------------------

// Up to WIDTH cells of a row of a from k on.
template <typename Cells>
static vf cellsOf(const Product& p, int64_t row, int64_t k) {
  constexpr int64_t MOST = WIDTH * Cells::PER_CELL;
  int64_t n = least(MOST, p.K - k);
  float numbers[MOST];
  if (p.a.kStride == 1)
    for (int64_t i = 0; i < n; i += WIDTH)
      store(numbers + i, get(p.a.data, p.a.dtype, row * p.a.rowStride + k + i, least(WIDTH, n - i)));
  else
    for (int64_t i = 0; i < n; i++) numbers[i] = element(p.a, false, row, k + i);
#if defined(__AVX512BF16__)
  if constexpr (Cells::PER_CELL == 2) return PairsFromF32::alongK(numbers, n);
#endif
  vf x = load_n(numbers, n);
  return p.bf16 ? round_bf16(x) : x;
}

// a as cells, cell (k, row) at [k·rows + row] of a group of up to `most` rows; groups follow one another.
template <typename Cells>
static void copyRows(const Product& p, int64_t most, float* to) {
  int64_t cells = share(p.K, Cells::PER_CELL);
  for (int64_t first = 0; first < p.M; first += most) {
    int64_t rows = least(most, p.M - first);
    for (int64_t i = 0; i < rows; i++)
      for (int64_t cell = 0; cell < cells; cell += WIDTH) {
        vf x = cellsOf<Cells>(p, first + i, cell * Cells::PER_CELL);
        int64_t n = least(WIDTH, cells - cell);
        if (rows == 1) store_n(to + cell, x, n);
        else for (int64_t c = 0; c < n; c++) to[(cell + c) * rows + i] = x[c];
      }
    to += rows * cells;
  }
}

// Bands ----------------------------------------------------------------------------------------------------------------

// What is turned: 32 bits of WIDTH rows, which hold one cell of a source or two.
template <typename Source>
struct Words {
  using Turned = Source;
  static constexpr int CELLS = 1;
  ALIPPE_INLINE vf cell(vf word, int) { return word; }
};
template <>
struct Words<FromBf16> {
  using Turned = Pairs16;
  static constexpr int CELLS = 2;
  ALIPPE_INLINE vf cell(vf word, int i) { return i ? (vf)((vu)word & 0xffff0000) : (vf)((vu)word << 16); }
};
template <>
struct Words<FromF16> {
  using Turned = Pairs16;
  static constexpr int CELLS = 2;
  ALIPPE_INLINE vf cell(vf word, int i) {
    return from_f16(__builtin_convertvector(i ? (vu)word >> 16 : (vu)word, vh));
  }
};

// Where the bytes of the next band lie, in their order: asked for while this band is turned, memory sees one stream.
struct Next {
  const char* at;             // a row
  int64_t stride, run, done;  // bytes: between rows, of a row, of these asked for

  const char* take(int64_t bytes) {
    const char* p = at + done + AHEAD_BYTES;
    done += bytes;
    if (done >= run) done = 0, at += stride;
    return p;
  }
};

// Adds the first n numbers of each row of a square to the sums `out` of ROWS rows with WIDTH columns; a: [cells, ROWS].
template <typename Source, typename Cells, int ROWS>
ALIPPE_INLINE void multiply(const vf (&square)[WIDTH], int64_t n, const float* a, vf (&out)[ROWS]) {
  using W = Words<Source>;
#pragma GCC unroll 16
  for (int word = 0; word < WIDTH; word++)
#pragma GCC unroll 2
    for (int part = 0; part < W::CELLS; part++) {
      int cell = word * W::CELLS + part;
      if (cell * Cells::PER_CELL >= n) break;
      vf column = W::cell(square[word], part);
#pragma GCC unroll 16
      for (int i = 0; i < ROWS; i++) {
        out[i] = Cells::multiply_add(splat(a[cell * ROWS + i]), column, out[i]);
        IN_ORDER(out[i]);
      }
    }
}

// sums [ROWS, WIDTH] = a · b for the columns from `column` on; those from `next` on are asked for meanwhile.
template <typename Source, typename Cells, int ROWS>
static void band(const Product& p, const float* a, int64_t column, int64_t next, float* sums) {
  using Turned = typename Words<Source>::Turned;
  using Element = typename Source::Element;
  constexpr int64_t STEP = WIDTH * Turned::PER_CELL, BYTES = sizeof(Element);
  int64_t stride = p.b.rowStride, columns = p.N - column, rowBytes = p.K * BYTES;
  const Element *all = (const Element*)p.b.data, *b = all + column * stride;
  bool whole = rowBytes <= RUN_BYTES;
  int64_t run = whole ? p.K : RUN_BYTES / BYTES;
  vf out[ROWS] = {};
  for (int64_t from = 0; from < p.K; from += run) {
    int64_t end = least(from + run, p.K);
    const Element* ahead = end < p.K ? b + end : all + next * stride;
    Next asks = {(const char*)ahead, stride * BYTES, whole ? WIDTH * rowBytes : RUN_BYTES, 0};
    for (int64_t k = from; k < end; k += STEP) {
      const float* cells = a + k / Cells::PER_CELL * ROWS;
      vf square[WIDTH];
      if (columns >= WIDTH && p.K - k >= STEP) {
        turn<Turned>(b + k, stride, square, asks.take(STEP * WIDTH * BYTES));
        multiply<Source, Cells, ROWS>(square, STEP, cells, out);
      } else {
        turnSome<Turned>(b + k, stride, columns, p.K - k, square);
        multiply<Source, Cells, ROWS>(square, p.K - k, cells, out);
      }
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < ROWS; i++) store(sums + i * WIDTH, out[i]);
}

using Band = void (*)(const Product&, const float*, int64_t, int64_t, float*);

template <typename Source, typename Cells, int ROWS = MR>
static Band bandOf(int64_t rows) {
  if constexpr (ROWS > 1)
    if (rows < ROWS) return bandOf<Source, Cells, ROWS - 1>(rows);
  return band<Source, Cells, ROWS>;
}

template <typename Source, typename Cells>
static void bands(Context& context, const Product& p, float* a) {
  alignas(64) float sums[MR * WIDTH];
  copyRows<Cells>(p, MR, a);
  Band whole = bandOf<Source, Cells>(MR), rest = bandOf<Source, Cells>(p.M % MR);
  int64_t cells = share(p.K, Cells::PER_CELL), count = share(p.N, WIDTH);
  int64_t each = share(count, context.threads * 8), tasks = share(count, each);
  // The next task is taken before this one is done, so that its first band is read meanwhile.
  for (int64_t task = context.take(tasks), after; task >= 0; task = after) {
    after = context.take(tasks);
    int64_t end = least(count, (task + 1) * each);
    for (int64_t i = task * each; i < end; i++) {
      int64_t column = i * WIDTH, next = i + 1 < end ? i + 1 : after >= 0 ? after * each : i;
      for (int64_t row = 0; row < p.M; row += MR) {
        int64_t rows = least(MR, p.M - row);
        (rows == MR ? whole : rest)(p, a + row * cells, column, (row ? i : next) * WIDTH, sums);
        finish(p, row, rows, column, least(WIDTH, p.N - column), sums, WIDTH);
      }
    }
  }
}

// Strips ---------------------------------------------------------------------------------------------------------------

// ROWS by VECTORS·WIDTH columns; a: [cells, ROWS].
template <typename Source, typename Cells, int ROWS, int VECTORS>
static void strip(const Product& p, const float* a, int64_t column, int64_t end) {
  constexpr int64_t PER = Source::PER_CELL;
  const typename Source::Element* b = (const typename Source::Element*)p.b.data + column;
  int64_t left = end - column;
  vf sums[ROWS][VECTORS];
  for (auto& row : sums)
    for (auto& one : row) one = zero();
  for (int64_t k = 0; k < p.K; k += PER, b += PER * p.b.kStride, a += ROWS) {
    __builtin_prefetch(b + AHEAD * p.b.kStride);
    if (VECTORS * WIDTH > 16) __builtin_prefetch(b + AHEAD * p.b.kStride + VECTORS * WIDTH / 2);
    vf xs[ROWS];
#pragma GCC unroll 8
    for (int i = 0; i < ROWS; i++) xs[i] = splat(a[i]);
#pragma GCC unroll 8
    for (int j = 0; j < VECTORS; j++) {
      int64_t n = left - j * WIDTH;
      vf y = Source::alongRows(b + j * WIDTH, p.b.kStride, n < 0 ? 0 : n, k + 1 == p.K);
#pragma GCC unroll 8
      for (int i = 0; i < ROWS; i++) sums[i][j] = Cells::multiply_add(xs[i], y, sums[i][j]);
    }
  }
  alignas(64) float out[ROWS * VECTORS * WIDTH];
  for (int i = 0; i < ROWS; i++)
    for (int j = 0; j < VECTORS; j++) store(out + (i * VECTORS + j) * WIDTH, sums[i][j]);
  finish(p, 0, ROWS, column, least(VECTORS * WIDTH, left), out, VECTORS * WIDTH);
}

template <typename Source, typename Cells, int ROWS,
          int VECTORS = SUMS / ROWS >= 8 ? 8 : SUMS / ROWS >= 4 ? 4 : SUMS / ROWS >= 2 ? 2 : 1>
static void stripsOf(Context& context, const Product& p, const float* a) {
  // Narrower strips when there would be too few for the threads.
  if constexpr (VECTORS > 1)
    if (p.N < VECTORS * WIDTH * 2 * context.threads) return stripsOf<Source, Cells, ROWS, VECTORS / 2>(context, p, a);
  constexpr int64_t COLUMNS = VECTORS * WIDTH;
  for (int64_t task; (task = context.take(share(p.N, COLUMNS))) >= 0;)
    strip<Source, Cells, ROWS, VECTORS>(p, a, task * COLUMNS, p.N);
}

template <typename Source, typename Cells, int ROWS = FEW_STRIPS>
static void strips(Context& context, const Product& p, float* a) {
  if constexpr (ROWS > 1)
    if (p.M < ROWS) return strips<Source, Cells, ROWS - 1>(context, p, a);
  copyRows<Cells>(p, ROWS, a);
  stripsOf<Source, Cells, ROWS>(context, p, a);
}

template <typename Source, typename Cells>
static void direct(Context& context, const Product& p) {
  float* a = (float*)context.local;
  if (p.b.kStride == 1) bands<Source, Cells>(context, p, a);
  else strips<Source, Cells>(context, p, a);
}

void directProduct(Context& context, const Product& p) {
  if (!p.M || !p.N) return;
#if defined(__AVX512BF16__)
  if (p.bf16) return p.b.dtype == BF16 ? direct<PairsFromBf16, Pairs>(context, p) : direct<PairsFromF32, Pairs>(context, p);
#endif
  if (p.b.dtype == F16) direct<FromF16, Singles>(context, p);
  else if (p.b.dtype == BF16) direct<FromBf16, Singles>(context, p);
  else if (p.bf16) direct<Rounded, Singles>(context, p);
  else direct<FromF32, Singles>(context, p);
}

}  // namespace alippe::ALIPPE_ISA
