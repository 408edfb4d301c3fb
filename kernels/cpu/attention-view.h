// What attention works on: the operands, tiles of queries and of keys, and which of them see each other.
#pragma once
#include "../kernel.h"
#include "attention-tile.h"

namespace alippe::ALIPPE_ISA {

constexpr int QUERIES = 64;  // of a tile
constexpr int KEYS = 96;     // of a tile
constexpr int SPAN = 480;    // keys that the backward holds packed

struct Problem {
  int64_t B, T, S, H, G, D, padded;  // padded: D in whole vectors
  Numbers q, k, v;  // bf16 only when rounded
  const int32_t *documents, *lengths;
  bool causal, rounded;  // rounded: q, k, v and dout are taken as bf16
  float scale, weight, factor;  // scale·log2(e) = weight·factor; q is packed times weight, scores meet factor > 0

  Problem(const Call& call, int firstOptional) : q(call.inputs[0]), k(call.inputs[1]), v(call.inputs[2]) {
    const Buffer* in = call.inputs;
    B = in[0].dims[0], T = in[0].dims[1], H = in[0].dims[2], D = in[0].dims[3];
    S = in[1].dims[1], G = in[1].dims[2];
    padded = round_up(D, WIDTH);
    documents = call.inputCount > firstOptional ? in[firstOptional].i32() : nullptr;
    lengths = call.inputCount > firstOptional + 1 ? in[firstOptional + 1].i32() : nullptr;
    causal = call.attributes[0] != 0;
    scale = float(call.attributes[1]);
    factor = scale > 0 ? scale * LOG2_E : 1;
    weight = scale > 0 ? 1 : scale * LOG2_E;
    rounded = call.attributes[2] == 1;
  }
};

// The first place of [from, to) whose document is `document`, or is not when `same` is false; `to` when there is none.
static int64_t seek(const int32_t* documents, int64_t from, int64_t to, int32_t document, bool same) {
  constexpr int TOGETHER = 32;
  for (; from + TOGETHER <= to; from += TOGETHER) {
    int32_t found = 0;
    for (int i = 0; i < TOGETHER; i++) found |= (documents[from + i] == document) == same;
    if (found) break;
  }
  while (from < to && (documents[from] == document) != same) from++;
  return from;
}

// A tile of queries [first, first + count) of one head, all of one document, and which keys of [0, S) it may see.
struct QueryTile {
  const Problem& p;
  int64_t b, first, count, vectors, lanes;  // lanes: those of the vectors
  int64_t offset;  // query t sees keys up to t + offset when causal
  int64_t end;     // no query of the tile sees a key from here on
  const int32_t* documents;

  // The tile ends before `stop` where its document does.
  QueryTile(const Problem& problem, int64_t batch, int64_t start, int64_t stop) : p(problem), b(batch), first(start) {
    documents = p.documents ? p.documents + b * p.T : nullptr;
    if (stop > p.T) stop = p.T;
    if (stop > first + QUERIES) stop = first + QUERIES;
    if (documents) stop = seek(documents, first, stop, documents[first], false);
    count = stop - first;
    vectors = (count + WIDTH - 1) / WIDTH;
    lanes = vectors * WIDTH;
    offset = p.S - p.T;
    end = p.S;
    if (p.lengths && p.lengths[b] < end) end = p.lengths[b];
    if (p.causal && stop + offset < end) end = stop + offset;
    if (end < 0) end = 0;
  }
};

// Walks over the tiles of keys [first, first + count) that a tile of queries sees within [from, to). A tile ends where its
// document does, so tiles of other documents are never met, and within a tile only the causal rule counts. Tiles are
// counted from the beginning of a run, the unbroken keys of one document: what a query gets does not depend on where in
// the row its document lies.
struct KeyTile {
  const QueryTile& queries;
  int64_t first, count;
  int64_t run, runEnd;  // the run that the tile belongs to
  int64_t end;

  KeyTile(const QueryTile& tile, int64_t from, int64_t to)
      : queries(tile), first(from), count(0), run(from), end(tile.end < to ? tile.end : to) {
    runEnd = queries.documents ? from : end;
  }
  // Goes on to the next tile; false when there is none.
  bool next() {
    first += count;
    if (queries.documents && first >= runEnd) {
      int32_t document = queries.documents[queries.first];
      run = first = seek(queries.documents, first, end, document, true);
      runEnd = seek(queries.documents, first, end, document, false);
    }
    count = runEnd - first < KEYS ? runEnd - first : KEYS;
    return count > 0;
  }
  // How many keys of the tile query `row` of the query tile sees.
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
  // Lanes of query vector `j` that see key `row`, by the causal rule.
  vi mask(int64_t row, int64_t j) const {
    return lanes() + int32_t(queries.first + j * WIDTH + queries.offset) >= splat_int(int32_t(first + row));
  }
  // The row of its cell when the rows of each run, counted from `base`, have been folded in pairs where they lie.
  int64_t folded(int64_t base) const { return run - base + (first - run) / 2; }
};

ALIPPE_INLINE int64_t tiles(int64_t count, int64_t step) { return (count + step - 1) / step; }

}  // namespace alippe::ALIPPE_ISA
