// The inner parts of the matrix product: the register tile, packing into panels, and what is done to a finished tile.
//
// A panel holds R rows of an operand, k after k: cell (k, row) at [k·R + row]. A cell is four bytes: an f32, or, for
// machines with bf16 products, two neighbouring k of a row. Rows of c come from panels of MR rows of a, columns from
// panels of NR rows of b. Panels are read in a straight line, so the machine's prefetching keeps the tile fed from the
// second-level cache, and blocks need no tuning for the first.
#pragma once
#include "gemm.h"
#include "math.h"

namespace alippe::ALIPPE_ISA {

// Accumulators fill the registers: MR·2 of them, two for b, one for the element of a (and one for the product of a
// multiply that is not fused).
#if defined(__AVX512F__) || defined(__ARM_NEON)
constexpr int MR = 12;
#elif defined(__AVX2__) || defined(__wasm_relaxed_simd__)
constexpr int MR = 6;
#else
constexpr int MR = 5;
#endif
constexpr int NR = 2 * WIDTH;

// V8 does not reorder instructions: without this clang loads everything of a step first and runs out of registers.
#if defined(__wasm__)
#define IN_ORDER(v) __asm__ volatile("" : "+r"(v))
#else
#define IN_ORDER(v)
#endif

struct Singles {  // cells are f32
  static constexpr int PER_CELL = 1;
  ALIPPE_INLINE vf multiply_add(vf a, vf b, vf sum) { return fma(a, b, sum); }
};
#if defined(__AVX512BF16__)
struct Pairs {  // cells are two bf16
  static constexpr int PER_CELL = 2;
  ALIPPE_INLINE vf multiply_add(vf a, vf b, vf sum) {
    return (vf)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
  }
};
#endif

// c [ROWS, VECTORS·WIDTH] = from + a · b over `cells`; from null: zeros. The tile's element of a is a[k·aStep + row·aRow]
// (a panel: aStep MR, aRow 1), its vectors of b begin at b[k·bStep].
template <typename Cells, int ROWS, int VECTORS, bool PANEL>
static void tile(int64_t cells, const float* a, int64_t aStep, int64_t aRow, const float* b, int64_t bStep,
                 const float* from, int64_t fromStride, float* to, int64_t toStride) {
  vf sums[ROWS][VECTORS];
#pragma GCC unroll 16
  for (int i = 0; i < ROWS; i++)
#pragma GCC unroll 8
    for (int j = 0; j < VECTORS; j++) sums[i][j] = from ? load(from + i * fromStride + j * WIDTH) : zero();
  if (PANEL) aStep = MR, aRow = 1;
  for (int64_t k = 0; k < cells; k++, a += aStep, b += bStep) {
    vf columns[VECTORS];
#pragma GCC unroll 8
    for (int j = 0; j < VECTORS; j++) columns[j] = load(b + j * WIDTH);
#pragma GCC unroll 16
    for (int i = 0; i < ROWS; i++) {
      vf row = splat(a[i * aRow]);
#pragma GCC unroll 8
      for (int j = 0; j < VECTORS; j++) {
        sums[i][j] = Cells::multiply_add(row, columns[j], sums[i][j]);
        IN_ORDER(sums[i][j]);
      }
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < ROWS; i++)
#pragma GCC unroll 8
    for (int j = 0; j < VECTORS; j++) store(to + i * toStride + j * WIDTH, sums[i][j]);
}

using Tile = void (*)(int64_t, const float*, int64_t, int64_t, const float*, int64_t, const float*, int64_t, float*,
                      int64_t);

// The tile of `rows` ≤ MR rows and `vectors` ≤ 2, for panels.
template <typename Cells, int ROWS = MR>
static Tile tileOf(int rows, int vectors) {
  if constexpr (ROWS > 1)
    if (rows < ROWS) return tileOf<Cells, ROWS - 1>(rows, vectors);
  return vectors == 1 ? tile<Cells, ROWS, 1, true> : tile<Cells, ROWS, 2, true>;
}

// The tile of `rows` ≤ MR rows and two vectors, for rows of a that lie one after another: aStep 1.
template <typename Cells, int ROWS = MR>
static Tile rowsTileOf(int64_t rows) {
  if constexpr (ROWS > 1)
    if (rows < ROWS) return rowsTileOf<Cells, ROWS - 1>(rows);
  return tile<Cells, ROWS, 2, false>;
}

// Packing -----------------------------------------------------------------------------------------------------------

#if defined(__AVX512F__)
// Squares of 4 × 4 within each block of 128 bits: element j of the block of vector i becomes element i of that of vector j.
ALIPPE_INLINE void transpose_blocks(vf& a, vf& b, vf& c, vf& d) {
  __m512d ab0 = (__m512d)_mm512_unpacklo_ps((__m512)a, (__m512)b), ab2 = (__m512d)_mm512_unpackhi_ps((__m512)a, (__m512)b);
  __m512d cd0 = (__m512d)_mm512_unpacklo_ps((__m512)c, (__m512)d), cd2 = (__m512d)_mm512_unpackhi_ps((__m512)c, (__m512)d);
  a = (vf)_mm512_unpacklo_pd(ab0, cd0), b = (vf)_mm512_unpackhi_pd(ab0, cd0);
  c = (vf)_mm512_unpacklo_pd(ab2, cd2), d = (vf)_mm512_unpackhi_pd(ab2, cd2);
}
#endif

// Turns a square of vectors: element j of vector i becomes element i of vector j.
ALIPPE_INLINE void transpose_square(vf (&rows)[WIDTH]) {
#if defined(__AVX512F__)
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) transpose_blocks(rows[i], rows[i + 1], rows[i + 2], rows[i + 3]);
  // Blocks are elements now: those of vectors i, i + 4, i + 8, i + 12 make a square.
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    __m512 a = (__m512)rows[i], b = (__m512)rows[i + 4], c = (__m512)rows[i + 8], d = (__m512)rows[i + 12];
    __m512 ab0 = _mm512_shuffle_f32x4(a, b, 0x44), ab2 = _mm512_shuffle_f32x4(a, b, 0xee);
    __m512 cd0 = _mm512_shuffle_f32x4(c, d, 0x44), cd2 = _mm512_shuffle_f32x4(c, d, 0xee);
    rows[i] = (vf)_mm512_shuffle_f32x4(ab0, cd0, 0x88), rows[i + 4] = (vf)_mm512_shuffle_f32x4(ab0, cd0, 0xdd);
    rows[i + 8] = (vf)_mm512_shuffle_f32x4(ab2, cd2, 0x88), rows[i + 12] = (vf)_mm512_shuffle_f32x4(ab2, cd2, 0xdd);
  }
#else
#pragma GCC unroll 4
  for (int half = WIDTH / 2; half > 0; half /= 2) {
    vi low, high;  // lane l of the lower result is a[l] or, in the upper half of its block, b[l - half]
#pragma GCC unroll 16
    for (int l = 0; l < WIDTH; l++) {
      low[l] = l & half ? WIDTH + l - half : l;
      high[l] = l & half ? WIDTH + l : l + half;
    }
#pragma GCC unroll 16
    for (int i = 0; i < WIDTH; i++)
      if (!(i & half)) {
        vf a = rows[i], b = rows[i + half];
#if defined(__clang__) && defined(__AVX2__)
        rows[i] = half == 4   ? __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11)
                  : half == 2 ? __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
                              : __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14);
        rows[i + half] = half == 4   ? __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15)
                         : half == 2 ? __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
                                     : __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15);
#elif defined(__clang__)
        rows[i] = half == 2 ? __builtin_shufflevector(a, b, 0, 1, 4, 5) : __builtin_shufflevector(a, b, 0, 4, 2, 6);
        rows[i + half] =
            half == 2 ? __builtin_shufflevector(a, b, 2, 3, 6, 7) : __builtin_shufflevector(a, b, 1, 5, 3, 7);
#else
        rows[i] = __builtin_shuffle(a, b, low);
        rows[i + half] = __builtin_shuffle(a, b, high);
#endif
      }
  }
#endif
}

#if defined(__AVX512F__)
// Four bytes each of 4 rows, sixteen in all: a block of 128 bits from each row.
ALIPPE_INLINE vf blocks_of_rows(const void* a, const void* b, const void* c, const void* d) {
  __m512 v = _mm512_castps128_ps512(_mm_loadu_ps((const float*)a));
  v = _mm512_insertf32x4(v, _mm_loadu_ps((const float*)b), 1);
  v = _mm512_insertf32x4(v, _mm_loadu_ps((const float*)c), 2);
  return (vf)_mm512_insertf32x4(v, _mm_loadu_ps((const float*)d), 3);
}
// A block of 64 bits from each.
ALIPPE_INLINE __m256i halves_of_rows(const void* a, const void* b, const void* c, const void* d) {
  __m256i v = _mm256_castsi128_si256(_mm_loadl_epi64((const __m128i*)a));
  v = _mm256_mask_broadcastq_epi64(v, 2, _mm_loadl_epi64((const __m128i*)b));
  v = _mm256_mask_broadcastq_epi64(v, 4, _mm_loadl_epi64((const __m128i*)c));
  return _mm256_mask_broadcastq_epi64(v, 8, _mm_loadl_epi64((const __m128i*)d));
}
#endif

// Sources give cells: `alongK` the cells k, k+1, … of one row, `alongRows` cell k of neighbouring rows; the first n of
// them, zeros after. `p` points at the first element, `odd` says that the last cell has only one k. `ofRows`, where there
// is one: four cells of each of four rows.
struct FromF32 {
  using Element = float;
  static constexpr int PER_CELL = 1;
  ALIPPE_INLINE vf alongK(const float* p, int64_t n) { return n >= WIDTH ? load(p) : load_n(p, n); }
  ALIPPE_INLINE vf alongRows(const float* p, int64_t, int64_t n, bool) { return n >= WIDTH ? load(p) : load_n(p, n); }
#if defined(__AVX512F__)
  ALIPPE_INLINE vf ofRows(const float* a, const float* b, const float* c, const float* d) {
    return blocks_of_rows(a, b, c, d);
  }
#endif
};
struct FromBf16 {
  using Element = uint16_t;
  static constexpr int PER_CELL = 1;
  ALIPPE_INLINE vf alongK(const uint16_t* p, int64_t n) { return n >= WIDTH ? load_bf16(p) : load_bf16_n(p, n); }
  ALIPPE_INLINE vf alongRows(const uint16_t* p, int64_t, int64_t n, bool) { return alongK(p, n); }
#if defined(__AVX512F__)
  ALIPPE_INLINE vf ofRows(const uint16_t* a, const uint16_t* b, const uint16_t* c, const uint16_t* d) {
    return from_bf16((vh)halves_of_rows(a, b, c, d));
  }
#endif
};
struct FromF16 {
  using Element = uint16_t;
  static constexpr int PER_CELL = 1;
  ALIPPE_INLINE vf alongK(const uint16_t* p, int64_t n) { return n >= WIDTH ? load_f16(p) : load_f16_n(p, n); }
  ALIPPE_INLINE vf alongRows(const uint16_t* p, int64_t, int64_t n, bool) { return alongK(p, n); }
#if defined(__AVX512F__)
  ALIPPE_INLINE vf ofRows(const uint16_t* a, const uint16_t* b, const uint16_t* c, const uint16_t* d) {
    return from_f16((vh)halves_of_rows(a, b, c, d));
  }
#endif
};
struct Pairs16 {  // two numbers of 16 bits, as they are
  using Element = uint16_t;
  static constexpr int PER_CELL = 2;
  ALIPPE_INLINE vf alongK(const uint16_t* p, int64_t n) {
    if (n >= 2 * WIDTH) return load((const float*)p);
    alignas(64) uint16_t numbers[2 * WIDTH] = {};
    for (int64_t i = 0; i < n; i++) numbers[i] = p[i];
    return load((const float*)numbers);
  }
#if defined(__AVX512F__)
  ALIPPE_INLINE vf ofRows(const uint16_t* a, const uint16_t* b, const uint16_t* c, const uint16_t* d) {
    return blocks_of_rows(a, b, c, d);
  }
#endif
};
struct Rounded {  // f32 rounded to bf16, for machines without bf16 products
  using Element = float;
  static constexpr int PER_CELL = 1;
  ALIPPE_INLINE vf alongK(const float* p, int64_t n) { return round_bf16(FromF32::alongK(p, n)); }
  ALIPPE_INLINE vf alongRows(const float* p, int64_t, int64_t n, bool) { return alongK(p, n); }
};
#if defined(__AVX512BF16__)
ALIPPE_INLINE vf interleave(__m512bh both) {  // the halves' elements in turn
  alignas(64) static const uint16_t order[32] = {0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
                                                 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  return (vf)_mm512_permutexvar_epi16(_mm512_load_si512(order), (__m512i)both);
}
struct PairsFromF32 {
  using Element = float;
  static constexpr int PER_CELL = 2;
  // n counts k here, not cells: half a cell may be there.
  ALIPPE_INLINE vf alongK(const float* p, int64_t n) {
    vf low = n >= 16 ? load(p) : load_n(p, n), high = n >= 32 ? load(p + 16) : n > 16 ? load_n(p + 16, n - 16) : zero();
    return (vf)_mm512_cvtne2ps_pbh((__m512)high, (__m512)low);
  }
  ALIPPE_INLINE vf alongRows(const float* p, int64_t kStride, int64_t n, bool odd) {
    vf low = FromF32::alongK(p, n), high = odd ? zero() : FromF32::alongK(p + kStride, n);
    return interleave(_mm512_cvtne2ps_pbh((__m512)high, (__m512)low));
  }
};
struct PairsFromBf16 : Pairs16 {
  ALIPPE_INLINE vf alongRows(const uint16_t* p, int64_t kStride, int64_t n, bool odd) {
    __mmask16 mask = n >= 16 ? 0xffff : (__mmask16)((1u << n) - 1);
    __m512i low = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, p));
    if (odd) return (vf)low;
    __m512i high = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, p + kStride));
    return (vf)_mm512_or_si512(low, _mm512_slli_epi32(high, 16));
  }
};
#endif

// Step `step` of STEPS that ask for LINES lines in advance.
template <int LINES, int STEPS>
ALIPPE_INLINE void ask(const char* p, int step) {
#pragma GCC unroll 16
  for (int line = step * LINES / STEPS; line < (step + 1) * LINES / STEPS; line++) __builtin_prefetch(p + line * 64);
  __asm__ volatile("" ::: "memory");  // or the compiler puts all of them together
}

// Cells of WIDTH rows, turned: square[c] is cell c of all of them. Rows lie `stride` elements apart. `ahead`, if any, is
// what to ask for meanwhile, as many bytes as are read: a line now and then, since many at once hold up what is read.
template <typename Source>
ALIPPE_INLINE void turn(const typename Source::Element* rows, int64_t stride, vf (&square)[WIDTH], const char* ahead = nullptr) {
  constexpr int LINES = WIDTH * WIDTH * Source::PER_CELL * sizeof(typename Source::Element) / 64;
#if defined(__AVX512F__)
  // Half of the turning is done by reading four cells at a time: four times as fast as reading whole rows, since what
  // moves lanes is what there is least of. Lines are read one after another, also where all fall into one set of the cache.
  if constexpr (requires { &Source::ofRows; }) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++)
#pragma GCC unroll 4
      for (int j = 0; j < 4; j++) {
        const typename Source::Element* p = rows + i * stride + j * 4 * Source::PER_CELL;
        square[4 * j + i] = Source::ofRows(p, p + 4 * stride, p + 8 * stride, p + 12 * stride);
        if (ahead) ask<LINES, 16>(ahead, 4 * i + j);
      }
#pragma GCC unroll 4
    for (int j = 0; j < 16; j += 4) transpose_blocks(square[j], square[j + 1], square[j + 2], square[j + 3]);
    return;
  }
#endif
#pragma GCC unroll 16
  for (int r = 0; r < WIDTH; r++) {
    square[r] = Source::alongK(rows + r * stride, WIDTH * Source::PER_CELL);
    if (ahead) ask<LINES, WIDTH>(ahead, r);
  }
  transpose_square(square);
}

// The same where only `count` rows of n elements are there: zeros for the others.
template <typename Source>
static void turnSome(const typename Source::Element* rows, int64_t stride, int64_t count, int64_t n, vf (&square)[WIDTH]) {
  for (int r = 0; r < WIDTH; r++) square[r] = r < count ? Source::alongK(rows + r * stride, n) : zero();
  transpose_square(square);
}

// Stores the first `lanes` of v where a panel has room for no more; `spill` says that what lies behind is written later.
template <int LANES>
ALIPPE_INLINE void put(float* p, vf v, bool spill) {
  if (LANES == WIDTH || spill) store(p, v);
  else store_n(p, v, LANES);
}

// Packs `rows` rows of an operand, `count` k of each from (row, k) on, into panels of R rows that lie panelStride cells
// apart; missing rows become zeros.
template <typename Source, int R>
static void pack(const Operand& from, int64_t row, int64_t rows, int64_t k, int64_t count, float* to,
                 int64_t panelStride) {
  using Element = typename Source::Element;
  constexpr int PER = Source::PER_CELL;
  const Element* base = (const Element*)from.data + row * from.rowStride + k * from.kStride;
  int64_t cells = (count + PER - 1) / PER, panels = (rows + R - 1) / R;
  constexpr int REST = R % WIDTH;
  if (from.kStride == 1) {
    for (int64_t panel = 0; panel < panels; panel++, to += panelStride)
      for (int64_t cell = 0; cell < cells; cell += WIDTH) {
        int64_t left = cells - cell < WIDTH ? cells - cell : WIDTH;
#pragma GCC unroll 8
        for (int r0 = 0; r0 < R; r0 += WIDTH) {
          vf square[WIDTH];
          const Element* first = base + (panel * R + r0) * from.rowStride + cell * PER;
          int64_t there = rows - panel * R - r0 < R - r0 ? rows - panel * R - r0 : R - r0, n = count - cell * PER;
          if (there >= WIDTH && n >= WIDTH * PER) turn<Source>(first, from.rowStride, square);
          else turnSome<Source>(first, from.rowStride, there, n, square);
          float* place = to + cell * R + r0;
          if (r0 + WIDTH <= R) {
            if (left == WIDTH) {
#pragma GCC unroll 16
              for (int j = 0; j < WIDTH; j++) store(place + j * R, square[j]);
            } else {
              for (int j = 0; j < left; j++) store(place + j * R, square[j]);
            }
          } else {
            // Lanes beyond the panel's row land where the next cell's are written afterwards, but for the last cell.
            bool last = cell + left == cells;
            if (left == WIDTH) {
#pragma GCC unroll 16
              for (int j = 0; j < WIDTH; j++) put<REST>(place + j * R, square[j], !(last && j == WIDTH - 1) && r0 == 0);
            } else {
              for (int j = 0; j < left; j++) put<REST>(place + j * R, square[j], false);
            }
          }
        }
      }
    return;
  }
  for (int64_t cell = 0; cell < cells; cell++) {
    const Element* source = base + cell * PER * from.kStride;
    bool odd = PER == 2 && cell * 2 + 1 == count;
    for (int64_t panel = 0; panel < panels; panel++) {
      float* place = to + panel * panelStride + cell * R;
      int64_t left = rows - panel * R;
#pragma GCC unroll 8
      for (int r0 = 0; r0 < R; r0 += WIDTH) {
        int64_t n = left - r0 < 0 ? 0 : left - r0 < WIDTH ? left - r0 : WIDTH;
        vf v = Source::alongRows(source + panel * R + r0, from.kStride, n, odd);
        if (r0 + WIDTH <= R) store(place + r0, v);
        else put<REST>(place + r0, v, R < WIDTH && cell + 1 < cells);
      }
    }
  }
}

// One number of an operand, rounded when the product is.
ALIPPE_INLINE float element(const Operand& operand, bool bf16, int64_t row, int64_t k) {
  int64_t i = row * operand.rowStride + k * operand.kStride;
  if (operand.dtype == F16) return from_f16(vh{} + ((const uint16_t*)operand.data)[i])[0];
  if (operand.dtype == BF16) return from_bf16(vh{} + ((const uint16_t*)operand.data)[i])[0];
  float x = ((const float*)operand.data)[i];
  return bf16 ? round_bf16(splat(x))[0] : x;
}

// Finishing ---------------------------------------------------------------------------------------------------------

ALIPPE_INLINE vf get(const void* p, int32_t dtype, int64_t i, int64_t n) {
  if (dtype == BF16) return load_bf16_n((const uint16_t*)p + i, n);
  return n >= WIDTH ? load((const float*)p + i) : load_n((const float*)p + i, n);
}
ALIPPE_INLINE void set(void* p, int32_t dtype, int64_t i, vf v, int64_t n) {
  if (dtype == BF16) store_bf16_n((uint16_t*)p + i, v, n);
  else if (n >= WIDTH) store((float*)p + i, v);
  else store_n((float*)p + i, v, n);
}

// Takes a block of sums to c at (row, column), through the epilogue.
static void finish(const Product& p, int64_t row, int64_t rows, int64_t column, int64_t columns, const float* sums,
                   int64_t sumStride) {
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j += WIDTH) {
      int64_t n = columns - j < WIDTH ? columns - j : WIDTH, at = (row + i) * p.stride + column + j;
      vf v = load_n(sums + i * sumStride + j, n);
      if (p.bias) v = v + get(p.bias, p.biasType, column + j, n);
      if (p.pre) set(p.pre, p.preType, at, v, n);
      if (p.activation == RELU) v = max(zero(), v);
      else if (p.activation == GELU) v = gelu(v);
      else if (p.activation == SILU) v = silu(v);
      if (p.residual) v = v + get(p.residual, p.residualType, at, n);
      set(p.c, p.cType, at, v, n);
    }
}

}  // namespace alippe::ALIPPE_ISA
