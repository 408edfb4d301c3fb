// What paged attention works on: the operands, the cells of a cache, and which row of which text stands where.
#pragma once
#include "../kernel.h"
#include "attention-tile.h"
#include "cut.h"
#include "math.h"

namespace alippe::ALIPPE_ISA {
namespace {

constexpr int PAGE = 16;              // tokens
constexpr int SPAN = 128;             // keys whose softmax is made at once; spans are counted from position 0
constexpr int SPAN_PAGES = SPAN / PAGE;
constexpr int PAGE_VECTORS = PAGE / WIDTH;
constexpr int WIDEST = 1024;          // the greatest D; src/tensor/ops/paged-attention.ts refuses others

// How numbers are kept. `load` reads WIDTH neighbouring cells as PER vectors of numbers: of keys, elements d and d + 1 of as
// many tokens; of values, elements d … and d + D/2 ….
struct F32Cells {
  using Cell = float;
  static constexpr int PER = 1;
  static constexpr bool CODES = false;
  ALIPPE_INLINE void load(const Cell* p, vf (&x)[PER]) { x[0] = ALIPPE_ISA::load(p); }
};
struct Bf16Cells {
  using Cell = uint16_t;
  static constexpr int PER = 1;
  static constexpr bool CODES = false;
  ALIPPE_INLINE void load(const Cell* p, vf (&x)[PER]) {
#if defined(__AVX512F__)
    x[0] = as_float((vu)_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i*)p)) << 16);
#elif defined(__AVX2__)
    x[0] = as_float((vu)_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i*)p)) << 16);
#else
    x[0] = load_bf16(p);
#endif
  }
};

// WIDTH bytes as integers, with their sign or without.
ALIPPE_INLINE vi load_signed(const int8_t* p) {
#if defined(__AVX512F__)
  return (vi)_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i*)p));
#elif defined(__AVX2__)
  return (vi)_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i*)p));
#elif defined(__x86_64__)
  __m128i bytes = _mm_loadu_si32(p);
  bytes = _mm_unpacklo_epi8(bytes, bytes);
  return (vi)_mm_srai_epi32(_mm_unpacklo_epi16(bytes, bytes), 24);
#else
  typedef int8_t bytes __attribute__((vector_size(WIDTH), aligned(1), may_alias));
  return __builtin_convertvector(*(const bytes*)p, vi);
#endif
}
ALIPPE_INLINE vi load_unsigned(const uint8_t* p) {
#if defined(__AVX512F__)
  return (vi)_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i*)p));
#elif defined(__AVX2__)
  return (vi)_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i*)p));
#elif defined(__x86_64__)
  __m128i bytes = _mm_unpacklo_epi8(_mm_loadu_si32(p), _mm_setzero_si128());
  return (vi)_mm_unpacklo_epi16(bytes, _mm_setzero_si128());
#else
  typedef uint8_t bytes __attribute__((vector_size(WIDTH), aligned(1), may_alias));
  return __builtin_convertvector(*(const bytes*)p, vi);
#endif
}

struct Int8Cells {
  using Cell = int8_t;
  static constexpr int PER = 1;
  static constexpr bool CODES = true;
  static constexpr float LIMIT = 127;
  ALIPPE_INLINE void load(const Cell* p, vf (&x)[PER]) { x[0] = to_float(load_signed(p)); }
};
struct Int4Cells {
  using Cell = uint8_t;
  static constexpr int PER = 2;
  static constexpr bool CODES = true;
  static constexpr float LIMIT = 7;
  ALIPPE_INLINE void load(const Cell* p, vf (&x)[PER]) {
    vi both = load_unsigned(p);
    x[0] = to_float((both & 15) - 8);
    x[1] = to_float((both >> 4) - 8);
  }
};

// Rows of a text that stand at a position of it: row first + i at position + i.
struct Rows {
  int64_t first, count, position;
};

struct Paged {
  int64_t N, H, G, R, D, padded, P, B, M;  // R: heads of a group; padded: D in whole vectors
  const float *q, *k, *v;
  char *keys, *values;
  float *scales, *out, *lse;
  const int32_t *starts, *lengths, *pages;
  float factor;       // scale·log2(e): the softmax works in base 2
  int64_t cellBytes;  // of a page's keys (values) of one group
  const char* nothing;  // zeros: what a page outside the cache holds

  explicit Paged(const Call& call, const char* zeros) : nothing(zeros) {
    const Buffer *in = call.inputs, *to = call.outputs;
    N = in[0].dims[0], H = in[0].dims[1], D = in[0].dims[2], G = in[1].dims[1], R = G ? H / G : 0;
    padded = round_up(D, WIDTH);
    P = in[3].dims[0], B = in[6].size, M = in[7].dims[1];
    q = in[0].f32(), k = in[1].f32(), v = in[2].f32();
    out = to[0].f32(), keys = (char*)to[1].data, values = (char*)to[2].data;
    scales = call.outputCount > 3 ? to[3].f32() : nullptr;
    lse = call.outputCount > 4 ? to[4].f32() : nullptr;
    starts = in[5].i32(), lengths = in[6].i32(), pages = in[7].i32();
    factor = float(call.attributes[0] * 1.4426950408889634);
    cellBytes = in[3].dims[2] * PAGE * (in[3].dtype == U8 ? 1 : in[3].dtype == BF16 ? 2 : 4);
  }

  Rows rows(int64_t b) const {
    int64_t first = starts[b], stop = starts[b + 1], position = lengths[b] - (stop - first);
    int64_t skip = -position > 0 ? -position : 0;
    if (first + skip < 0) skip = -first;
    stop = least(stop, N);
    stop = least(stop, first + M * PAGE - position);
    int64_t count = stop - first - skip;
    return {first + skip, count > 0 ? count : 0, position + skip};
  }
  // The page of a text's tokens 16·index …, or −1.
  int64_t page(int64_t b, int64_t index) const {
    int64_t page = index < M ? pages[b * M + index] : -1;
    return page < P ? page : -1;
  }
  const char* keysOf(int64_t page, int64_t g) const { return page < 0 ? nothing : keys + (page * G + g) * cellBytes; }
  const char* valuesOf(int64_t page, int64_t g) const { return page < 0 ? nothing : values + (page * G + g) * cellBytes; }
  // Factors of a page's sixteen keys (side 0) or values (1).
  const float* factorsOf(int64_t page, int64_t g, int side) const {
    return page < 0 ? (const float*)nothing : scales + ((page * G + g) * 2 + side) * PAGE;
  }
};

// Queries of one group of a text: lane i is head g·R + i mod R of the text's new row ⌊i/R⌋. Later lanes never see less.
struct Lanes {
  const Paged& p;
  Rows rows;
  int64_t b, g, first, count;

  int64_t row(int64_t i) const { return rows.first + (first + i) / p.R; }
  int64_t head(int64_t i) const { return g * p.R + (first + i) % p.R; }
  // How many keys from position `from` on lane i sees.
  int64_t seen(int64_t i, int64_t from = 0) const { return rows.position + (first + i) / p.R + 1 - from; }
  int64_t at(int64_t i) const { return (row(i) * p.H + head(i)) * p.D; }
  // Spans that the last lane sees.
  int64_t spans() const { return share(seen(count - 1), SPAN); }
};

// Asks for a line that will be read soon: pages lie anywhere, so the machine cannot guess them.
ALIPPE_INLINE void prefetch(const void* p) { __builtin_prefetch(p, 0, 2); }

// A span of one group of a text.
struct Place {
  int64_t b, g, span;
};

// The pages of one span of a text's keys.
struct SpanPages {
  const char *keys[SPAN_PAGES], *values[SPAN_PAGES];
  const char* ahead[SPAN_PAGES];  // keys that are likely to be read next
  const float *keyFactors[SPAN_PAGES], *valueFactors[SPAN_PAGES];
  int64_t keysSeen, count;  // keys that the last lane sees; pages that hold them

  template <class Cells>
  static void find(SpanPages& to, const Lanes& lanes, int64_t span, const Place& next) {
    const Paged& p = lanes.p;
    to.keysSeen = least(lanes.seen(lanes.count - 1, span * SPAN), SPAN);
    to.count = share(to.keysSeen, PAGE);
    for (int64_t i = 0; i < to.count; i++) {
      int64_t page = p.page(lanes.b, span * SPAN_PAGES + i), later = p.page(next.b, next.span * SPAN_PAGES + i);
      to.keys[i] = p.keysOf(page, lanes.g), to.values[i] = p.valuesOf(page, lanes.g);
      to.ahead[i] = p.keysOf(later, next.g);
      if constexpr (Cells::CODES) {
        to.keyFactors[i] = p.factorsOf(page, lanes.g, 0), to.valueFactors[i] = p.factorsOf(page, lanes.g, 1);
        prefetch(p.factorsOf(later, next.g, 0));
        prefetch(p.factorsOf(later, next.g, 1));
      }
    }
  }
};

// What lanes have after some keys: the greatest score, the sum of 2^(score − greatest), and of these times values.
struct Sums {
  float *maximum, *total;  // [lanes in whole vectors]
  float* weighted;         // [lanes, padded]

  static int64_t floats(int64_t lanes, int64_t padded) { return 2 * round_up(lanes, 16) + lanes * padded; }
  static Sums in(Space& space, int64_t lanes, int64_t padded) {
    return {space.floats(lanes), space.floats(lanes), space.floats(lanes * padded)};
  }
};

static void clear(const Sums& sums, int64_t lanes, int64_t padded) {
  for (int64_t i = 0; i < lanes; i += WIDTH) {
    store(sums.maximum + i, splat(LOWEST_MAX));
    store(sums.total + i, zero());
  }
  for (int64_t i = 0; i < lanes * padded; i += WIDTH) store(sums.weighted + i, zero());
}

// Adds what a span gives to what the spans before it gave. Spans are folded one by one, in order, whoever computed them.
static void fold(const Sums& sums, const Sums& span, const Lanes& lanes, int64_t from) {
  float before[WIDTH], now[WIDTH];
  int64_t padded = lanes.p.padded;
  for (int64_t i = 0; i < lanes.count; i += WIDTH) {
    vf old = load(sums.maximum + i), added = load(span.maximum + i), greatest = max(added, old);
    vf decay = exp2_flushed(old - greatest), weight = exp2_flushed(added - greatest);
    store(sums.maximum + i, greatest);
    store(sums.total + i, fma(load(span.total + i), weight, load(sums.total + i) * decay));
    store(before, decay);
    store(now, weight);
    for (int64_t r = 0; r < WIDTH && i + r < lanes.count; r++) {
      if (lanes.seen(i + r, from) <= 0) continue;
      float* to = sums.weighted + (i + r) * padded;
      const float* more = span.weighted + (i + r) * padded;
      vf a = splat(before[r]), b = splat(now[r]);
      for (int64_t d = 0; d < padded; d += WIDTH) store(to + d, fma(load(more + d), b, load(to + d) * a));
    }
  }
}

static void finish(const Sums& sums, const Lanes& lanes) {
  const Paged& p = lanes.p;
  for (int64_t i = 0; i < lanes.count; i++) {
    vf share = splat(1.0f) / splat(sums.total[i]);
    for (int64_t d = 0; d < p.D; d += WIDTH)
      store_n(p.out + lanes.at(i) + d, load(sums.weighted + i * p.padded + d) * share, least(p.D - d, WIDTH));
    if (p.lse)
      p.lse[lanes.row(i) * p.H + lanes.head(i)] = fma(splat(sums.maximum[i]), splat(LN_2), log(splat(sums.total[i])))[0];
  }
}

// Values of the span's pages as f32, [keys, padded], columns beyond D zero.
template <class Cells>
static void unpack_values(float* to, const SpanPages& pages, int64_t D, int64_t padded) {
  using Cell = typename Cells::Cell;
  int64_t held = D / Cells::PER;
  for (int64_t i = 0; i < pages.count; i++) {
    const Cell* from = (const Cell*)pages.values[i];
    for (int64_t t = 0; t < PAGE; t++, from += held, to += padded) {
      int64_t d = 0;
      for (; d + WIDTH <= held; d += WIDTH) {
        vf x[Cells::PER];
        Cells::load(from + d, x);
        for (int j = 0; j < Cells::PER; j++) store(to + j * held + d, x[j]);
      }
      if (d < held) {
        Cell rest[WIDTH] = {};
        __builtin_memcpy(rest, from + d, (held - d) * sizeof(Cell));
        vf x[Cells::PER];
        Cells::load(rest, x);
        for (int j = 0; j < Cells::PER; j++) store_n(to + j * held + d, x[j], held - d);
      }
      for (d = D; d < padded; d++) to[d] = 0;
    }
  }
}

}  // namespace
}  // namespace alippe::ALIPPE_ISA
