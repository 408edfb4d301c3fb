// `sum`, `max`, `sum-squares`, `argmax`: reductions cut by shape alone, so that any number of threads gives the same bits.
//
// After merging neighbouring axes of the same kind a reduction is one of two:
// - the last axis goes: each output is a number made of `Q` runs of `n` neighbouring elements;
// - the last axis stays: each run of `n` outputs is made of `Q` runs of inputs, added place by place.
// Where outputs are too few to share among threads, the Q runs are cut into chunks whose partial results wait in
// ctx.shared and are then joined in order.
#include "../kernel.h"
#include "cut.h"
#include "simd.h"

namespace alippe::ALIPPE_ISA {

namespace {

constexpr int64_t TASK = 32768;  // elements that are worth a task of their own, about
constexpr int64_t RUN = 8192;    // elements added up in f32 without an intermediate result
constexpr int ENOUGH = 16;       // tasks that keep the threads of any machine of ours evenly busy

struct Adding {
  static vf start() { return zero(); }
  static vf take(vf value) { return value; }
  static vf join(vf a, vf b) { return a + b; }
  static float across(vf v) { return sum(v); }
};
struct Squaring : Adding {
  static vf take(vf value) { return value * value; }
};
struct Comparing {
  static vf start() { return splat(-__builtin_inff()); }
  static vf take(vf value) { return value; }
  static vf join(vf a, vf b) { return select(a != a, a, max(a, b)); }  // NaN stays
  static float across(vf v) {
    float best = v[0];
    for (int i = 1; i < WIDTH; i++) best = v[i] > best || v[i] != v[i] ? v[i] : best;
    return best;
  }
};
// Joins partial results. f64 costs nothing here and keeps sums of millions exact to the last places of f32.
template <class Op>
struct Total {
  double value = 0;
  void join(float x) { value += x; }
};
template <>
struct Total<Comparing> {
  double value = -__builtin_inf();
  void join(float x) { value = x > value || x != x ? x : value; }
};

// n neighbours joined to one number: eight independent chains of vectors.
template <class Op>
float reduceRun(const float* x, int64_t n) {
  constexpr int CHAINS = 8;
  vf chain[CHAINS];
  for (int k = 0; k < CHAINS; k++) chain[k] = Op::start();
  int64_t i = 0;
  for (; i + CHAINS * WIDTH <= n; i += CHAINS * WIDTH)
    for (int k = 0; k < CHAINS; k++) chain[k] = Op::join(chain[k], Op::take(load(x + i + k * WIDTH)));
  for (; i + WIDTH <= n; i += WIDTH) chain[0] = Op::join(chain[0], Op::take(load(x + i)));
  if (i < n) {
    vi inside = lanes() < splat_int(int32_t(n - i));
    chain[1] = Op::join(chain[1], select(inside, Op::take(load_n(x + i, n - i)), Op::start()));
  }
  for (int half = CHAINS / 2; half > 0; half /= 2)
    for (int k = 0; k < half; k++) chain[k] = Op::join(chain[k], chain[k + half]);
  return Op::across(chain[0]);
}

// Axes of x merged to groups that are kept or reduced, all but the last group apart by kind.
struct Shape {
  bool lastReduced;
  int64_t n;  // the last group
  int keptAxes, reducedAxes;
  int64_t keptDims[MAX_RANK], keptStrides[MAX_RANK], reducedDims[MAX_RANK], reducedStrides[MAX_RANK];
  int64_t kept, Q;  // how many runs: of outputs, and in each
};

Shape shapeOf(const Buffer& x, const Buffer& y) {
  Shape s = {};
  int64_t dims[MAX_RANK];
  bool reduced[MAX_RANK];
  int groups = 0;  // outermost first
  for (int i = 0; i < x.rank; i++) {
    if (x.dims[i] == 1) continue;
    bool goes = y.dims[i] == 1;
    if (groups && reduced[groups - 1] == goes) {
      dims[groups - 1] *= x.dims[i];
    } else {
      dims[groups] = x.dims[i];
      reduced[groups++] = goes;
    }
  }
  if (groups == 0) {
    dims[groups] = 1;
    reduced[groups++] = true;
  }
  s.lastReduced = reduced[groups - 1];
  s.n = dims[groups - 1];
  s.kept = s.Q = 1;
  int64_t stride = s.n;
  for (int g = groups - 2; g >= 0; g--) {  // innermost first
    if (reduced[g]) {
      s.reducedDims[s.reducedAxes] = dims[g];
      s.reducedStrides[s.reducedAxes++] = stride;
      s.Q *= dims[g];
    } else {
      s.keptDims[s.keptAxes] = dims[g];
      s.keptStrides[s.keptAxes++] = stride;
      s.kept *= dims[g];
    }
    stride *= dims[g];
  }
  return s;
}

int64_t offsetOf(int64_t index, int axes, const int64_t* dims, const int64_t* strides) {
  int64_t offset = 0;
  for (int k = 0; k < axes; k++) {
    offset += index % dims[k] * strides[k];
    index /= dims[k];
  }
  return offset;
}

// Pieces `from` … `to` of one output's runs; a run of n is S pieces of at most RUN.
template <class Op>
float reducePieces(const float* x, const Shape& s, int64_t S, int64_t from, int64_t to) {
  Total<Op> total;
  for (int64_t piece = from; piece < to; piece++) {
    int64_t start = piece % S * RUN;
    const float* run = x + offsetOf(piece / S, s.reducedAxes, s.reducedDims, s.reducedStrides) + start;
    total.join(reduceRun<Op>(run, least(RUN, s.n - start)));
  }
  return float(total.value);
}

template <class Op>
void reduceLast(Context& ctx, const float* x, float* y, const Shape& s) {
  int64_t S = share(s.n, RUN), pieces = s.Q * S, each = s.Q * s.n;
  int64_t chunks = s.kept >= ENOUGH ? 1 : share(each, TASK);
  if (chunks <= 1) {
    int64_t group = each ? share(TASK, each) : 1, tasks = share(s.kept, group);
    for (int64_t task; (task = ctx.take(tasks)) >= 0;)
      for (int64_t o = task * group; o < least(s.kept, (task + 1) * group); o++)
        y[o] = reducePieces<Op>(x + offsetOf(o, s.keptAxes, s.keptDims, s.keptStrides), s, S, 0, pieces);
    return;
  }
  chunks = least(least(chunks, pieces), int64_t(SHARED_BYTES / sizeof(float)) / s.kept);
  int64_t size = share(pieces, chunks);
  chunks = share(pieces, size);
  float* partial = reinterpret_cast<float*>(ctx.shared);  // [kept, chunks]
  for (int64_t task; (task = ctx.take(s.kept * chunks)) >= 0;) {
    int64_t o = task / chunks, from = task % chunks * size;
    partial[task] = reducePieces<Op>(x + offsetOf(o, s.keptAxes, s.keptDims, s.keptStrides), s, S, from,
                                     least(pieces, from + size));
  }
  ctx.sync();
  for (int64_t o; (o = ctx.take(s.kept)) >= 0;) {
    Total<Op> total;
    for (int64_t c = 0; c < chunks; c++) total.join(partial[o * chunks + c]);
    y[o] = float(total.value);
  }
}

// y[0 … n) = runs `from` … `to` joined place by place; eight runs are joined with each other before they meet y.
template <class Op>
void joinRuns(const float* x, const Shape& s, int64_t from, int64_t to, float* y, int64_t n) {
  constexpr int GROUP = 8;
  const float* run[GROUP];
  for (int64_t q = from; q < to; q += GROUP) {
    int64_t count = least(GROUP, to - q);
    for (int64_t k = 0; k < count; k++) run[k] = x + offsetOf(q + k, s.reducedAxes, s.reducedDims, s.reducedStrides);
    bool first = q == from;
    int64_t i = 0;
    if (count == GROUP) {
      for (; i + WIDTH <= n; i += WIDTH) {
        vf a = Op::join(Op::join(load(run[0] + i), load(run[1] + i)), Op::join(load(run[2] + i), load(run[3] + i)));
        vf b = Op::join(Op::join(load(run[4] + i), load(run[5] + i)), Op::join(load(run[6] + i), load(run[7] + i)));
        vf all = Op::join(a, b);
        store(y + i, first ? all : Op::join(load(y + i), all));
      }
    }
    for (; i < n; i += WIDTH) {
      int64_t lanes = least(WIDTH, n - i);
      vf all = load_n(run[0] + i, lanes);
      for (int64_t k = 1; k < count; k++) all = Op::join(all, load_n(run[k] + i, lanes));
      store_n(y + i, first ? all : Op::join(load_n(y + i, lanes), all), lanes);
    }
  }
}

template <class Op>
void reduceOuter(Context& ctx, const float* x, float* y, const Shape& s) {
  constexpr int64_t BLOCK = 4096;  // places of a run that a task keeps in the first-level cache
  int64_t blocks = share(s.n, BLOCK), outputs = s.kept * s.n;
  int64_t chunks = s.kept * blocks >= ENOUGH ? 1 : least(share(outputs * s.Q, TASK), 128);
  chunks = least(least(chunks, share(s.Q, 8)), share(int64_t(SHARED_BYTES / sizeof(float)), outputs));
  if (chunks < 1) chunks = 1;
  int64_t size = share(s.Q, chunks);
  chunks = share(s.Q, size);
  float* partial = chunks == 1 ? y : reinterpret_cast<float*>(ctx.shared);  // [chunks, kept, n]
  for (int64_t task; (task = ctx.take(chunks * s.kept * blocks)) >= 0;) {
    int64_t block = task % blocks, o = task / blocks % s.kept, chunk = task / blocks / s.kept;
    const float* from = x + offsetOf(o, s.keptAxes, s.keptDims, s.keptStrides) + block * BLOCK;
    joinRuns<Op>(from, s, chunk * size, least(s.Q, (chunk + 1) * size), partial + (chunk * s.kept + o) * s.n + block * BLOCK,
                 least(BLOCK, s.n - block * BLOCK));
  }
  if (chunks == 1) return;
  ctx.sync();
  constexpr int64_t STRIP = 256;
  for (int64_t task; (task = ctx.take(share(outputs, STRIP))) >= 0;) {
    int64_t from = task * STRIP;
    Shape rows = {};
    rows.reducedAxes = 1;
    rows.reducedDims[0] = chunks;
    rows.reducedStrides[0] = outputs;
    joinRuns<Op>(partial + from, rows, 0, chunks, y + from, least(STRIP, outputs - from));
  }
}

template <class Op>
void reduce(Context& ctx, const Call& call) {
  const Buffer &x = call.inputs[0], &y = call.outputs[0];
  if (y.size == 0) return;
  if (x.size == 0) {
    for (int64_t i; (i = ctx.take(y.size)) >= 0;) y.f32()[i] = Op::start()[0];
    return;
  }
  Shape s = shapeOf(x, y);
  if (s.lastReduced) reduceLast<Op>(ctx, x.f32(), y.f32(), s);
  else reduceOuter<Op>(ctx, x.f32(), y.f32(), s);
}

}  // namespace

void sum(Context& ctx, const Call& call) { reduce<Adding>(ctx, call); }

void max(Context& ctx, const Call& call) { reduce<Comparing>(ctx, call); }

void sum_squares(Context& ctx, const Call& call) {
  const Buffer& x = call.inputs[0];
  Shape s = {};
  s.lastReduced = true;
  s.n = x.size;
  s.kept = s.Q = 1;
  if (x.size == 0) call.outputs[0].f32()[0] = 0;
  else reduceLast<Squaring>(ctx, x.f32(), call.outputs[0].f32(), s);
}

void argmax(Context& ctx, const Call& call) {
  const Buffer &x = call.inputs[0], &y = call.outputs[0];
  int64_t C = x.columns(), rows = x.rows(), group = C ? share(TASK, C) : 1;
  for (int64_t task; (task = ctx.take(share(rows, group))) >= 0;) {
    for (int64_t row = task * group; row < least(rows, (task + 1) * group); row++) {
      const float* p = x.f32() + row * C;
      // Each lane keeps its first greatest; a row without anything above −∞ answers 0.
      vf best = splat(-__builtin_inff());
      vi at = lanes(), place = lanes();
      int64_t i = 0;
      for (; i + WIDTH <= C; i += WIDTH) {
        vf v = load(p + i);
        vi better = v > best;
        best = select(better, v, best);
        at = select(better, place, at);
        place += WIDTH;
      }
      int32_t answer = 0;
      float greatest = best[0];
      if (C >= WIDTH)
        for (int k = 0; k < WIDTH; k++)
          if (k == 0 || best[k] > greatest || (best[k] == greatest && at[k] < answer)) {
            greatest = best[k];
            answer = at[k];
          }
      for (; i < C; i++)
        if (p[i] > greatest) {
          greatest = p[i];
          answer = int32_t(i);
        }
      y.i32()[row] = answer;
    }
  }
}

}  // namespace alippe::ALIPPE_ISA
