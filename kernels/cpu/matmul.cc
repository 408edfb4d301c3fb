// Placeholder while the packed product is being written: plain tiles over rows.
#include "../kernel.h"
#include "simd.h"
#include <math.h>

namespace alippe::ALIPPE_ISA {
static float at(const Buffer& b, int64_t i) { return b.dtype == BF16 ? (float)from_bf16(vh{} + b.bf16()[i])[0] : b.f32()[i]; }
static void put(const Buffer& b, int64_t i, float x) { if (b.dtype == BF16) b.bf16()[i] = to_bf16(splat(x))[0]; else b.f32()[i] = x; }
void matmul(Context& context, const Call& call) {
  const Buffer &a = call.inputs[0], &b = call.inputs[1], &bias = call.inputs[2], &residual = call.inputs[3];
  const Buffer &c = call.outputs[0], &pre = call.outputs[1];
  bool ta = call.attributes[0], tb = call.attributes[1];
  int activation = (int)call.attributes[2];
  bool round = call.attributes[3] != 0;
  int64_t M = c.dims[c.rank - 2], N = c.dims[c.rank - 1], K = ta ? a.dims[a.rank - 2] : a.dims[a.rank - 1];
  int64_t rows = c.size / (N ? N : 1);
  for (int64_t t; (t = context.take(rows)) >= 0;) {
    int64_t batch = t / M, m = t % M;
    for (int64_t n = 0; n < N; n++) {
      float s = 0;
      for (int64_t k = 0; k < K; k++) {
        float x = at(a, batch * M * K + (ta ? k * M + m : m * K + k)), y = at(b, batch * K * N + (tb ? n * K + k : k * N + n));
        if (round) x = round_bf16(splat(x))[0], y = round_bf16(splat(y))[0];
        s += x * y;
      }
      if (bias.data) s += at(bias, n);
      int64_t i = t * N + n;
      if (pre.data) put(pre, i, s);
      if (activation == 1) s = s > 0 ? s : 0;
      if (activation == 2) s = 0.5f * s * (1 + __builtin_tanhf(0.7978845608028654f * (s + 0.044715f * s * s * s)));
      if (activation == 3) s = s / (1 + __builtin_expf(-s));
      if (residual.data) s += at(residual, i);
      put(c, i, s);
    }
  }
}
}  // namespace alippe::ALIPPE_ISA
