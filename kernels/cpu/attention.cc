// Attention, forward and backward, without ever holding T × S numbers: tiles of queries meet tiles of keys, the softmax is
// kept online (Milakov and Gimelshein 2018; Dao et al. 2022, "FlashAttention", §3.1), the backward recomputes the
// probabilities from lse (§B.4: delta = Σ dout·out).
//
// Vector lanes run along queries for scores (a key is broadcast, so k and v are read as they lie in memory and only a
// tile of q is transposed, once) and along D for the outputs. Scores live in base 2: q is packed times scale·log2(e).
//
// Causal masks cost little: tiles, vectors of queries and rows of keys that see nothing are not computed.
#include "../kernel.h"
#include "attention-tile.h"
#include "math.h"

namespace alippe::ALIPPE_ISA {

constexpr int QUERIES = 64;  // of a tile
constexpr int KEYS = 64;
constexpr int QUERY_VECTORS = QUERIES / WIDTH;
constexpr float LOG2_E = 1.4426950408889634f, LN_2 = 0.6931471805599453f;
constexpr float MASKED = -3e38f;     // a score that is not seen
constexpr float LOWEST_MAX = -1e30f; // running maxima start here, so that MASKED − maximum is far below 0

struct Problem {
  int64_t B, T, S, H, G, D, padded;  // padded: D in whole vectors
  const float *q, *k, *v;
  const int32_t *documents, *lengths;
  bool causal, pairs;
  float scale;

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
    pairs = HAS_PAIRS && call.attributes[2] == 1;
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

  KeyTile(const QueryTile& tile, int64_t start, int64_t limit) : queries(tile), first(start) {
    int64_t end = tile.end < limit ? tile.end : limit;
    count = end - first < KEYS ? end - first : KEYS;
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
      vi d = load_n(queries.documents + t, queries.first + queries.count - t < WIDTH ? queries.first + queries.count - t : WIDTH);
      seen = seen & (d == splat_int(queries.documents[first + row]));
    }
    return seen;
  }
};

// scores[key][query] = rows[key]·packed[·][query] for whatever the causal rule leaves; other vectors are not touched.
template <bool PAIRS>
static void multiply_keys(const KeyTile& keys, float* scores, const float* rows, int64_t stride, const float* packed,
                          int64_t depth) {
  for (int64_t i = 0; i < keys.count; i += ROWS) {
    int64_t n = keys.count - i < ROWS ? keys.count - i : ROWS;
    int64_t j = keys.firstQuery(i) / WIDTH;
    if (j < keys.queries.vectors)
      strip<PAIRS, true>(n, keys.queries.vectors - j, depth, rows + i * stride, stride, packed + j * WIDTH, QUERIES,
                         scores + i * QUERIES + j * WIDTH, QUERIES, OVERWRITE, nullptr);
  }
}

// One step of the online softmax: scores become 2^(score − maximum), what is not seen becomes 0.
// decay[query] is what earlier sums and outputs must be multiplied by.
static void advance_softmax(const KeyTile& keys, float* scores, float* maximum, float* total, float* decay) {
  for (int64_t j = 0; j < keys.queries.vectors; j++) {
    float* x = scores + j * WIDTH;
    int64_t end = keys.visible(j * WIDTH + WIDTH - 1), whole = keys.mixed ? 0 : keys.visible(j * WIDTH);
    for (int64_t i = whole; i < end; i++)
      store(x + i * QUERIES, select(keys.mask(i, j), load(x + i * QUERIES), splat(MASKED)));
    vf old = load(maximum + j * WIDTH), m0 = old, m1 = old;
    int64_t i = 0;
    for (; i + 2 <= end; i += 2) {
      m0 = max(load(x + i * QUERIES), m0);
      m1 = max(load(x + (i + 1) * QUERIES), m1);
    }
    if (i < end) m0 = max(load(x + i * QUERIES), m0);
    m0 = max(m0, m1);
    vf fade = exp2_flushed(old - m0), s0 = load(total + j * WIDTH) * fade, s1 = zero();
    for (i = 0; i + 2 <= end; i += 2) {
      vf a = exp2_flushed(load(x + i * QUERIES) - m0), b = exp2_flushed(load(x + (i + 1) * QUERIES) - m0);
      store(x + i * QUERIES, a);
      store(x + (i + 1) * QUERIES, b);
      s0 = s0 + a;
      s1 = s1 + b;
    }
    if (i < end) {
      vf a = exp2_flushed(load(x + i * QUERIES) - m0);
      store(x + i * QUERIES, a);
      s0 = s0 + a;
    }
    for (i = end; i < keys.count; i++) store(x + i * QUERIES, zero());
    store(maximum + j * WIDTH, m0);
    store(total + j * WIDTH, s0 + s1);
    store(decay + j * WIDTH, fade);
  }
}

// out[query][·] (start) Σ over seen keys of scores[key][query] · rows[key][·]
template <bool PAIRS>
static void multiply_scores(const KeyTile& keys, float* out, const float* scores, const float* rows, int64_t width,
                            Start start, const float* decay) {
  for (int64_t i = 0; i < keys.queries.count; i += ROWS) {
    int64_t n = keys.queries.count - i < ROWS ? keys.queries.count - i : ROWS;
    int64_t depth = keys.visible(i + n - 1);
    if (PAIRS) depth = (depth + 1) / 2;
    if (depth > 0)
      strip<PAIRS, false>(n, width / WIDTH, depth, scores + i, QUERIES, rows, width, out + i * width, width, start,
                          decay + i);
  }
}

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

// ---- forward ----

static void attend_tile(Context& context, const Problem& p, int64_t b, int64_t h, int64_t start, float* out, float* lse) {
  QueryTile queries(p, b, start);
  int64_t g = h * p.G / p.H, width = p.padded;
  Space space{context.local};
  float* packed = space.floats(width * QUERIES);
  float* scores = space.floats(KEYS * QUERIES);
  float* values = space.floats(KEYS * width);
  float* sums = space.floats(QUERIES * width);
  float* maximum = space.floats(QUERIES);
  float* total = space.floats(QUERIES);
  float* decay = space.floats(QUERIES);

  int64_t row = (b * p.T + start) * p.H + h;
  pack_transposed(packed, QUERIES, p.q + row * p.D, p.H * p.D, queries.count, p.D, p.scale * LOG2_E);
  for (int64_t i = 0; i < QUERIES * width; i += WIDTH) store(sums + i, zero());
  for (int64_t i = 0; i < QUERIES; i += WIDTH) {
    store(maximum + i, splat(LOWEST_MAX));
    store(total + i, zero());
  }

  for (int64_t s = 0; s < queries.end; s += KEYS) {
    KeyTile keys(queries, s, p.S);
    if (!keys.seen) continue;
    int64_t key = ((b * p.S + s) * p.G + g) * p.D, stride = p.G * p.D;
    multiply_keys<false>(keys, scores, p.k + key, stride, packed, p.D);
    advance_softmax(keys, scores, maximum, total, decay);
    pack_rows(values, width, p.v + key, stride, keys.count, p.D);
    multiply_scores<false>(keys, sums, scores, values, width, DECAY, decay);
  }

  for (int64_t i = 0; i < QUERIES; i += WIDTH) {
    vf sum = load(total + i), none = zero();
    vi seen = sum != none;
    store(decay + i, select(seen, splat(1.0f) / sum, none));
    store(total + i, select(seen, load(maximum + i) * splat(LN_2) + log(sum), splat(-__builtin_inff())));
  }
  for (int64_t i = 0; i < queries.count; i++) {
    float* to = out + (row + i * p.H) * p.D;
    vf factor = splat(decay[i]);
    for (int64_t d = 0; d < p.D; d += WIDTH) {
      vf y = load(sums + i * width + d) * factor;
      if (d + WIDTH <= p.D) store(to + d, y);
      else store_n(to + d, y, p.D - d);
    }
    lse[(b * p.H + h) * p.T + start + i] = total[i];
  }
}

void attention(Context& context, const Call& call) {
  Problem p(call, 3);
  int64_t heads = p.B * p.H, perHead = tiles(p.T, QUERIES), count = heads * perHead;
  for (int64_t task; (task = context.take(count)) >= 0;) {
    // The longest first: late tiles of a causal head see the most keys.
    int64_t tile = perHead - 1 - task / heads, head = task % heads;
    attend_tile(context, p, head / p.H, head % p.H, tile * QUERIES, call.outputs[0].f32(), call.outputs[1].f32());
  }
}

// ---- backward ----

struct Gradients {
  const float *out, *lse, *dout;
  float *dq, *dk, *dv;
};

// scores become probabilities 2^(score − lse), slopes become scale·p·(slope − delta); both 0 where nothing is seen.
static void differentiate_softmax(const KeyTile& keys, float* scores, float* slopes, const float* lse, const float* delta) {
  for (int64_t j = 0; j < keys.queries.vectors; j++) {
    float *x = scores + j * WIDTH, *y = slopes + j * WIDTH;
    int64_t end = keys.visible(j * WIDTH + WIDTH - 1), whole = keys.mixed ? 0 : keys.visible(j * WIDTH);
    vf base = load(lse + j * WIDTH), mean = load(delta + j * WIDTH);
    for (int64_t i = whole; i < end; i++)
      store(x + i * QUERIES, select(keys.mask(i, j), load(x + i * QUERIES), splat(MASKED)));
    for (int64_t i = 0; i < end; i++) {
      vf probability = exp2_flushed(load(x + i * QUERIES) - base);
      store(x + i * QUERIES, probability);
      store(y + i * QUERIES, probability * (load(y + i * QUERIES) - mean));
    }
    for (int64_t i = end; i < keys.count; i++) {
      store(x + i * QUERIES, zero());
      store(y + i * QUERIES, zero());
    }
  }
}

// to[key][·] += Σ over queries that see it of scores[key][query] · rows[query][·]
template <bool PAIRS>
static void accumulate_keys(const KeyTile& keys, float* to, int64_t stride, const float* scores, const float* rows,
                            float* spare) {
  const Problem& p = keys.queries.p;
  int64_t width = p.padded, count = keys.queries.count;
  for (int64_t i = 0; i < keys.count; i += ROWS) {
    int64_t n = keys.count - i < ROWS ? keys.count - i : ROWS, first = keys.firstQuery(i);
    if (first >= count) break;
    const float *a = scores + i * QUERIES + first, *b = rows + first * width;
    if (width == p.D) {
      strip<PAIRS, true>(n, width / WIDTH, count - first, a, QUERIES, b, width, to + i * stride, stride, ADD, nullptr);
      continue;
    }
    strip<PAIRS, true>(n, width / WIDTH, count - first, a, QUERIES, b, width, spare, width, OVERWRITE, nullptr);
    for (int64_t r = 0; r < n; r++)
      for (int64_t d = 0; d < p.D; d++) to[(i + r) * stride + d] += spare[r * width + d];
  }
}

// The share of keys [from, to) of one group in dk and dv (whole) and in dq of every query of its heads (a partial sum).
static void differentiate_keys(Context& context, const Problem& p, const Gradients& grad, float* dq, int64_t b, int64_t g,
                               int64_t from, int64_t to) {
  int64_t width = p.padded, stride = p.G * p.D, queryStride = p.H * p.D, perGroup = p.H / p.G;
  Space space{context.local};
  float* packedQ = space.floats(width * QUERIES);     // [D, QUERIES], times scale·log2(e)
  float* packedDout = space.floats(width * QUERIES);  // [D, QUERIES], times scale
  float* rowsQ = space.floats(QUERIES * width);
  float* rowsDout = space.floats(QUERIES * width);
  float* scores = space.floats(KEYS * QUERIES);
  float* slopes = space.floats(KEYS * QUERIES);
  float* rowsK = space.floats(KEYS * width);
  float* sums = space.floats(QUERIES * width);
  float* lse = space.floats(QUERIES);
  float* delta = space.floats(QUERIES);
  float* spare = space.floats(ROWS * width);

  for (int64_t s = from; s < to; s++)
    for (int64_t d = 0, at = ((b * p.S + s) * p.G + g) * p.D; d < p.D; d++) grad.dk[at + d] = grad.dv[at + d] = 0;

  for (int64_t h = g * perGroup; h < (g + 1) * perGroup; h++)
    for (int64_t start = 0; start < p.T; start += QUERIES) {
      QueryTile queries(p, b, start);
      int64_t row = (b * p.T + start) * p.H + h;
      for (int64_t i = 0; i < QUERIES * width; i += WIDTH) store(sums + i, zero());
      if (queries.end > from) {
        const float *q = p.q + row * p.D, *dout = grad.dout + row * p.D, *out = grad.out + row * p.D;
        pack_transposed(packedQ, QUERIES, q, queryStride, queries.count, p.D, p.scale * LOG2_E);
        pack_transposed(packedDout, QUERIES, dout, queryStride, queries.count, p.D, p.scale);
        pack_rows(rowsQ, width, q, queryStride, queries.count, p.D);
        pack_rows(rowsDout, width, dout, queryStride, queries.count, p.D);
        for (int64_t i = 0; i < QUERIES; i++) {
          vf product = zero();
          float base = -__builtin_inff();
          if (i < queries.count) {
            for (int64_t d = 0; d < p.D; d += WIDTH) {
              vf o = p.D - d < WIDTH ? load_n(out + i * queryStride + d, p.D - d) : load(out + i * queryStride + d);
              product = fma(load(rowsDout + i * width + d), o, product);
            }
            base = grad.lse[(b * p.H + h) * p.T + start + i];
          }
          delta[i] = sum(product) * p.scale;
          // Nothing seen: a base so high that every probability is 0.
          lse[i] = base == -__builtin_inff() ? -MASKED : base * LOG2_E;
        }
        for (int64_t s = from; s < to && s < queries.end; s += KEYS) {
          KeyTile keys(queries, s, to);
          if (!keys.seen) continue;
          int64_t key = ((b * p.S + s) * p.G + g) * p.D;
          pack_rows(rowsK, width, p.k + key, stride, keys.count, p.D);
          multiply_keys<false>(keys, scores, rowsK, width, packedQ, p.D);
          multiply_keys<false>(keys, slopes, p.v + key, stride, packedDout, p.D);
          differentiate_softmax(keys, scores, slopes, lse, delta);
          accumulate_keys<false>(keys, grad.dv + key, stride, scores, rowsDout, spare);
          accumulate_keys<false>(keys, grad.dk + key, stride, slopes, rowsQ, spare);
          multiply_scores<false>(keys, sums, slopes, rowsK, width, ADD, nullptr);
        }
      }
      for (int64_t i = 0; i < queries.count; i++)
        for (int64_t d = 0; d < p.D; d++) dq[(row + i * p.H) * p.D + d] = sums[i * width + d];
    }
}

void attention_backward(Context& context, const Call& call) {
  Problem p(call, 6);
  Gradients grad{call.inputs[3].f32(), call.inputs[4].f32(), call.inputs[5].f32(),
                 call.outputs[0].f32(), call.outputs[1].f32(), call.outputs[2].f32()};
  // A task is all queries against a chunk of one group's keys. Few groups are cut into chunks, as shapes alone say; the
  // chunks' shares of dq are added in order afterwards.
  int64_t groups = p.B * p.G, size = p.B * p.T * p.H * p.D, chunks = 1;
  const int64_t enough = 32;
  while (groups * chunks < enough && chunks < tiles(p.S, KEYS) && chunks * size * 4 <= int64_t(SHARED_BYTES)) chunks++;
  int64_t keys = round_up(tiles(p.S, chunks), KEYS);
  chunks = tiles(p.S, keys);
  float* partial = reinterpret_cast<float*>(context.shared);  // [chunks - 1, B, T, H, D]

  for (int64_t task; (task = context.take(groups * chunks)) >= 0;) {
    int64_t chunk = task / groups, group = task % groups, from = chunk * keys;
    differentiate_keys(context, p, grad, chunk ? partial + (chunk - 1) * size : grad.dq, group / p.G, group % p.G, from,
                       from + keys < p.S ? from + keys : p.S);
  }
  if (chunks == 1) return;
  context.sync();
  const int64_t step = 4096;
  for (int64_t task; (task = context.take(tiles(size, step))) >= 0;)
    for (int64_t i = task * step; i < size && i < (task + 1) * step; i++) {
      float total = grad.dq[i];
      for (int64_t chunk = 1; chunk < chunks; chunk++) total += partial[(chunk - 1) * size + i];
      grad.dq[i] = total;
    }
}

}  // namespace alippe::ALIPPE_ISA
