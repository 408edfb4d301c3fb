// Attention of a few queries, as in decoding: bound by reading keys and values. Lanes run along D, all heads of a group
// share each key, a task is a chunk of keys of all groups; the chunks' results are merged in order.
#pragma once
#include "../kernel.h"
#include "attention-view.h"
#include "math.h"

namespace alippe::ALIPPE_ISA {

constexpr int FEW = 4;
constexpr int MAX_CHUNKS = 64;

// Lane i is Σ over all lanes of x[i].
ALIPPE_INLINE vf sum_each(vf (&x)[WIDTH]) {
  for (int half = WIDTH / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) x[i] = interleave_low(x[i], x[i + half]) + interleave_high(x[i], x[i + half]);
  return x[0];
}

// Products of a query with WIDTH keys, of which `count` are there.
ALIPPE_INLINE vf multiply_query(const Numbers& query, const Numbers& keys, int64_t stride, int64_t count, int64_t D,
                                bool round) {
  constexpr int TOGETHER = WIDTH < 8 ? WIDTH : 8;  // rows whose addresses fit the registers
  vf product[WIDTH];
  for (int from = 0; from < WIDTH; from += TOGETHER) {
    int64_t row[TOGETHER];
    vf part[TOGETHER];
    for (int i = 0; i < TOGETHER; i++) {
      row[i] = (from + i < count ? from + i : count - 1) * stride;
      part[i] = zero();
    }
    for (int64_t d = 0; d < D; d += WIDTH) {
      vf q = read_lanes(query + d, D - d, round);
      for (int i = 0; i < TOGETHER; i++) part[i] = fma(q, read_lanes(keys + (row[i] + d), D - d, round), part[i]);
    }
    for (int i = 0; i < TOGETHER; i++) product[from + i] = part[i];
  }
  return sum_each(product);
}

// What a chunk of keys gives to each row (head · T + t) of a batch, in shared memory.
struct Share {
  float* sums;     // [H·T, padded]
  float* maximum;  // [H·T]
  float* total;    // [H·T]

  static int64_t floats(const Problem& p) { return round_up(p.H * p.T * (p.padded + 2) + 1, 16); }
  Share(const Problem& p, float* at) : sums(at) {
    maximum = sums + p.H * p.T * p.padded;
    total = maximum + p.H * p.T;
  }
};

// All heads against keys [from, to): they lie side by side, so memory is read as a stream.
template <bool ROUND>
static void attend_few(Context& context, const Problem& p, int64_t b, int64_t from, int64_t to, const Share& share) {
  int64_t width = p.padded, rows = p.H / p.G * p.T, stride = p.G * p.D;
  if (p.lengths && p.lengths[b] < to) to = p.lengths[b];
  Space space{context.local};
  float* scores = space.floats(rows * KEYS);  // [rows, KEYS]
  float* values = space.floats(KEYS * width);
  float* decay = space.floats(rows);
  for (int64_t i = 0; i < p.H * p.T * width; i++) share.sums[i] = 0;
  for (int64_t r = 0; r < p.H * p.T; r++) {
    share.maximum[r] = LOWEST_MAX;
    share.total[r] = 0;
  }
  for (int64_t s = from; s < to; s += KEYS)
    for (int64_t g = 0; g < p.G; g++) {
      int64_t count = to - s < KEYS ? to - s : KEYS, first = ((b * p.S + s) * p.G + g) * p.D;
      float *sums = share.sums + g * rows * width, *maximum = share.maximum + g * rows, *total = share.total + g * rows;
      for (int64_t i = 0; i < count; i += WIDTH) {
        for (int64_t r = 0; r < rows; r++) {
          int64_t t = r % p.T, head = g * (p.H / p.G) + r / p.T;
          vf y = multiply_query(p.q + ((b * p.T + t) * p.H + head) * p.D, p.k + (first + i * stride), stride, count - i, p.D,
                                ROUND);
          int64_t seen = p.causal ? t + p.S - p.T - s + 1 : count;
          if (seen > count) seen = count;
          vi visible = lanes() + int32_t(i) < splat_int(int32_t(seen));
          if (p.documents)
            visible = visible & (load_n(p.documents + b * p.T + s + i, count - i < WIDTH ? count - i : WIDTH) ==
                                 splat_int(p.documents[b * p.T + t]));
          store(scores + r * KEYS + i, select(visible, y * splat(p.scale * LOG2_E), splat(MASKED)));
        }
      }
      for (int64_t r = 0; r < rows; r++) {
        float* x = scores + r * KEYS;
        vf top = splat(maximum[r]), added = zero();
        for (int64_t i = 0; i < count; i += WIDTH) top = max(load(x + i), top);
        float now = alippe::ALIPPE_ISA::maximum(top);
        for (int64_t i = 0; i < count; i += WIDTH) {
          vf y = exp2_flushed(load(x + i) - splat(now));
          store(x + i, y);
          added = added + y;
        }
        decay[r] = exp2_flushed(splat(maximum[r] - now))[0];
        total[r] = total[r] * decay[r] + sum(added);
        maximum[r] = now;
      }
      bool pack = ROUND || width != p.D;
      if (pack) pack_rows(values, width, p.v + first, stride, count, p.D, ROUND);
      strip<false, true>(rows, width / WIDTH, count, scores, KEYS, pack ? values : (p.v + first).f32(), pack ? width : stride,
                         sums, width, DECAY, decay);
    }
}

// Adds up the chunks' shares of one row, in order.
static void merge_shares(const Problem& p, int64_t b, int64_t chunks, int64_t row, float* shares, float* out, float* lse) {
  float maximum = LOWEST_MAX, total = 0, weight[MAX_CHUNKS];
  for (int64_t c = 0; c < chunks; c++) {
    float m = Share(p, shares + (b * chunks + c) * Share::floats(p)).maximum[row];
    if (m > maximum) maximum = m;
  }
  for (int64_t c = 0; c < chunks; c++) {
    Share share(p, shares + (b * chunks + c) * Share::floats(p));
    weight[c] = exp2_flushed(splat(share.maximum[row] - maximum))[0];
    total += share.total[row] * weight[c];
  }
  float whole = total != 0 ? 1 / total : 0;
  int64_t head = row / p.T, t = row % p.T;
  float* to = out + ((b * p.T + t) * p.H + head) * p.D;
  for (int64_t d = 0; d < p.D; d += WIDTH) {
    vf y = zero();
    for (int64_t c = 0; c < chunks; c++)
      y = fma(load(Share(p, shares + (b * chunks + c) * Share::floats(p)).sums + row * p.padded + d), splat(weight[c]), y);
    store_n(to + d, y * splat(whole), p.D - d < WIDTH ? p.D - d : WIDTH);
  }
  lse[(b * p.H + head) * p.T + t] = total != 0 ? maximum * LN_2 + log(splat(total))[0] : -__builtin_inff();
}

// Whether the few-queries way was taken.
static bool attend_few(Context& context, const Problem& p, const Call& call) {
  if (p.T > FEW || p.H / p.G * p.T * KEYS * 4 > int64_t(LOCAL_BYTES) / 2) return false;
  int64_t room = int64_t(SHARED_BYTES) / 4 / (Share::floats(p) * (p.B ? p.B : 1)), chunks = tiles(p.S, KEYS);
  if (chunks > MAX_CHUNKS) chunks = MAX_CHUNKS;
  if (chunks * p.B > 64) chunks = tiles(64, p.B);
  if (chunks > room) chunks = room;
  if (chunks < 1) {
    if (room < 1) return false;
    chunks = 1;
  }
  int64_t keys = round_up(tiles(p.S, chunks), KEYS);
  auto attend = p.rounded ? attend_few<true> : attend_few<false>;
  float* shares = reinterpret_cast<float*>(context.shared);
  for (int64_t task; (task = context.take(p.B * chunks)) >= 0;) {
    int64_t b = task / chunks, from = task % chunks * keys;
    attend(context, p, b, from, from + keys < p.S ? from + keys : p.S, Share(p, shares + task * Share::floats(p)));
  }
  context.sync();
  int64_t rows = p.H * p.T;
  for (int64_t task; (task = context.take(p.B * rows)) >= 0;)
    merge_shares(p, task / rows, chunks, task % rows, shares, call.outputs[0].f32(), call.outputs[1].f32());
  return true;
}

}  // namespace alippe::ALIPPE_ISA
