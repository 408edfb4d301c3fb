// The inner part of a product with a packed matrix of integers: some rows of x, rounded to bytes, with some panels.
//
// Every element of c is one chain over groups of SUB k in order: the exact integer sum of the group, as f32, times
// (scale of w · scale of x), fused into the sum so far; then, where the format has offsets, offset · (scale of x · Σ of its
// codes). It does not depend on how many rows or panels a tile has.
#pragma once
#include "packed-formats.h"

namespace alippe::ALIPPE_ISA {

// Panels of a tile of one, two, four, eight rows, and rows and panels of a tile of many. Where registers are few, sums wait
// in memory from group to group.
#if defined(__AVX512F__)
constexpr int PANELS_OF_1 = 4, PANELS_OF_2 = 4, PANELS_OF_4 = 2, PANELS_OF_8 = 2, MANY = 6, PANELS_OF_MANY = 2;
#else
constexpr int PANELS_OF_1 = 1, PANELS_OF_2 = 1, PANELS_OF_4 = 1, PANELS_OF_8 = 1, MANY = 6, PANELS_OF_MANY = 1;
#endif

// x rounded, in groups of ROWS rows: for each block of 32 k, the codes of each row [ROWS][32], then its scales [ROWS],
// then for each group of SUB k and row [SUBS][ROWS] where the integer sum begins, −ZERO·Σ codes, or, with offsets, scale·Σ
// codes as f32.
template <int ROWS, int SUB>
constexpr int64_t blockBytes() { return ROWS * (32 + 4 + 4 * (32 / SUB)); }

ALIPPE_INLINE int32_t int_at(const uint8_t* p) { return *(const int32_t __attribute__((may_alias))*)p; }
ALIPPE_INLINE float float_at(const uint8_t* p) { return *(const float __attribute__((may_alias))*)p; }

#if defined(__x86_64__)
#define PREFETCH(p) _mm_prefetch((const char*)(p), _MM_HINT_NTA)
#else
#define PREFETCH(p) __builtin_prefetch(p)
#endif

// Keeps compilers from loading everything of a block first, where registers are few: the step that made `v` comes before the
// next, and what is read at `p` is read again.
#if defined(__AVX512F__)
#define STEP_DONE(v)
#define READ_AGAIN(p)
#elif defined(__wasm__)
#define STEP_DONE(v) __asm__ volatile("" : "+r"(v))
#define READ_AGAIN(p) __asm__ volatile("" : "+r"(p))
#else
#if defined(__x86_64__)
#define STEP_DONE(v) __asm__ volatile("" : "+x"(v))
#else
#define STEP_DONE(v) __asm__ volatile("" : "+w"(v))
#endif
#define READ_AGAIN(p) __asm__ volatile("" : "+r"(p))
#endif

// out [ROWS][PANELS·16] = x · panels. AHEAD: bytes by which memory is asked for in advance, behind the end of each panel those
// of the one in `next`; 0 does not ask.
template <typename F, int ROWS, int PANELS, int AHEAD>
static void packedTile(const uint8_t* x, const uint8_t* const* panels, const uint8_t* const* next, int64_t K, float* out) {
  constexpr int VECTORS = PANELS * PARTS, GROUPS = 32 / F::SUB, SCALES = ROWS * 32, STARTS = ROWS * 36;
  vf sums[ROWS][VECTORS];
#pragma GCC unroll 8
  for (int r = 0; r < ROWS; r++)
#pragma GCC unroll 16
    for (int v = 0; v < VECTORS; v++) sums[r][v] = zero();
  const uint8_t* heads[PANELS];
  for (int p = 0; p < PANELS; p++) heads[p] = panels[p] + F::HEADER;
  constexpr int BLOCKS = F::ELEMENTS / 32, LINES = (superBytes<F>() / BLOCKS + 63) / 64;  // to ask for at each block
  constexpr int64_t SUPERS_AHEAD = (AHEAD + superBytes<F>() - 1) / superBytes<F>();
  const uint8_t* asks[PANELS];
  if (AHEAD)
    for (int p = 0; p < PANELS; p++) asks[p] = heads[p] + SUPERS_AHEAD * superBytes<F>();
  for (int64_t k = 0; k < K; k += F::ELEMENTS) {
    if (AHEAD && k + SUPERS_AHEAD * F::ELEMENTS == K)
      for (int p = 0; p < PANELS; p++) asks[p] = next[p];
    Factors factors[PANELS][PARTS];
#pragma GCC unroll 4
    for (int p = 0; p < PANELS; p++)
#pragma GCC unroll 4
      for (int part = 0; part < PARTS; part++) factors[p][part] = F::open(panels[p], heads[p], part);
    for (int b = 0; b < BLOCKS; b++, x += blockBytes<ROWS, F::SUB>()) {
      if (AHEAD)
#pragma GCC unroll 4
        for (int p = 0; p < PANELS; p++)
#pragma GCC unroll 16
          for (int line = 0; line < LINES; line++) PREFETCH(asks[p] + (b * LINES + line) * 64);
#pragma GCC unroll 2
      for (int g = 0; g < GROUPS; g++)
#if !defined(__AVX512F__)
#pragma GCC unroll 1
#endif
        for (int part = 0; part < PARTS; part++) {
          READ_AGAIN(x);
          vi dots[ROWS][PANELS];
#pragma GCC unroll 8
          for (int r = 0; r < ROWS; r++)
#pragma GCC unroll 4
            for (int p = 0; p < PANELS; p++)
              dots[r][p] =
                  F::ZERO && (!F::BYTES || BYTE_ZERO) ? splat_int(int_at(x + STARTS + 4 * (g * ROWS + r))) : vi{};
#pragma GCC unroll 8
          for (int i = 0; i < F::SUB / 4; i++) {
            int q = g * F::SUB / 4 + i;
            vi codes[PANELS];
#pragma GCC unroll 4
            for (int p = 0; p < PANELS; p++) codes[p] = F::quad(heads[p] + F::HEAD + b * F::BLOCK, q, part);
#pragma GCC unroll 8
            for (int r = 0; r < ROWS; r++) {
              vi a = splat_int(int_at(x + 32 * r + 4 * q));
#pragma GCC unroll 4
              for (int p = 0; p < PANELS; p++) {
                dots[r][p] = F::BYTES ? dot4_bytes(dots[r][p], codes[p], a) : dot4(dots[r][p], codes[p], a);
                STEP_DONE(dots[r][p]);
              }
            }
          }
#pragma GCC unroll 4
          for (int p = 0; p < PANELS; p++) {
            vf scale = F::scale(factors[p][part], heads[p], b * GROUPS + g, part);
            vf offset = F::offset(factors[p][part], heads[p], b * GROUPS + g, part);
#pragma GCC unroll 8
            for (int r = 0; r < ROWS; r++) {
              vf& sum = sums[r][p * PARTS + part];
              sum = fma(to_float(dots[r][p]), scale * splat(float_at(x + SCALES + 4 * r)), sum);
              if (F::OFFSETS) sum = fma(offset, splat(float_at(x + STARTS + 4 * (g * ROWS + r))), sum);
            }
          }
        }
    }
#pragma GCC unroll 4
    for (int p = 0; p < PANELS; p++) {
      heads[p] += superBytes<F>();
      if (AHEAD) asks[p] += superBytes<F>();
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < ROWS; r++)
#pragma GCC unroll 16
    for (int v = 0; v < VECTORS; v++) store(out + (r * VECTORS + v) * WIDTH, sums[r][v]);
}

}  // namespace alippe::ALIPPE_ISA
