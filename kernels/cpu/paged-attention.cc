// Attention over a cache of pages.
#include "../kernel.h"
#include "attention-tile.h"
#include "cut.h"
#include "math.h"

namespace alippe::ALIPPE_ISA {

constexpr int PAGE = 16;

void paged_attention(Context& context, const Call& call) {
  const Buffer* in = call.inputs;
  const Buffer* outs = call.outputs;
  int64_t N = in[0].dims[0], H = in[0].dims[1], D = in[0].dims[2], G = in[1].dims[1], P = in[3].dims[0];
  int64_t B = in[6].size, M = in[7].dims[1], R = H / G, held = in[3].dims[2];
  const int32_t *starts = in[5].i32(), *lengths = in[6].i32(), *pages = in[7].i32();
  bool codes = in[3].dtype == U8, nibbles = codes && held < D, half = in[3].dtype == BF16;
  bool hasScales = codes;
  for (int i = 0; i < 2 + hasScales; i++) {
    const Buffer &from = in[i == 2 ? 8 : 3 + i], &to = outs[1 + i];
    int64_t bytes = from.size * (from.dtype == U8 ? 1 : from.dtype == BF16 ? 2 : 4);
    if (from.data != to.data && context.thread == 0) __builtin_memcpy(to.data, from.data, bytes);
  }
  context.sync();
  float* factors = hasScales ? outs[3].f32() : nullptr;
  auto place = [&](int side, int64_t page, int64_t g, int64_t t, int64_t d) {
    return side ? ((page * G + g) * PAGE + t) * held + d : ((page * G + g) * held + d) * PAGE + t;
  };
  auto factor = [&](int side, int64_t page, int64_t g, int64_t t) -> float& {
    return factors[((page * G + g) * 2 + side) * PAGE + t];
  };
  auto nibble = [&](int side, int64_t d, int64_t& byte) {
    if (!side) return byte = d >> 1, d % 2 * 4;
    byte = d < D / 2 ? d : d - D / 2;
    return int64_t(d < D / 2 ? 0 : 4);
  };
  auto load = [&](int side, int64_t page, int64_t g, int64_t t, int64_t d) -> float {
    const Buffer& x = outs[1 + side];
    if (!codes) {
      int64_t at = place(side, page, g, t, d);
      if (!half) return x.f32()[at];
      uint32_t bits = uint32_t(x.bf16()[at]) << 16;
      float y;
      __builtin_memcpy(&y, &bits, 4);
      return y;
    }
    if (!nibbles) return ((int8_t*)x.data)[place(side, page, g, t, d)];
    int64_t byte, shift = nibble(side, d, byte);
    return ((((uint8_t*)x.data)[place(side, page, g, t, byte)] >> shift) & 15) - 8;
  };
  auto save = [&](int side, int64_t page, int64_t g, int64_t t, const float* x) {
    const Buffer& to = outs[1 + side];
    float top = 0, limit = nibbles ? 7 : 127;
    for (int64_t d = 0; d < D; d++) top = __builtin_fabsf(x[d]) > top ? __builtin_fabsf(x[d]) : top;
    float f = top < 0x1p-100f ? 0 : top / limit;
    if (codes) factor(side, page, g, t) = f;
    for (int64_t d = 0; d < D; d++) {
      if (!codes) {
        int64_t at = place(side, page, g, t, d);
        if (!half) to.f32()[at] = x[d];
        else store_bf16_n(to.bf16() + at, splat(x[d]), 1);
        continue;
      }
      int32_t code = f > 0 ? to_int(nearest(splat(x[d] / f)))[0] : 0;
      if (!nibbles) {
        ((int8_t*)to.data)[place(side, page, g, t, d)] = code;
      } else {
        int64_t byte, shift = nibble(side, d, byte);
        uint8_t& at = ((uint8_t*)to.data)[place(side, page, g, t, byte)];
        at = (at & (0xf0 >> shift)) | ((code + 8) << shift);
      }
    }
  };
  auto pageOf = [&](int64_t b, int64_t s) -> int64_t {
    int64_t page = pages[b * M + s / PAGE];
    return page >= 0 && page < P ? page : -1;
  };
  auto each = [&](auto visit) {
    for (int64_t b = 0; b < B; b++)
      for (int64_t row = starts[b] < 0 ? 0 : starts[b]; row < starts[b + 1] && row < N; row++) {
        int64_t position = int64_t(lengths[b]) - starts[b + 1] + row;
        if (position >= 0 && position < M * PAGE) visit(b, row, position);
      }
  };
  if (context.thread == 0) {
    for (int64_t i = 0; i < N * H * D; i++) outs[0].f32()[i] = 0;
    each([&](int64_t b, int64_t row, int64_t position) {
      int64_t page = pageOf(b, position);
      for (int64_t g = 0; g < G && page >= 0; g++)
        for (int side = 0; side < 2; side++) save(side, page, g, position % PAGE, in[1 + side].f32() + (row * G + g) * D);
    });
  }
  context.sync();
  float* lse = call.outputCount > 4 ? outs[4].f32() : nullptr;
  if (lse && context.thread == 0)
    for (int64_t i = 0; i < N * H; i++) lse[i] = -__builtin_inff();
  context.sync();
  float scale = float(call.attributes[0]) * 1.44269504f;
  if (context.thread == 0)
    each([&](int64_t b, int64_t row, int64_t position) {
      for (int64_t h = 0; h < H; h++) {
        const float* q = in[0].f32() + (row * H + h) * D;
        float* out = outs[0].f32() + (row * H + h) * D;
        int64_t g = h / R;
        float top = -1e30f, total = 0;
        for (int64_t s = 0; s <= position; s++) {
          int64_t page = pageOf(b, s);
          float y = 0;
          for (int64_t d = 0; d < D && page >= 0; d++) y += q[d] * scale * load(0, page, g, s % PAGE, d);
          if (codes && page >= 0) y *= factor(0, page, g, s % PAGE);
          float now = y > top ? y : top, decay = exp2_flushed(splat(top - now))[0], p = exp2_flushed(splat(y - now))[0];
          total = total * decay + p;
          if (codes && page >= 0) p *= factor(1, page, g, s % PAGE);
          for (int64_t d = 0; d < D; d++) out[d] = out[d] * decay + (page < 0 ? 0 : p * load(1, page, g, s % PAGE, d));
          top = now;
        }
        for (int64_t d = 0; d < D; d++) out[d] /= total;
        if (lse) lse[row * H + h] = top * 0.69314718f + log(splat(total))[0];
      }
    });
}

}  // namespace alippe::ALIPPE_ISA
