// Products of small tiles for attention: register blocks of ROWS rows by VECTORS vectors; the rest stays in L1 and L2.
//
//   c[i][j] (=, +=) Σ_k a(i, k) · b[k][j]        lanes run along j; b and c are rows of whole vectors
//
// a is broadcast number by number and needs no packing: BY_ROW reads a[i·lda + k] (rows of keys or values
// as they lie in memory, rows of scores), else a[k·lda + i] (a transposed view of the scores).
//
// PAIRS multiplies bf16: each 32-bit cell of a and b holds two neighbours along k, low half first; k counts cells.
#pragma once
#include "../kernel.h"
#include "simd.h"

namespace alippe::ALIPPE_ISA {

#if defined(__AVX512F__) || defined(__ARM_NEON)  // 32 registers
constexpr int ROWS = 6, VECTORS = 4;
#elif defined(__AVX2__) || defined(__wasm_relaxed_simd__)  // 16 registers, fused multiply-add
constexpr int ROWS = 6, VECTORS = 2;
#else  // 16 registers, a product needs one of its own
constexpr int ROWS = 5, VECTORS = 2;
#endif

#if defined(__AVX512BF16__) && defined(__AVX512BW__)
constexpr bool HAS_PAIRS = true;
#else
constexpr bool HAS_PAIRS = false;
#endif

enum Start { OVERWRITE, ADD, DECAY };  // c starts at 0, at c, at c · decay[row]

template <bool PAIRS>
ALIPPE_INLINE vf multiply_add(vf a, vf b, vf c) {
#if defined(__AVX512BF16__) && defined(__AVX512BW__)
  if (PAIRS) return (vf)_mm512_dpbf16_ps((__m512)c, (__m512bh)a, (__m512bh)b);
#endif
  return fma(a, b, c);
}

template <bool PAIRS, bool BY_ROW, int M, int N>
static void block(int64_t depth, const float* a, int64_t lda, const float* b, int64_t ldb, float* c, int64_t ldc,
                  Start start, const float* decay) {
  vf sum[M][N];
  for (int i = 0; i < M; i++)
    for (int j = 0; j < N; j++) {
      if (start == OVERWRITE) sum[i][j] = zero();
      else if (start == ADD) sum[i][j] = load(c + i * ldc + j * WIDTH);
      else sum[i][j] = load(c + i * ldc + j * WIDTH) * splat(decay[i]);
    }
  for (int64_t k = 0; k < depth; k++) {
    vf right[N];
    for (int j = 0; j < N; j++) right[j] = load(b + k * ldb + j * WIDTH);
    for (int i = 0; i < M; i++) {
      vf left = splat(BY_ROW ? a[i * lda + k] : a[k * lda + i]);
      for (int j = 0; j < N; j++) sum[i][j] = multiply_add<PAIRS>(left, right[j], sum[i][j]);
#if defined(__wasm__)
      // V8 does not reorder: without this clang hoists all broadcasts and the registers spill.
      for (int j = 0; j < N; j++) asm volatile("" : "+r"(sum[i][j]));
#endif
    }
  }
  for (int i = 0; i < M; i++)
    for (int j = 0; j < N; j++) store(c + i * ldc + j * WIDTH, sum[i][j]);
}

// A block of `rows` ≤ ROWS by any number of vectors.
template <bool PAIRS, bool BY_ROW>
static void strip(int64_t rows, int64_t vectors, int64_t depth, const float* a, int64_t lda, const float* b, int64_t ldb,
                  float* c, int64_t ldc, Start start, const float* decay) {
  while (rows > 0) {
    int64_t done = rows >= ROWS ? ROWS : rows >= 4 ? 4 : rows >= 2 ? 2 : 1;
    for (int64_t j = 0; j < vectors; j += VECTORS) {
      int64_t wide = vectors - j < VECTORS ? vectors - j : VECTORS;
      const float* bj = b + j * WIDTH;
      float* cj = c + j * WIDTH;
#define ALIPPE_BLOCK(M, N) \
  case M * 8 + N: block<PAIRS, BY_ROW, M, N>(depth, a, lda, bj, ldb, cj, ldc, start, decay); break;
#if defined(__AVX512F__) || defined(__ARM_NEON)
#define ALIPPE_BLOCKS(M) ALIPPE_BLOCK(M, 1) ALIPPE_BLOCK(M, 2) ALIPPE_BLOCK(M, 3) ALIPPE_BLOCK(M, 4)
#else
#define ALIPPE_BLOCKS(M) ALIPPE_BLOCK(M, 1) ALIPPE_BLOCK(M, 2)
#endif
      switch (done * 8 + wide) { ALIPPE_BLOCKS(ROWS) ALIPPE_BLOCKS(4) ALIPPE_BLOCKS(2) ALIPPE_BLOCKS(1) }
#undef ALIPPE_BLOCKS
#undef ALIPPE_BLOCK
    }
    rows -= done;
    a += BY_ROW ? done * lda : done;
    c += done * ldc;
    decay += start == DECAY ? done : 0;
  }
}

// ---- packing ----

ALIPPE_INLINE vf interleave_low(vf a, vf b) {
#if defined(__AVX512F__)
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
#elif defined(__AVX2__)
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
#else
  return __builtin_shufflevector(a, b, 0, 4, 1, 5);
#endif
}
ALIPPE_INLINE vf interleave_high(vf a, vf b) {
#if defined(__AVX512F__)
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
#elif defined(__AVX2__)
  return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
#else
  return __builtin_shufflevector(a, b, 2, 6, 3, 7);
#endif
}

ALIPPE_INLINE int64_t round_up(int64_t n, int64_t step) { return (n + step - 1) / step * step; }

constexpr float LOG2_E = 1.4426950408889634f, LN_2 = 0.6931471805599453f;
constexpr float MASKED = -3e38f;      // a score that is not seen
constexpr float LOWEST_MAX = -1e30f;  // running maxima start here, so that MASKED − maximum is far below 0

// Space for one thread (or all), handed out in order.
struct Space {
  char* next;
  float* floats(int64_t count) {
    float* p = reinterpret_cast<float*>(next);
    next += round_up(count, 16) * 4;
    return p;
  }
};

// Numbers in memory: f32, or bf16 when `half`.
struct Numbers {
  const void* data;
  bool half;

  Numbers(const float* f32) : data(f32), half(false) {}
  explicit Numbers(const Buffer& buffer) : data(buffer.data), half(buffer.dtype == BF16) {}
  Numbers operator+(int64_t i) const {
    Numbers moved = *this;
    moved.data = (const char*)data + i * (half ? 2 : 4);
    return moved;
  }
  const float* f32() const { return (const float*)data; }
};

// The first n lanes (all when n ≥ WIDTH) of what lies at x, rounded to bf16 when asked for.
ALIPPE_INLINE vf read_lanes(const Numbers& x, int64_t n, bool round) {
  if (x.half) return n >= WIDTH ? load_bf16((const uint16_t*)x.data) : load_bf16_n((const uint16_t*)x.data, n);
  vf v = n >= WIDTH ? load(x.f32()) : load_n(x.f32(), n);
  return round ? round_bf16(v) : v;
}

// to[column][row] = from[row][column] · weight; rows and columns are filled with zeros up to whole vectors.
static void pack_transposed(float* to, int64_t ldt, const Numbers& from, int64_t ldf, int64_t rows, int64_t columns,
                            float weight, bool round) {
  for (int64_t i = 0; i < rows; i += WIDTH)
    for (int64_t j = 0; j < columns; j += WIDTH) {
      vf x[WIDTH], y[WIDTH];
      for (int r = 0; r < WIDTH; r++) {
        x[r] = i + r >= rows ? zero() : read_lanes(from + ((i + r) * ldf + j), columns - j, round) * splat(weight);
      }
      // log2(WIDTH) perfect shuffles of the rows transpose the square.
      for (int step = 1; step < WIDTH; step *= 4) {
        for (int r = 0; r < WIDTH / 2; r++) {
          y[2 * r] = interleave_low(x[r], x[r + WIDTH / 2]);
          y[2 * r + 1] = interleave_high(x[r], x[r + WIDTH / 2]);
        }
        if (step * 2 >= WIDTH) {
          for (int r = 0; r < WIDTH; r++) x[r] = y[r];
          break;
        }
        for (int r = 0; r < WIDTH / 2; r++) {
          x[2 * r] = interleave_low(y[r], y[r + WIDTH / 2]);
          x[2 * r + 1] = interleave_high(y[r], y[r + WIDTH / 2]);
        }
      }
      for (int r = 0; r < WIDTH; r++) store(to + (j + r) * ldt + i, x[r]);
    }
}

// to[row][column] = from[row][column], columns filled with zeros up to whole vectors.
__attribute__((unused)) static void pack_rows(float* to, int64_t ldt, const Numbers& from, int64_t ldf, int64_t rows, int64_t columns,
                      bool round = false) {
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j += WIDTH)
      store(to + i * ldt + j, read_lanes(from + (i * ldf + j), columns - j, round));
}

// ---- bf16 pairs ----

#if defined(__AVX512BF16__) && defined(__AVX512BW__)
// Cells [low, high], rounded to the nearest bf16.
ALIPPE_INLINE vf pair(vf low, vf high) {
  alignas(64) static constexpr uint16_t order[32] = {0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
                                                     8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  __m512i halves = (__m512i)_mm512_cvtne2ps_pbh((__m512)high, (__m512)low);
  return (vf)_mm512_permutexvar_epi16(_mm512_load_si512(order), halves);
}
// Eight cells of neighbouring lanes.
ALIPPE_INLINE void store_pairs(float* to, vf v) {
  _mm256_storeu_si256((__m256i*)to, (__m256i)_mm512_cvtneps_pbh((__m512)v));
}
#else
ALIPPE_INLINE vf pair(vf low, vf) { return low; }
ALIPPE_INLINE void store_pairs(float*, vf) {}
#endif

// Rows 2i and 2i + 1 become row i of cells, in place. An odd last row is paired with zeros.
__attribute__((unused)) static void fold_rows(float* rows, int64_t stride, int64_t count, int64_t width) {
  for (int64_t i = 0; i < count; i += 2)
    for (int64_t j = 0; j < width; j += WIDTH) {
      float* from = rows + i * stride + j;
      store(rows + i / 2 * stride + j, pair(load(from), i + 1 < count ? load(from + stride) : zero()));
    }
}

// Cells of neighbouring columns: to[row][column / 2]; ldt counts cells.
__attribute__((unused)) static void pack_pairs(float* to, int64_t ldt, const Numbers& from, int64_t ldf, int64_t rows, int64_t columns) {
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j += WIDTH)
      store_pairs(to + i * ldt + j / 2, read_lanes(from + (i * ldf + j), columns - j, false));
}

// 2^x with a relative error below 2^-22; 0 below the normal numbers. NaN stays NaN.
ALIPPE_INLINE vf exp2_flushed(vf x) {
  constexpr float MAGIC = 12582912;  // 1.5·2^23: adding it rounds to an integer, which is left in the low bits
  vf shifted = x + MAGIC;
  vf r = x - (shifted - MAGIC);  // [-1/2, 1/2]
  vf p = splat(0.00132647f);
  p = fma(p, r, splat(0.00967151f));
  p = fma(p, r, splat(0.05550734f));
  p = fma(p, r, splat(0.24022242f));
  p = fma(p, r, splat(0.693147f));
  p = fma(p, r, splat(1.0f));
  vf y = as_float((as_uint(p) + (as_uint(shifted) << 23)));
  return select(x < splat(-126.0f), zero(), y);
}

}  // namespace alippe::ALIPPE_ISA
