// `layer-norm` (Ba 2016), `rms-norm` (Zhang & Sennrich 2019) and their backwards, row by row: a row comes from memory once,
// the passes after the first find it in the cache. Gradients of gain and bias are added up per chunk of rows; the chunks
// are cut by shape and joined in order.
#include "../kernel.h"
#include "cut.h"
#include "simd.h"

namespace alippe::ALIPPE_ISA {

namespace {

// How a vector of a row is read and written: all its lanes, or (at the end of a row) the first n with zeros behind.
struct Whole {
  vf get(const float* p) const { return load(p); }
  void put(float* p, vf v) const { store(p, v); }
  void put(uint16_t* p, vf v) const { store_bf16(p, v); }
  vf only(vf v) const { return v; }
};
struct Part {
  int64_t n;
  vf get(const float* p) const { return load_n(p, n); }
  void put(float* p, vf v) const { store_n(p, v, n); }
  void put(uint16_t* p, vf v) const { store_bf16_n(p, v, n); }
  vf only(vf v) const { return select(lanes() < splat_int(int32_t(n)), v, zero()); }
};
template <class F>
ALIPPE_INLINE void eachVector(int64_t C, F f) {
  int64_t i = 0;
  for (; i + WIDTH <= C; i += WIDTH) f(i, Whole{});
  if (i < C) f(i, Part{C - i});
}
// Σ f over a row: four chains of vectors.
template <class F>
ALIPPE_INLINE float sumOver(int64_t C, F f) {
  vf a = zero(), b = zero(), c = zero(), d = zero();
  int64_t i = 0;
  for (; i + 4 * WIDTH <= C; i += 4 * WIDTH) {
    a += f(i, Whole{});
    b += f(i + WIDTH, Whole{});
    c += f(i + 2 * WIDTH, Whole{});
    d += f(i + 3 * WIDTH, Whole{});
  }
  for (; i + WIDTH <= C; i += WIDTH) a += f(i, Whole{});
  if (i < C) b += f(i, Part{C - i});
  return sum((a + b) + (c + d));
}
// Two sums in one pass; f gives a pair.
struct Pair {
  vf first, second;
};
template <class F>
ALIPPE_INLINE void sumBoth(int64_t C, float& first, float& second, F f) {
  vf a[2] = {}, b[2] = {};
  auto join = [&](int k, Pair p) {
    a[k] += p.first;
    b[k] += p.second;
  };
  int64_t i = 0;
  for (; i + 2 * WIDTH <= C; i += 2 * WIDTH) {
    join(0, f(i, Whole{}));
    join(1, f(i + WIDTH, Whole{}));
  }
  for (; i + WIDTH <= C; i += WIDTH) join(0, f(i, Whole{}));
  if (i < C) join(1, f(i, Part{C - i}));
  first = sum(a[0] + a[1]);
  second = sum(b[0] + b[1]);
}

float inverseOf(float squares, int64_t C, float epsilon) {
  return 1.0f / square_root(splat(squares / float(C) + epsilon))[0];
}

struct Moments {
  float mean, inverse;  // 1/√(variance + epsilon); mean is 0 for rms-norm
};
template <bool CENTRED>
Moments momentsOf(const float* x, int64_t C, float epsilon) {
  float mean = 0;
  if (CENTRED) mean = sumOver(C, [&](int64_t i, auto v) { return v.get(x + i); }) / float(C);
  float squares = sumOver(C, [&](int64_t i, auto v) {
    vf distance = v.get(x + i);
    if (CENTRED) distance = v.only(distance - mean);
    return distance * distance;
  });
  return {mean, inverseOf(squares, C, epsilon)};
}

template <bool CENTRED, class To>
void normalize(Context& ctx, const Call& call, To* y, const float* bias) {
  const float *x = call.inputs[0].f32(), *gain = call.inputs[1].f32();
  int64_t C = call.inputs[0].columns(), rows = call.inputs[0].rows(), group = C ? share(16384, C) : 1;
  float epsilon = float(call.attributes[0]);
  for (int64_t task; (task = ctx.take(share(rows, group))) >= 0;) {
    for (int64_t row = task * group; row < least(rows, (task + 1) * group); row++) {
      const float* from = x + row * C;
      To* to = y + row * C;
      Moments m = momentsOf<CENTRED>(from, C, epsilon);
      if (bias) {
        eachVector(C, [&](int64_t i, auto v) {
          v.put(to + i, fma((v.get(from + i) - m.mean) * m.inverse, v.get(gain + i), v.get(bias + i)));
        });
      } else {
        eachVector(C, [&](int64_t i, auto v) { v.put(to + i, (v.get(from + i) - m.mean) * m.inverse * v.get(gain + i)); });
      }
    }
  }
}

// With x̂ = (x − mean)·inverse and g = gain·dy: dx = inverse·(g − mean(g) − x̂·mean(g·x̂)) + residual, the middle term only
// when centred; dgain = Σ dy·x̂, dbias = Σ dy over rows.
template <bool CENTRED>
void backwardRow(const float* x, const float* gain, const float* dy, const float* residual, float* dx, float* dgain,
                 float* dbias, int64_t C, float epsilon) {
  Moments m = {0, 0};
  float meanG = 0, squares, meanGX;
  if (CENTRED) {
    sumBoth(C, m.mean, meanG, [&](int64_t i, auto v) { return Pair{v.get(x + i), v.get(gain + i) * v.get(dy + i)}; });
    m.mean /= float(C);
    meanG /= float(C);
  }
  sumBoth(C, squares, meanGX, [&](int64_t i, auto v) {
    vf distance = v.get(x + i);
    if (CENTRED) distance = v.only(distance - m.mean);
    return Pair{distance * distance, v.get(gain + i) * v.get(dy + i) * distance};
  });
  m.inverse = inverseOf(squares, C, epsilon);
  meanGX *= m.inverse / float(C);
  eachVector(C, [&](int64_t i, auto v) {
    vf gradient = v.get(dy + i), normal = (v.get(x + i) - m.mean) * m.inverse;
    vf inner = fma(normal, splat(-meanGX), fma(gradient, v.get(gain + i), splat(-meanG)));
    v.put(dx + i, residual ? fma(inner, splat(m.inverse), v.get(residual + i)) : inner * m.inverse);
    v.put(dgain + i, fma(gradient, normal, v.get(dgain + i)));
    if (CENTRED) v.put(dbias + i, v.get(dbias + i) + gradient);
  });
}

template <bool CENTRED>
void normalizeBackward(Context& ctx, const Call& call) {
  constexpr int KINDS = CENTRED ? 2 : 1;  // dgain, dbias
  const float *x = call.inputs[0].f32(), *gain = call.inputs[1].f32(), *dy = call.inputs[2].f32();
  const float* residual = call.inputCount > 3 ? call.inputs[3].f32() : nullptr;
  float* dx = call.outputs[0].f32();
  int64_t C = call.inputs[0].columns(), rows = call.inputs[0].rows();
  float epsilon = float(call.attributes[0]);
  if (C == 0) return;
  int64_t chunks = least(least(64, share(rows, 8)), int64_t(SHARED_BYTES / sizeof(float)) / (KINDS * C));
  if (chunks < 1) chunks = 1;
  int64_t size = share(rows, chunks);
  chunks = size ? share(rows, size) : 0;
  float* partial = reinterpret_cast<float*>(ctx.shared);  // [chunks, KINDS, C]
  for (int64_t chunk; (chunk = ctx.take(chunks)) >= 0;) {
    float* sums = partial + chunk * KINDS * C;
    __builtin_memset(sums, 0, KINDS * C * sizeof(float));
    for (int64_t row = chunk * size; row < least(rows, (chunk + 1) * size); row++)
      backwardRow<CENTRED>(x + row * C, gain, dy + row * C, residual ? residual + row * C : nullptr, dx + row * C, sums,
                           sums + (KINDS - 1) * C, C, epsilon);
  }
  ctx.sync();
  constexpr int64_t STRIP = 128;
  int64_t strips = share(C, STRIP);
  for (int64_t task; (task = ctx.take(strips * KINDS)) >= 0;) {
    int64_t kind = task / strips, from = task % strips * STRIP;
    if (kind + 1 >= call.outputCount || !call.outputs[kind + 1].data) continue;
    const float* sums = partial + kind * C + from;
    float* to = call.outputs[kind + 1].f32() + from;
    eachVector(least(STRIP, C - from), [&](int64_t i, auto v) {
      vf total = zero();
      for (int64_t chunk = 0; chunk < chunks; chunk++) total += v.get(sums + chunk * KINDS * C + i);
      v.put(to + i, total);
    });
  }
}

}  // namespace

template <bool CENTRED>
void normalize(Context& ctx, const Call& call) {
  const Buffer& y = call.outputs[0];
  const float* bias = CENTRED && call.inputCount > 2 ? call.inputs[2].f32() : nullptr;
  if (y.dtype == BF16) normalize<CENTRED>(ctx, call, y.bf16(), bias);
  else normalize<CENTRED>(ctx, call, y.f32(), bias);
}

void layer_norm(Context& ctx, const Call& call) { normalize<true>(ctx, call); }
void layer_norm_backward(Context& ctx, const Call& call) { normalizeBackward<true>(ctx, call); }

void rms_norm(Context& ctx, const Call& call) { normalize<false>(ctx, call); }
void rms_norm_backward(Context& ctx, const Call& call) { normalizeBackward<false>(ctx, call); }

}  // namespace alippe::ALIPPE_ISA
