// `adamw` (Loshchilov & Hutter 2019, algorithm 2): one pass over weight, m, v and gradient, 28 bytes a parameter.
#include "../kernel.h"
#include "simd.h"

namespace alippe::ALIPPE_ISA {

void adamw(Context& ctx, const Call& call) {
  constexpr int64_t TASK = 16384;
  const float *weight = call.inputs[0].f32(), *m = call.inputs[1].f32(), *v = call.inputs[2].f32();
  const float *gradient = call.inputs[3].f32(), *control = call.inputs[4].f32();
  float *newWeight = call.outputs[0].f32(), *newM = call.outputs[1].f32(), *newV = call.outputs[2].f32();
  int64_t size = call.outputs[0].size, tasks = (size + TASK - 1) / TASK;
  const vf beta1 = splat(float(call.attributes[0])), beta2 = splat(float(call.attributes[1]));
  const vf rest1 = splat(float(1 - call.attributes[0])), rest2 = splat(float(1 - call.attributes[1]));
  const vf epsilon = splat(float(call.attributes[2])), decay = splat(float(call.attributes[3]));
  const vf rate = splat(control[0]), correct1 = splat(control[1] * float(call.attributes[4])), correct2 = splat(control[2]), scale = splat(control[3]);

  auto update = [&](vf w, vf g, vf& first, vf& second) {
    g *= scale;
    first = fma(beta1, first, rest1 * g);
    second = fma(beta2, second, rest2 * (g * g));
    vf step = first * correct1 / (square_root(second * correct2) + epsilon);
    return w - rate * fma(decay, w, step);
  };
  for (int64_t task; (task = ctx.take(tasks)) >= 0;) {
    int64_t i = task * TASK, end = i + TASK < size ? i + TASK : size;
    for (; i + WIDTH <= end; i += WIDTH) {
      vf first = load(m + i), second = load(v + i);
      vf w = update(load(weight + i), load(gradient + i), first, second);
      store(newWeight + i, w);
      store(newM + i, first);
      store(newV + i, second);
    }
    if (int64_t n = end - i) {
      vf first = load_n(m + i, n), second = load_n(v + i, n);
      vf w = update(load_n(weight + i, n), load_n(gradient + i, n), first, second);
      store_n(newWeight + i, w, n);
      store_n(newM + i, first, n);
      store_n(newV + i, second, n);
    }
  }
}

}  // namespace alippe::ALIPPE_ISA
