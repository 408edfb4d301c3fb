// Attention, forward and backward, never holding T × S numbers: tiles of queries meet tiles of keys, the softmax is kept
// online (Milakov and Gimelshein 2018; Dao et al. 2022, "FlashAttention", §3.1), the backward recomputes the
// probabilities from lse (§B.4: delta = Σ dout·out).
//
// Vector lanes run along queries for scores (a key is broadcast, so k and v are read as they lie in memory and only a
// tile of q is transposed, once) and along D for the outputs. The softmax works in base 2: scores meet scale·log2(e).
//
// Masks cost little: tiles, vectors of queries and rows of keys that see nothing are not computed, and tiles do not cross
// the borders of documents.
#include "attention-few.h"
#include "attention-view.h"

namespace alippe::ALIPPE_ISA {

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

// One step of the online softmax: scores become 2^(factor·score − maximum), what is not seen becomes 0.
// decay[query] is what earlier sums and outputs must be multiplied by.
template <bool PAIRS>
static void advance_softmax(const KeyTile& keys, float* scores, float* maximum, float* total, float* decay) {
  vf factor = splat(keys.queries.p.factor);
  for (int64_t j = 0; j < keys.queries.vectors; j++) {
    float* x = scores + j * WIDTH;
    int64_t end = keys.visible(j * WIDTH + WIDTH - 1), whole = keys.visible(j * WIDTH);
    for (int64_t i = whole; i < end; i++)
      store(x + i * QUERIES, select(keys.mask(i, j), load(x + i * QUERIES), splat(MASKED)));
    vf m0 = splat(LOWEST_MAX), m1 = m0;
    int64_t i = 0;
    for (; i + 2 <= end; i += 2) {
      m0 = max(load(x + i * QUERIES), m0);
      m1 = max(load(x + (i + 1) * QUERIES), m1);
    }
    if (i < end) m0 = max(load(x + i * QUERIES), m0);
    vf old = load(maximum + j * WIDTH), now = max(max(m0, m1) * factor, old);
    vf fade = exp2_flushed(old - now), s0 = load(total + j * WIDTH) * fade, s1 = zero();
    // Pairs of keys; whatever lies between `end` and the tile's last key becomes 0.
    for (i = 0; i < keys.count; i += 2) {
      vf a = zero(), b = zero();
      if (i < end) a = exp2_flushed(fma(load(x + i * QUERIES), factor, -now));
      if (i + 1 < end) b = exp2_flushed(fma(load(x + (i + 1) * QUERIES), factor, -now));
      s0 = s0 + a;
      s1 = s1 + b;
      if (PAIRS) {
        store(x + i / 2 * QUERIES, pair(a, b));
      } else {
        store(x + i * QUERIES, a);
        store(x + (i + 1) * QUERIES, b);
      }
    }
    store(maximum + j * WIDTH, now);
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
                          decay ? decay + i : nullptr);
  }
}

// ---- forward ----

// Keys and values as bf16 cells, made once for all tasks: k [B, G, S, padded / 2], v [B, G, valueCount, padded]. The values
// of each run of one document are paired from its beginning.
struct Cells {
  const Problem& p;
  float *k, *v;
  int64_t valueCount;

  Cells(const Problem& problem, char* at) : p(problem), k(reinterpret_cast<float*>(at)) {
    v = k + round_up(p.B * p.G * p.S * p.padded / 2, 16);
    valueCount = p.documents ? p.S : (p.S + 1) / 2;
  }
  int64_t bytes() const { return (v - k + p.B * p.G * valueCount * p.padded) * 4; }
  float* keyRow(int64_t group, int64_t s) const { return k + (group * p.S + s) * p.padded / 2; }
  float* valueRow(int64_t group, int64_t row) const { return v + (group * valueCount + row) * p.padded; }
};

template <bool PAIRS>
static void attend_tile(Context& context, const Cells& cells, const QueryTile& queries, int64_t h, float* out,
                        float* lse) {
  const Problem& p = queries.p;
  int64_t b = queries.b, g = h * p.G / p.H, group = b * p.G + g, width = p.padded;
  Space space{context.local};
  float* packed = space.floats(width * QUERIES);
  float* scores = space.floats(KEYS * QUERIES);
  float* values = space.floats(KEYS * width);
  float* sums = space.floats(QUERIES * width);
  float* maximum = space.floats(QUERIES);
  float* total = space.floats(QUERIES);
  float* decay = space.floats(QUERIES);

  int64_t row = (b * p.T + queries.first) * p.H + h;
  pack_transposed(packed, QUERIES, p.q + row * p.D, p.H * p.D, queries.count, p.D, p.weight, p.rounded);
  if (PAIRS) fold_rows(packed, QUERIES, width, queries.lanes);
  for (int64_t i = 0; i < queries.count * width; i += WIDTH) store(sums + i, zero());
  for (int64_t i = 0; i < queries.lanes; i += WIDTH) {
    store(maximum + i, splat(LOWEST_MAX));
    store(total + i, zero());
  }

  for (KeyTile keys(queries, 0, p.S); keys.next();) {
    int64_t key = ((b * p.S + keys.first) * p.G + g) * p.D, stride = p.G * p.D;
    if (PAIRS) {
      multiply_keys<PAIRS>(keys, scores, cells.keyRow(group, keys.first), width / 2, packed, (p.D + 1) / 2);
      advance_softmax<PAIRS>(keys, scores, maximum, total, decay);
      multiply_scores<PAIRS>(keys, sums, scores, cells.valueRow(group, keys.folded(0)), width, DECAY, decay);
    } else {
      const float* rows = (p.k + key).f32();
      if (p.rounded) pack_rows(values, width, p.k + key, stride, keys.count, p.D, true), rows = values;
      multiply_keys<PAIRS>(keys, scores, rows, p.rounded ? width : stride, packed, p.D);
      advance_softmax<PAIRS>(keys, scores, maximum, total, decay);
      pack_rows(values, width, p.v + key, stride, keys.count, p.D, p.rounded);
      multiply_scores<PAIRS>(keys, sums, scores, values, width, DECAY, decay);
    }
  }

  for (int64_t i = 0; i < queries.lanes; i += WIDTH) {
    vf sum = load(total + i), none = zero();
    vi seen = sum != none;
    store(decay + i, select(seen, splat(1.0f) / sum, none));
    store(total + i, select(seen, fma(load(maximum + i), splat(LN_2), log(sum)), splat(-__builtin_inff())));
  }
  for (int64_t i = 0; i < queries.count; i++) {
    float* to = out + (row + i * p.H) * p.D;
    vf share = splat(decay[i]);
    for (int64_t d = 0; d < p.D; d += WIDTH) {
      vf y = load(sums + i * width + d) * share;
      if (d + WIDTH <= p.D) store(to + d, y);
      else store_n(to + d, y, p.D - d);
    }
    lse[(b * p.H + h) * p.T + queries.first + i] = total[i];
  }
}

// The values of a tile of keys that begin a pair.
static void make_value_cells(const Cells& cells, float* rows, int64_t b, int64_t g, int64_t from, int64_t to) {
  const Problem& p = cells.p;
  const int32_t* documents = p.documents ? p.documents + b * p.T : nullptr;
  int64_t stride = p.G * p.D, width = p.padded, run = documents ? from : 0;
  if (documents) while (run > 0 && documents[run - 1] == documents[from]) run--;
  for (int64_t stop; from < to; run = from = stop) {
    stop = documents ? seek(documents, from, to, documents[from], false) : to;
    int64_t first = from + (from - run) % 2, count = stop - first;
    if (count <= 0) continue;
    bool more = stop < p.S && (!documents || documents[stop] == documents[from]);
    if (more) count += count % 2;  // the partner lies in the next tile
    pack_rows(rows, width, p.v + ((b * p.S + first) * p.G + g) * p.D, stride, count, p.D);
    fold_rows(rows, width, count, width);
    pack_rows(cells.valueRow(b * p.G + g, run + (first - run) / 2), width, rows, width, (count + 1) / 2, width);
  }
}

static void make_cells(Context& context, const Cells& cells) {
  const Problem& p = cells.p;
  int64_t perGroup = tiles(p.S, KEYS), stride = p.G * p.D;
  for (int64_t task; (task = context.take(p.B * p.G * perGroup)) >= 0;) {
    int64_t group = task / perGroup, b = group / p.G, g = group % p.G, s = task % perGroup * KEYS;
    int64_t count = p.S - s < KEYS ? p.S - s : KEYS, from = ((b * p.S + s) * p.G + g) * p.D;
    pack_pairs(cells.keyRow(group, s), p.padded / 2, p.k + from, stride, count, p.D);
    make_value_cells(cells, reinterpret_cast<float*>(context.local), b, g, s, s + count);
  }
  context.sync();
}

template <bool PAIRS>
static void attend(Context& context, const Cells& cells, const Call& call) {
  const Problem& p = cells.p;
  if (PAIRS) make_cells(context, cells);
  int64_t heads = p.B * p.H, perHead = tiles(p.T, QUERIES), count = heads * perHead;
  for (int64_t task; (task = context.take(count)) >= 0;) {
    // The longest first: late tiles of a causal head see the most keys.
    int64_t start = (perHead - 1 - task / heads) * QUERIES, head = task % heads;
    int64_t stop = start + QUERIES < p.T ? start + QUERIES : p.T;
    while (start < stop) {
      QueryTile queries(p, head / p.H, start, stop);
      attend_tile<PAIRS>(context, cells, queries, head % p.H, call.outputs[0].f32(), call.outputs[1].f32());
      start += queries.count;
    }
  }
}

void attention(Context& context, const Call& call) {
  Problem p(call, 3);
  if (attend_few(context, p, call)) return;
  Cells cells(p, context.shared);
  if constexpr (HAS_PAIRS)
    if (p.rounded && cells.bytes() <= int64_t(SHARED_BYTES)) return attend<true>(context, cells, call);
  attend<false>(context, cells, call);
}

// ---- backward ----

struct Gradients {
  const float *out, *lse, *dout;
  float *dq, *dk, *dv;
};

// scores become probabilities 2^(factor·score − lse), slopes become scale·p·(slope − delta); both 0 where nothing is seen.
// With PAIRS both become cells of neighbouring queries, and slopes also, in `folded`, cells of neighbouring keys.
template <bool PAIRS>
static void differentiate_softmax(const KeyTile& keys, float* scores, float* slopes, float* folded, const float* lse,
                                  const float* delta) {
  vf factor = splat(keys.queries.p.factor), scale = splat(keys.queries.p.scale);
  for (int64_t j = 0; j < keys.queries.vectors; j++) {
    float *x = scores + j * WIDTH, *y = slopes + j * WIDTH;
    int64_t end = keys.visible(j * WIDTH + WIDTH - 1), whole = keys.visible(j * WIDTH);
    vf base = load(lse + j * WIDTH), mean = load(delta + j * WIDTH);
    for (int64_t i = whole; i < end; i++)
      store(x + i * QUERIES, select(keys.mask(i, j), load(x + i * QUERIES), splat(MASKED)));
    for (int64_t i = 0; i < keys.count; i += 2) {
      vf probability[2] = {zero(), zero()}, slope[2] = {zero(), zero()};
      for (int r = 0; r < 2; r++) {
        if (i + r < end) {
          probability[r] = exp2_flushed(fma(load(x + (i + r) * QUERIES), factor, -base));
          slope[r] = probability[r] * scale * (load(y + (i + r) * QUERIES) - mean);
        }
        if (PAIRS) {
          // Cells fill the first half of their row: never beyond the vectors that have been read.
          store_pairs(scores + (i + r) * QUERIES + j * WIDTH / 2, probability[r]);
          store_pairs(slopes + (i + r) * QUERIES + j * WIDTH / 2, slope[r]);
        } else {
          store(x + (i + r) * QUERIES, probability[r]);
          store(y + (i + r) * QUERIES, slope[r]);
        }
      }
      if (PAIRS) store(folded + i / 2 * QUERIES + j * WIDTH, pair(slope[0], slope[1]));
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
    int64_t n = keys.count - i < ROWS ? keys.count - i : ROWS, first = keys.firstQuery(i), depth = count;
    if (first >= count) break;
    if (PAIRS) first /= 2, depth = (count + 1) / 2;
    depth -= first;
    const float *a = scores + i * QUERIES + first, *b = rows + first * width;
    if (width == p.D) {
      strip<PAIRS, true>(n, width / WIDTH, depth, a, QUERIES, b, width, to + i * stride, stride, ADD, nullptr);
      continue;
    }
    strip<PAIRS, true>(n, width / WIDTH, depth, a, QUERIES, b, width, spare, width, OVERWRITE, nullptr);
    for (int64_t r = 0; r < n; r++)
      for (int64_t d = 0; d < p.D; d++) to[(i + r) * stride + d] += spare[r * width + d];
  }
}

// The share of keys [from, to), at most SPAN, of one group in dk and dv (whole) and in dq of every query of its heads,
// which starts from what is there unless `fresh`.
template <bool PAIRS>
static void differentiate_keys(Context& context, const Problem& p, const Gradients& grad, float* dq, bool fresh, int64_t b,
                               int64_t g, int64_t from, int64_t to) {
  int64_t width = p.padded, stride = p.G * p.D, queryStride = p.H * p.D, perGroup = p.H / p.G;
  int64_t half = width / 2, halfDepth = (p.D + 1) / 2;
  Space space{context.local};
  float* packedQ = space.floats(width * QUERIES);     // [D, QUERIES]
  float* packedDout = space.floats(width * QUERIES);  // [D, QUERIES]
  float* rowsQ = space.floats(QUERIES * width);
  float* rowsDout = space.floats(QUERIES * width);
  float* scores = space.floats(KEYS * QUERIES);
  float* slopes = space.floats(KEYS * QUERIES);
  float* folded = space.floats(KEYS / 2 * QUERIES);
  float* sums = space.floats(QUERIES * width);
  float* lse = space.floats(QUERIES);
  float* delta = space.floats(QUERIES);
  float* spare = space.floats(ROWS * width);
  float* rowsK = space.floats(SPAN * width);  // with PAIRS cells of neighbouring keys, a run at a time
  float* cellsK = space.floats(SPAN * half);  // cells of neighbouring columns
  float* cellsV = space.floats(SPAN * half);
  float* valueTile = cellsV;  // without PAIRS: rounded values [KEYS, width]

  int64_t firstKey = ((b * p.S + from) * p.G + g) * p.D;
  pack_rows(rowsK, width, p.k + firstKey, stride, to - from, p.D, p.rounded);
  if (PAIRS) {
    const int32_t* documents = p.documents ? p.documents + b * p.T : nullptr;
    for (int64_t s = from, stop; s < to; s = stop) {
      stop = documents ? seek(documents, s, to, documents[s], false) : to;
      fold_rows(rowsK + (s - from) * width, width, stop - s, width);
    }
    pack_pairs(cellsK, half, p.k + firstKey, stride, to - from, p.D);
    pack_pairs(cellsV, half, p.v + firstKey, stride, to - from, p.D);
  }
  for (int64_t s = 0; s < to - from; s++)
    for (int64_t d = 0; d < p.D; d++) grad.dk[firstKey + s * stride + d] = grad.dv[firstKey + s * stride + d] = 0;

  for (int64_t h = g * perGroup; h < (g + 1) * perGroup; h++)
    for (int64_t start = 0, stop; start < p.T; start = stop) {
      QueryTile queries(p, b, start, p.T);
      KeyTile keys(queries, from, to);
      int64_t row = (b * p.T + start) * p.H + h;
      bool any = keys.next();
      stop = start + queries.count;
      if (!any && !fresh) continue;
      if (fresh)
        for (int64_t i = 0; i < queries.count * width; i += WIDTH) store(sums + i, zero());
      else
        pack_rows(sums, width, dq + row * p.D, queryStride, queries.count, p.D);
      if (any) {
        Numbers q = p.q + row * p.D;
        const float *dout = grad.dout + row * p.D, *out = grad.out + row * p.D;
        pack_transposed(packedQ, QUERIES, q, queryStride, queries.count, p.D, p.weight, p.rounded);
        pack_transposed(packedDout, QUERIES, dout, queryStride, queries.count, p.D, 1, p.rounded);
        pack_rows(rowsQ, width, q, queryStride, queries.count, p.D, p.rounded);
        pack_rows(rowsDout, width, dout, queryStride, queries.count, p.D, p.rounded);
        for (int64_t i = 0; i < queries.lanes; i++) {
          delta[i] = 0;
          lse[i] = -MASKED;  // so high that every probability is 0
          if (i >= queries.count) continue;
          vf product = zero();
          for (int64_t d = 0; d < p.D; d += WIDTH) {
            int64_t at = i * queryStride + d;
            product = fma(read_lanes(dout + at, p.D - d, false), read_lanes(out + at, p.D - d, false), product);
          }
          delta[i] = sum(product);
          float known = grad.lse[(b * p.H + h) * p.T + start + i];
          if (known != -__builtin_inff()) lse[i] = known * LOG2_E;
        }
        if (PAIRS) {
          fold_rows(packedQ, QUERIES, width, queries.lanes);
          fold_rows(packedDout, QUERIES, width, queries.lanes);
          fold_rows(rowsQ, width, queries.count, width);
          fold_rows(rowsDout, width, queries.count, width);
        }
        for (; any; any = keys.next()) {
          int64_t at = keys.first - from;
          float *dk = grad.dk + firstKey + at * stride, *dv = grad.dv + firstKey + at * stride;
          if (PAIRS) {
            multiply_keys<PAIRS>(keys, scores, cellsK + at * half, half, packedQ, halfDepth);
            multiply_keys<PAIRS>(keys, slopes, cellsV + at * half, half, packedDout, halfDepth);
          } else {
            multiply_keys<PAIRS>(keys, scores, rowsK + at * width, width, packedQ, p.D);
            Numbers stored = p.v + (firstKey + at * stride);
            const float* values = stored.f32();
            if (p.rounded) pack_rows(valueTile, width, stored, stride, keys.count, p.D, true), values = valueTile;
            multiply_keys<PAIRS>(keys, slopes, values, p.rounded ? width : stride, packedDout, p.D);
          }
          differentiate_softmax<PAIRS>(keys, scores, slopes, folded, lse, delta);
          accumulate_keys<PAIRS>(keys, dv, stride, scores, rowsDout, spare);
          accumulate_keys<PAIRS>(keys, dk, stride, slopes, rowsQ, spare);
          multiply_scores<PAIRS>(keys, sums, PAIRS ? folded : slopes, rowsK + (PAIRS ? keys.folded(from) : at) * width,
                                 width, ADD, nullptr);
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
  while (groups * chunks < enough && chunks < tiles(p.S, SPAN / 2) && chunks * size * 4 <= int64_t(SHARED_BYTES)) chunks++;
  int64_t keys = round_up(tiles(p.S, chunks), KEYS);
  if (chunks > 1) chunks = tiles(p.S, keys);
  float* partial = reinterpret_cast<float*>(context.shared);  // [chunks - 1, B, T, H, D]

  for (int64_t task; (task = context.take(groups * chunks)) >= 0;) {
    int64_t chunk = task / groups, group = task % groups, first = chunk * keys;
    int64_t end = first + keys < p.S ? first + keys : p.S;
    float* dq = chunk ? partial + (chunk - 1) * size : grad.dq;
    // At least once, so that dq is written even where there are no keys.
    for (int64_t from = first; from == first || from < end; from += SPAN) {
      int64_t to = from + SPAN < end ? from + SPAN : end;
      if (p.rounded)
        differentiate_keys<HAS_PAIRS>(context, p, grad, dq, from == first, group / p.G, group % p.G, from, to);
      else
        differentiate_keys<false>(context, p, grad, dq, from == first, group / p.G, group % p.G, from, to);
    }
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
