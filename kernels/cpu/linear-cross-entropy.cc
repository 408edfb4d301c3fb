// linear-cross-entropy and its gradient: the last linear layer and the loss in one, so that the logits [N, V] never
// exist at once. R rows of them at a time live in scratch: product, row by row the loss, and for the gradient
// dlogits in place, from which dx and dw follow.
#include "gemm.h"
#include "math.h"

namespace alippe::ALIPPE_ISA {

static float greatest(const float* row, int64_t V) {
  vf m0 = splat(-INFINITE), m1 = m0;
  int64_t i = 0;
  for (; i + 2 * WIDTH <= V; i += 2 * WIDTH) m0 = max(load(row + i), m0), m1 = max(load(row + i + WIDTH), m1);
  float result = maximum(max(m0, m1));
  for (; i < V; i++) result = row[i] > result ? row[i] : result;
  return result;
}

// What training adds to the loss of a row: kernels/README.md.
struct Additions {
  float labelSmoothing, zLoss;
};

// Σ exp(x − most); with KEEP the terms take the row's place. With SMOOTH also `distance`, Σ (x − most).
template <bool KEEP, bool SMOOTH>
static float sumOfExponentials(float* row, int64_t V, float most, float& distance) {
  vf s0 = zero(), s1 = zero(), d0 = zero(), d1 = zero();
  int64_t i = 0;
  for (; i + 2 * WIDTH <= V; i += 2 * WIDTH) {
    vf x0 = load(row + i) - most, x1 = load(row + i + WIDTH) - most;
    vf e0 = exp(x0), e1 = exp(x1);
    if (KEEP) store(row + i, e0), store(row + i + WIDTH, e1);
    s0 += e0, s1 += e1;
    if (SMOOTH) d0 += x0, d1 += x1;
  }
  for (; i < V; i += WIDTH) {
    int64_t n = V - i < WIDTH ? V - i : WIDTH;
    vi there = lanes() < splat_int((int32_t)n);
    vf x = load_n(row + i, n) - most;
    vf e = select(there, exp(x), zero());
    if (KEEP) store_n(row + i, e, n);
    s0 += e;
    if (SMOOTH) d0 += select(there, x, zero());
  }
  if (SMOOTH) distance = sum(d0 + d1);
  return sum(s0 + s1);
}

// Every element times `factor`; with SMOOTH less `share`.
template <bool SMOOTH>
static void scale(float* row, int64_t V, float factor, float share) {
  int64_t i = 0;
  for (; i + WIDTH <= V; i += WIDTH) {
    vf x = load(row + i) * factor;
    store(row + i, SMOOTH ? x - share : x);
  }
  for (; i < V; i++) row[i] = SMOOTH ? row[i] * factor - share : row[i] * factor;
}

struct RowLoss {
  float loss, nats;
};

// The loss of one row of logits, and what of it is cross-entropy. With GRADIENT the row becomes
// slope·(softmax·(1 + 2·z·lse) − (1 − ε)·one-hot − ε/V).
template <bool GRADIENT, bool SMOOTH>
static RowLoss rowLoss(float* row, int64_t V, int32_t target, float slope, Additions add) {
  if (target < 0 || target >= V) {
    if (GRADIENT) __builtin_memset(row, 0, V * sizeof(float));
    return {0, 0};
  }
  float logit = row[target], most = greatest(row, V), distance = 0;
  float total = sumOfExponentials<GRADIENT, SMOOTH>(row, V, most, distance);
  float logTotal = log(splat(total))[0], lse = most + logTotal;
  if (GRADIENT) {
    scale<SMOOTH>(row, V, slope / total * (1 + 2 * add.zLoss * lse), slope * add.labelSmoothing / V);
    row[target] -= SMOOTH ? slope * (1 - add.labelSmoothing) : slope;
  }
  float nats = most - logit + logTotal;
  // (1 − ε)·logit + ε·mean is this far below the logit; distances from the greatest keep more digits than logits do.
  float below = SMOOTH ? add.labelSmoothing * (logit - most - distance / V) : 0;
  return {nats + below + add.zLoss * lse * lse, nats};
}

static Operand rowsOf(const Buffer& matrix, int64_t first, int64_t stride) {
  return {(const char*)matrix.data + first * stride * (matrix.dtype == BF16 ? 2 : 4), matrix.dtype, stride, 1};
}
static Operand turned(const Operand& operand) {
  return {operand.data, operand.dtype, operand.kStride, operand.rowStride};
}

template <bool GRADIENT>
static void crossEntropy(Context& context, const Call& call) {
  const Buffer &x = call.inputs[0], &w = call.inputs[1], &targets = call.inputs[2];
  const Buffer &losses = call.outputs[0], &scratch = call.outputs[GRADIENT ? 3 : 1];
  int64_t N = x.rows(), C = x.columns(), V = w.rows(), R = scratch.rows();
  Additions add = {(float)call.attributes[0], (float)call.attributes[1]};
  bool bf16 = call.attributes[2] != 0;
  constexpr int NATS = GRADIENT ? 4 : 2;
  float* nats = call.outputCount > NATS ? call.outputs[NATS].f32() : nullptr;
  if (!V || !R) return;
  if (GRADIENT && !N && context.thread == 0) __builtin_memset(call.outputs[2].data, 0, V * C * sizeof(float));
  float* logits = scratch.f32();
  for (int64_t first = 0; first < N; first += R) {
    int64_t rows = N - first < R ? N - first : R;
    Operand block = rowsOf(x, first, C), chances = {logits, F32, V, 1};
    if (first) context.sync();
    Product forward = {};
    forward.M = rows, forward.N = V, forward.K = C, forward.bf16 = bf16;
    forward.a = block, forward.b = rowsOf(w, 0, C);
    forward.c = logits, forward.stride = V;
    product(context, forward);
    context.sync();
    for (int64_t row; (row = context.take(rows)) >= 0;) {
      float slope = GRADIENT ? call.inputs[3].f32()[first + row] : 0;
      float* of = logits + row * V;
      int32_t target = targets.i32()[first + row];
      RowLoss found = add.labelSmoothing ? rowLoss<GRADIENT, true>(of, V, target, slope, add)
                                         : rowLoss<GRADIENT, false>(of, V, target, slope, add);
      losses.f32()[first + row] = found.loss;
      if (nats) nats[first + row] = found.nats;
    }
    if (!GRADIENT) continue;
    context.sync();
    const Buffer &dx = call.outputs[1], &dw = call.outputs[2];
    Product backward = {};  // dx = dlogits · w
    backward.M = rows, backward.N = C, backward.K = V, backward.bf16 = bf16;
    backward.a = chances, backward.b = turned(rowsOf(w, 0, C));
    backward.c = (char*)dx.data + first * C * (dx.dtype == BF16 ? 2 : 4);
    backward.cType = dx.dtype, backward.stride = C;
    product(context, backward);
    context.sync();
    Product weights = {};  // dw += dlogitsᵀ · x
    weights.M = V, weights.N = C, weights.K = rows, weights.bf16 = bf16;
    weights.a = turned(chances), weights.b = turned(block);
    weights.c = dw.data, weights.stride = C, weights.accumulate = first > 0;
    product(context, weights);
  }
}

void linear_cross_entropy(Context& context, const Call& call) { crossEntropy<false>(context, call); }
void linear_cross_entropy_backward(Context& context, const Call& call) { crossEntropy<true>(context, call); }

}  // namespace alippe::ALIPPE_ISA
