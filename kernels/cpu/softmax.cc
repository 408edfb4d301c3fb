// `softmax` over the last axis and its backward. A row is read from memory once; its later passes find it in the cache.
#include "../kernel.h"
#include "cut.h"
#include "math.h"

namespace alippe::ALIPPE_ISA {

namespace {

constexpr int64_t TASK = 16384;  // elements that are worth a task of their own, about

// Rows of C are shared among threads; f does one.
template <class F>
void eachRow(Context& ctx, int64_t rows, int64_t C, F f) {
  if (C == 0) return;
  int64_t group = share(TASK, C);
  for (int64_t task; (task = ctx.take(share(rows, group))) >= 0;)
    for (int64_t row = task * group; row < least(rows, (task + 1) * group); row++) f(row * C);
}

float greatest(const float* x, int64_t C) {
  vf a = splat(-INFINITE), b = a;
  int64_t i = 0;
  for (; i + 2 * WIDTH <= C; i += 2 * WIDTH) {
    a = max(a, load(x + i));
    b = max(b, load(x + i + WIDTH));
  }
  for (; i < C; i += WIDTH) {
    int64_t n = least(WIDTH, C - i);
    a = max(a, select(lanes() < splat_int(int32_t(n)), load_n(x + i, n), splat(-INFINITE)));
  }
  return maximum(max(a, b));
}

}  // namespace

void softmax(Context& ctx, const Call& call) {
  const float* x = call.inputs[0].f32();
  float* y = call.outputs[0].f32();
  int64_t C = call.inputs[0].columns();
  eachRow(ctx, call.inputs[0].rows(), C, [&](int64_t at) {
    vf top = splat(greatest(x + at, C));
    vf a = zero(), b = zero();
    int64_t i = 0;
    for (; i + 2 * WIDTH <= C; i += 2 * WIDTH) {
      vf p = exp(load(x + at + i) - top), q = exp(load(x + at + i + WIDTH) - top);
      store(y + at + i, p);
      store(y + at + i + WIDTH, q);
      a += p;
      b += q;
    }
    for (; i < C; i += WIDTH) {
      int64_t n = least(WIDTH, C - i);
      vf p = exp(load_n(x + at + i, n) - top);
      store_n(y + at + i, p, n);
      a += select(lanes() < splat_int(int32_t(n)), p, zero());
    }
    float scale = 1.0f / sum(a + b);
    for (i = 0; i + WIDTH <= C; i += WIDTH) store(y + at + i, load(y + at + i) * scale);
    for (; i < C; i++) y[at + i] *= scale;
  });
}

void softmax_backward(Context& ctx, const Call& call) {
  const float *y = call.inputs[0].f32(), *dy = call.inputs[1].f32();
  float* dx = call.outputs[0].f32();
  int64_t C = call.inputs[0].columns();
  eachRow(ctx, call.inputs[0].rows(), C, [&](int64_t at) {
    vf a = zero(), b = zero();
    int64_t i = 0;
    for (; i + 2 * WIDTH <= C; i += 2 * WIDTH) {
      a = fma(load(y + at + i), load(dy + at + i), a);
      b = fma(load(y + at + i + WIDTH), load(dy + at + i + WIDTH), b);
    }
    for (; i < C; i += WIDTH) {
      int64_t n = least(WIDTH, C - i);
      a = fma(load_n(y + at + i, n), load_n(dy + at + i, n), a);
    }
    float dot = sum(a + b);
    for (i = 0; i + WIDTH <= C; i += WIDTH) store(dx + at + i, load(y + at + i) * (load(dy + at + i) - dot));
    for (; i < C; i++) dx[at + i] = y[at + i] * (dy[at + i] - dot);
  });
}

}  // namespace alippe::ALIPPE_ISA
