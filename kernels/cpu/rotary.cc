// `rotary` (Su 2021): pairs of a head are turned by position·theta^(−2j/D), or less by a factor.
//
// Angles reach thousands of turns, so they are found in f64, as quarters of a turn: the whole quarters choose the
// quadrant, the rest is small and f32 does. A position's cosines and sines are found once and serve all its heads.
#include "../kernel.h"
#include "cut.h"
#include "math.h"

namespace alippe::ALIPPE_ISA {

namespace {

// base^exponent in f64 for a positive base; a few units of the last place.
double powerOf(double base, double exponent) {
  union {
    double value;
    int64_t bits;
  } m = {base}, scale;
  int64_t e = (m.bits - 0x3fe6a09e667f3bcd) >> 52;  // base = 2^e·m, m in [√½, √2)
  m.bits -= e << 52;
  double s = (m.value - 1) / (m.value + 1), term = 2 * s, log = 0;
  for (int k = 1; k < 27; k += 2, term *= s * s) log += term / k;  // ln m = 2·atanh s
  constexpr double LN2 = 0.693147180559945309417;
  double x = exponent * (log + double(e) * LN2);
  int64_t n = int64_t(x / LN2 + (x < 0 ? -0.5 : 0.5));
  double r = x - double(n) * LN2, sum = 1;
  for (int k = 18; k > 0; k--) sum = 1 + sum * r / k;
  scale.bits = (n + 1023) << 52;
  return sum * scale.value;
}

struct Table {
  int64_t half;       // D/2
  double* quarters;   // [half]: quarter turns a position
  float *rest, *cosine, *sine;  // [half], the last two [D] when interleaved
  int32_t* quadrant;
};

void turn(const Table& t, double position, bool inverse, bool interleaved) {
  for (int64_t j = 0; j < t.half; j++) {
    union {
      double value;
      int64_t bits;
    } shifted;
    double angle = position * t.quarters[j];
    shifted.value = angle + 0x1.8p52;  // its low bits are the nearest integer
    t.quadrant[j] = int32_t(shifted.bits) & 3;
    t.rest[j] = float((angle - (shifted.value - 0x1.8p52)) * 1.57079632679489662);
  }
  for (int64_t j = 0; j < t.half; j += WIDTH) {
    int64_t n = least(WIDTH, t.half - j);
    vf rest = load_n(t.rest + j, n);
    vi quadrant = load_n(t.quadrant + j, n);
    vf c = detail::sine_reduced(rest, quadrant + 1), s = detail::sine_reduced(rest, quadrant);
    if (inverse) s = -s;
    if (!interleaved) {
      store_n(t.cosine + j, c, n);
      store_n(t.sine + j, s, n);
    } else {
      for (int k = 0; k < WIDTH && k < n; k++) {
        t.cosine[2 * (j + k)] = t.cosine[2 * (j + k) + 1] = c[k];
        t.sine[2 * (j + k)] = -s[k];
        t.sine[2 * (j + k) + 1] = s[k];
      }
    }
  }
}

// Stores n lanes, as f32 or as bf16.
ALIPPE_INLINE void put(float* y, vf v, int64_t n) { n >= WIDTH ? store(y, v) : store_n(y, v, n); }
ALIPPE_INLINE void put(uint16_t* y, vf v, int64_t n) { n >= WIDTH ? store_bf16(y, v) : store_bf16_n(y, v, n); }

template <class To>
void rotateHalves(const Table& t, const float* x, To* y) {
  for (int64_t j = 0; j < t.half; j += WIDTH) {
    int64_t n = least(WIDTH, t.half - j);
    vf c, s, u, v;
    if (n == WIDTH) c = load(t.cosine + j), s = load(t.sine + j), u = load(x + j), v = load(x + j + t.half);
    else c = load_n(t.cosine + j, n), s = load_n(t.sine + j, n), u = load_n(x + j, n), v = load_n(x + j + t.half, n);
    put(y + j, fma(u, c, -(v * s)), n);
    put(y + j + t.half, fma(u, s, v * c), n);
  }
}

template <class To>
void rotateNeighbours(const Table& t, const float* x, To* y) {
  typedef uint64_t pairs __attribute__((vector_size(4 * WIDTH)));
  for (int64_t i = 0; i < 2 * t.half; i += WIDTH) {
    int64_t n = least(WIDTH, 2 * t.half - i);
    vf v = load_n(x + i, n);
    vf swapped = (vf)(((pairs)v << 32) | ((pairs)v >> 32));
    put(y + i, fma(v, load_n(t.cosine + i, n), swapped * load_n(t.sine + i, n)), n);
  }
}

template <class To>
void rotate(const Table& t, bool interleaved, int64_t heads, const float* x, To* y) {
  for (; heads > 0; heads--, x += 2 * t.half, y += 2 * t.half) {
    if (interleaved) rotateNeighbours(t, x, y);
    else rotateHalves(t, x, y);
  }
}

}  // namespace

void rotary(Context& ctx, const Call& call) {
  const Buffer &x = call.inputs[0], &positions = call.inputs[1], &factors = call.inputs[2], &y = call.outputs[0];
  if (x.size == 0) return;
  double theta = call.attributes[0];
  bool inverse = call.attributes[1] != 0, interleaved = call.attributes[2] != 0;
  int64_t tokens = x.dims[0] * x.dims[1], H = x.dims[2], D = x.dims[3];

  Table t;
  t.half = D / 2;
  int64_t room = share(D, 16) * 16;
  t.quarters = reinterpret_cast<double*>(ctx.local);
  t.rest = reinterpret_cast<float*>(t.quarters + room);
  t.cosine = t.rest + room;
  t.sine = t.cosine + room;
  t.quadrant = reinterpret_cast<int32_t*>(t.sine + room);
  double ratio = powerOf(theta, -2.0 / double(D)), frequency = 0.636619772367581343;  // 2/π: quarters a radian
  for (int64_t j = 0; j < t.half; j++, frequency *= ratio)
    t.quarters[j] = factors.data ? frequency / factors.f32()[j] : frequency;

  int64_t places = positions.size, copies = tokens / places;  // positions [T] serve every sequence
  int64_t group = share(8192, copies * H * D);
  for (int64_t task; (task = ctx.take(share(places, group))) >= 0;) {
    for (int64_t place = task * group; place < least(places, (task + 1) * group); place++) {
      turn(t, positions.i32()[place], inverse, interleaved);
      for (int64_t copy = 0; copy < copies; copy++) {
        int64_t at = (copy * places + place) * H * D;
        if (y.dtype == BF16) rotate(t, interleaved, H, x.f32() + at, y.bf16() + at);
        else rotate(t, interleaved, H, x.f32() + at, y.f32() + at);
      }
    }
  }
}

}  // namespace alippe::ALIPPE_ISA
