// linear-cross-entropy and its gradient: the last linear layer and the loss in one, so that the logits [N, V] never
// exist at once. R rows of them at a time live in scratch: product, row by row the loss, and for the gradient
// dlogits = dloss·(softmax − one-hot) in place, from which dx and dw follow.
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

// Σ exp(x − most); with KEEP the terms take the row's place.
template <bool KEEP>
static float sumOfExponentials(float* row, int64_t V, float most) {
  vf s0 = zero(), s1 = zero();
  int64_t i = 0;
  for (; i + 2 * WIDTH <= V; i += 2 * WIDTH) {
    vf e0 = exp(load(row + i) - most), e1 = exp(load(row + i + WIDTH) - most);
    if (KEEP) store(row + i, e0), store(row + i + WIDTH, e1);
    s0 += e0, s1 += e1;
  }
  for (; i < V; i += WIDTH) {
    int64_t n = V - i < WIDTH ? V - i : WIDTH;
    vf e = select(lanes() < splat_int((int32_t)n), exp(load_n(row + i, n) - most), zero());
    if (KEEP) store_n(row + i, e, n);
    s0 += e;
  }
  return sum(s0 + s1);
}

static void scale(float* row, int64_t V, float factor) {
  int64_t i = 0;
  for (; i + WIDTH <= V; i += WIDTH) store(row + i, load(row + i) * factor);
  for (; i < V; i++) row[i] *= factor;
}

// The loss of one row of logits. With GRADIENT the row becomes slope·(softmax − one-hot).
template <bool GRADIENT>
static float rowLoss(float* row, int64_t V, int32_t target, float slope) {
  if (target < 0 || target >= V) {
    if (GRADIENT) __builtin_memset(row, 0, V * sizeof(float));
    return 0;
  }
  float logit = row[target], most = greatest(row, V);
  float total = sumOfExponentials<GRADIENT>(row, V, most);
  if (GRADIENT) {
    scale(row, V, slope / total);
    row[target] -= slope;
  }
  return most - logit + log(splat(total))[0];
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
  bool bf16 = call.attributes[0] != 0;
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
      losses.f32()[first + row] = rowLoss<GRADIENT>(logits + row * V, V, targets.i32()[first + row], slope);
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
