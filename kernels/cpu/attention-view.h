// What attention works on: the operands, tiles of queries and of keys, and which of them see each other.
#pragma once
#include "../kernel.h"
#include "attention-tile.h"

namespace alippe::ALIPPE_ISA {

constexpr int QUERIES = 64;  // of a tile
constexpr int KEYS = 96;     // of a tile
constexpr int SPAN = 480;    // keys that the backward holds packed
constexpr float LOG2_E = 1.4426950408889634f, LN_2 = 0.6931471805599453f;
constexpr float MASKED = -3e38f;     // a score that is not seen
constexpr float LOWEST_MAX = -1e30f; // running maxima start here, so that MASKED − maximum is far below 0

struct Problem {
  int64_t B, T, S, H, G, D, padded;  // padded: D in whole vectors
  const float *q, *k, *v;
  const int32_t *documents, *lengths;
  bool causal, rounded;  // rounded: q, k, v and dout are taken as bf16
  float scale, weight, factor;  // scale·log2(e) = weight·factor; q is packed times weight, scores meet factor > 0

  Problem(const Call& call, int firstOptional) {
    const Buffer* in = call.inputs;
    B = in[0].dims[0], T = in[0].dims[1], H = in[0].dims[2], D = in[0].dims[3];
    S = in[1].dims[1], G = in[1].dims[2];
    padded = round_up(D, WIDTH);
    q = in[0].f32(), k = in[1].f32(), v = in[2].f32();
    documents = call.inputCount > firstOptional ? in[firstOptional].i32() : nullptr;
    lengths = call.inputCount > firstOptional + 1 ? in[firstOptional + 1].i32() : nullptr;
    causal = call.attributes[0] != 0;
    scale = float(call.attributes[1]);
    factor = scale > 0 ? scale * LOG2_E : 1;
    weight = scale > 0 ? 1 : scale * LOG2_E;
    rounded = call.attributes[2] == 1;
  }
};

// A tile of queries [first, first + count) of one head, and which keys of [0, S) it may see.
struct QueryTile {
  const Problem& p;
  int64_t b, first, count, vectors;
  int64_t offset;  // query t sees keys up to t + offset when causal
  int64_t end;     // no query of the tile sees a key from here on
  const int32_t* documents;
  int32_t lowest, highest;  // documents of the tile

  QueryTile(const Problem& problem, int64_t batch, int64_t start) : p(problem), b(batch), first(start) {
    count = p.T - first < QUERIES ? p.T - first : QUERIES;
    vectors = (count + WIDTH - 1) / WIDTH;
    offset = p.S - p.T;
    end = p.S;
    if (p.lengths && p.lengths[b] < end) end = p.lengths[b];
    if (p.causal && first + count + offset < end) end = first + count + offset;
    if (end < 0) end = 0;
    documents = p.documents ? p.documents + b * p.T : nullptr;
    if (documents) span(first, count, lowest, highest);
  }

  void span(int64_t from, int64_t n, int32_t& low, int32_t& high) const {
    low = high = documents[from];
    for (int64_t i = 1; i < n; i++) {
      int32_t d = documents[from + i];
      if (d < low) low = d;
      if (d > high) high = d;
    }
  }
};

// A tile of keys [first, first + count) as a tile of queries sees it.
struct KeyTile {
  const QueryTile& queries;
  int64_t first, count;
  bool seen, mixed;  // whether anything may be seen; whether documents must be compared one by one

  KeyTile(const QueryTile& tile, int64_t start) : queries(tile), first(start) {
    count = tile.end - first < KEYS ? tile.end - first : KEYS;
    seen = count > 0;
    mixed = false;
    if (seen && tile.documents) {
      int32_t low, high;
      tile.span(first, count, low, high);
      seen = low <= tile.highest && tile.lowest <= high;
      mixed = low != high || tile.lowest != tile.highest || low != tile.lowest;
    }
  }
  // How many keys of the tile query `row` of the query tile sees when only the causal rule counts.
  int64_t visible(int64_t row) const {
    if (!queries.p.causal) return count;
    int64_t n = queries.first + row + queries.offset - first + 1;
    return n < 0 ? 0 : n < count ? n : count;
  }
  // The first query of the tile that sees key `row` of the key tile.
  int64_t firstQuery(int64_t row) const {
    if (!queries.p.causal) return 0;
    int64_t n = first + row - queries.offset - queries.first;
    return n < 0 ? 0 : n;
  }
  // Lanes of query vector `j` that see key `row`.
  vi mask(int64_t row, int64_t j) const {
    vi seen = splat_int(-1);
    int64_t t = queries.first + j * WIDTH;
    if (queries.p.causal) seen = lanes() + int32_t(t + queries.offset) >= splat_int(int32_t(first + row));
    if (mixed) {
      int64_t left = queries.first + queries.count - t;
      vi d = load_n(queries.documents + t, left < WIDTH ? left : WIDTH);
      seen = seen & (d == splat_int(queries.documents[first + row]));
    }
    return seen;
  }
};

// Space for one thread, handed out in order.
struct Space {
  char* next;
  float* floats(int64_t count) {
    float* p = reinterpret_cast<float*>(next);
    next += round_up(count, 16) * 4;
    return p;
  }
};

ALIPPE_INLINE int64_t tiles(int64_t count, int64_t step) { return (count + step - 1) / step; }

}  // namespace alippe::ALIPPE_ISA
