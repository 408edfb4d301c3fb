// `transpose`, `slice`, `pad`, `concat`, `fill`: elements change their place, not their value, so only the size of an
// element matters and every dtype goes the same way.
#include "../kernel.h"
#include "cut.h"
#include "simd.h"

namespace alippe::ALIPPE_ISA {

namespace {

constexpr int64_t TASK_BYTES = 1 << 17;

int64_t bytesOf(const Buffer& x) { return x.dtype == BF16 ? 2 : x.dtype == U8 ? 1 : 4; }

// A part of each of y's outer blocks: bytes copied from `from` (stepping by `stride` a block), or zeros.
struct Segment {
  const char* from;
  int64_t stride, at, bytes;
};

// y is blocks of blockBytes, each filled by the segments in order. Threads share y's bytes.
void assemble(Context& ctx, char* y, int64_t bytes, int64_t blockBytes, const Segment* segments, int count) {
  if (bytes == 0) return;
  for (int64_t task; (task = ctx.take(share(bytes, TASK_BYTES))) >= 0;) {
    int64_t position = task * TASK_BYTES, end = least(bytes, position + TASK_BYTES);
    int64_t block = position / blockBytes, within = position % blockBytes;
    int s = 0;
    while (segments[s].at + segments[s].bytes <= within) s++;
    while (position < end) {
      const Segment& g = segments[s];
      int64_t skip = within - g.at, size = least(g.bytes - skip, end - position);
      if (g.from) __builtin_memcpy(y + position, g.from + block * g.stride + skip, size);
      else __builtin_memset(y + position, 0, size);
      position += size;
      within += size;
      do s++;
      while (s < count && segments[s].bytes == 0);
      if (s == count) {
        s = 0;
        within = 0;
        block++;
        while (position < end && segments[s].bytes == 0) s++;
      }
    }
  }
}

// Bytes of one step along an axis.
int64_t stepBytes(const Buffer& x, int axis) {
  int64_t bytes = bytesOf(x);
  for (int i = axis + 1; i < x.rank; i++) bytes *= x.dims[i];
  return bytes;
}

typedef uint32_t quad __attribute__((vector_size(16)));
typedef uint32_t quad_any __attribute__((vector_size(16), aligned(1), may_alias));

constexpr int64_t SIDE = 64;  // of the square that is turned at a time
constexpr int64_t ROOM = SIDE + 16;  // floats a row of the square, in whole lines

// y[p, l] = x[l, p] for p < P, l < L, both at most SIDE; rows of x are xStride apart, rows of y yStride. The square is
// turned inside `square`: strides are often powers of two, where a column of lines falls on one set of the cache, so x
// and y are each passed once, row by row.
template <class T>
void transposeBlock(const T* x, int64_t xStride, T* y, int64_t yStride, int64_t P, int64_t L, T* square) {
  int64_t l = 0;
  if (sizeof(T) == 4) {
    for (; l + 4 <= L; l += 4) {
      int64_t p = 0;
      for (; p + 4 <= P; p += 4) {
        quad r[4];
        for (int k = 0; k < 4; k++) r[k] = *(const quad_any*)(x + (l + k) * xStride + p);
        quad a = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5), b = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5);
        quad c = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7), d = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
        *(quad_any*)(square + p * ROOM + l) = __builtin_shufflevector(a, b, 0, 1, 4, 5);
        *(quad_any*)(square + (p + 1) * ROOM + l) = __builtin_shufflevector(a, b, 2, 3, 6, 7);
        *(quad_any*)(square + (p + 2) * ROOM + l) = __builtin_shufflevector(c, d, 0, 1, 4, 5);
        *(quad_any*)(square + (p + 3) * ROOM + l) = __builtin_shufflevector(c, d, 2, 3, 6, 7);
      }
      for (; p < P; p++)
        for (int k = 0; k < 4; k++) square[p * ROOM + l + k] = x[(l + k) * xStride + p];
    }
  }
  for (; l < L; l++)
    for (int64_t p = 0; p < P; p++) square[p * ROOM + l] = x[l * xStride + p];
  for (int64_t p = 0; p < P; p++) __builtin_memcpy(y + p * yStride, square + p * ROOM, L * sizeof(T));
}

struct Axes {
  int count;
  int64_t dims[MAX_RANK], x[MAX_RANK], y[MAX_RANK];  // outermost first; strides in elements
};

// y's axes with x's strides; axes of one element dropped, axes that are neighbours in both merged.
Axes axesOf(const Buffer& x, const double* order) {
  int64_t stride[MAX_RANK], step = 1;
  for (int i = x.rank - 1; i >= 0; i--) {
    stride[i] = step;
    step *= x.dims[i];
  }
  Axes a = {};
  for (int i = 0; i < x.rank; i++) {
    int from = int(order[i]);
    if (x.dims[from] == 1) continue;
    if (a.count && a.x[a.count - 1] == stride[from] * x.dims[from]) {
      a.dims[a.count - 1] *= x.dims[from];
      a.x[a.count - 1] = stride[from];
    } else {
      a.dims[a.count] = x.dims[from];
      a.x[a.count++] = stride[from];
    }
  }
  step = 1;
  for (int i = a.count - 1; i >= 0; i--) {
    a.y[i] = step;
    step *= a.dims[i];
  }
  return a;
}

template <class T>
void transposeAs(Context& ctx, const Axes& a, const T* x, T* y, int64_t size) {
  int last = a.count - 1, plane = last;  // y's axis along which x is dense
  while (a.x[plane] != 1) plane--;
  int64_t n = a.dims[last];
  auto offset = [&](int64_t index, const int64_t* strides) {  // over all axes but these two
    int64_t at = 0;
    for (int k = last - 1; k >= 0; k--) {
      if (k == plane) continue;
      at += index % a.dims[k] * strides[k];
      index /= a.dims[k];
    }
    return at;
  };
  if (plane == last) {  // rows stay whole
    int64_t rows = size / n, group = share(TASK_BYTES, n * int64_t(sizeof(T)));
    for (int64_t task; (task = ctx.take(share(rows, group))) >= 0;)
      for (int64_t row = task * group; row < least(rows, (task + 1) * group); row++)
        __builtin_memcpy(y + row * n, x + offset(row, a.x), n * sizeof(T));
    return;
  }
  int64_t P = a.dims[plane], across = share(P, SIDE), along = share(n, SIDE), others = size / (n * P);
  int64_t blocks = others * across * along, group = share(TASK_BYTES, least(P, SIDE) * least(n, SIDE) * int64_t(sizeof(T)));
  for (int64_t task; (task = ctx.take(share(blocks, group))) >= 0;) {
    for (int64_t block = task * group; block < least(blocks, (task + 1) * group); block++) {
      int64_t l = block % along * SIDE, p = block / along % across * SIDE, other = block / along / across;
      transposeBlock(x + offset(other, a.x) + l * a.x[last] + p, a.x[last],
                     y + offset(other, a.y) + p * a.y[plane] + l, a.y[plane], least(SIDE, P - p), least(SIDE, n - l),
                     reinterpret_cast<T*>(ctx.local));
    }
  }
}

}  // namespace

void transpose(Context& ctx, const Call& call) {
  const Buffer &x = call.inputs[0], &y = call.outputs[0];
  if (x.size == 0) return;
  Axes a = axesOf(x, call.attributes + 1);
  if (a.count == 0) a = {1, {1}, {1}, {1}};
  switch (bytesOf(x)) {
    case 1: return transposeAs(ctx, a, static_cast<const uint8_t*>(x.data), static_cast<uint8_t*>(y.data), x.size);
    case 2: return transposeAs(ctx, a, x.bf16(), y.bf16(), x.size);
    default: return transposeAs(ctx, a, x.i32(), y.i32(), x.size);
  }
}

void slice(Context& ctx, const Call& call) {
  const Buffer &x = call.inputs[0], &y = call.outputs[0];
  int axis = int(call.attributes[0]);
  int64_t step = stepBytes(x, axis), block = y.dims[axis] * step;
  Segment all = {static_cast<const char*>(x.data) + int64_t(call.attributes[1]) * step, x.dims[axis] * step, 0, block};
  assemble(ctx, static_cast<char*>(y.data), y.size * bytesOf(y), block, &all, 1);
}

void pad(Context& ctx, const Call& call) {
  const Buffer &x = call.inputs[0], &y = call.outputs[0];
  int axis = int(call.attributes[0]);
  int64_t step = stepBytes(y, axis), before = int64_t(call.attributes[1]) * step, size = x.dims[axis] * step;
  int64_t block = y.dims[axis] * step;
  Segment segments[3] = {{nullptr, 0, 0, before},
                         {static_cast<const char*>(x.data), size, before, size},
                         {nullptr, 0, before + size, block - before - size}};
  assemble(ctx, static_cast<char*>(y.data), y.size * bytesOf(y), block, segments, 3);
}

void concat(Context& ctx, const Call& call) {
  const Buffer& y = call.outputs[0];
  int axis = int(call.attributes[0]);
  int64_t step = stepBytes(y, axis), at = 0;
  Segment* segments = reinterpret_cast<Segment*>(ctx.local);
  for (int i = 0; i < call.inputCount; i++) {
    const Buffer& x = call.inputs[i];
    int64_t size = x.dims[axis] * step;
    segments[i] = {static_cast<const char*>(x.data), size, at, size};
    at += size;
  }
  assemble(ctx, static_cast<char*>(y.data), y.size * bytesOf(y), at, segments, call.inputCount);
}

void fill(Context& ctx, const Call& call) {
  const Buffer& y = call.outputs[0];
  double value = call.attributes[0];
  constexpr int64_t TASK = 32768;
  for (int64_t task; (task = ctx.take(share(y.size, TASK))) >= 0;) {
    int64_t i = task * TASK, end = least(y.size, i + TASK);
    switch (y.dtype) {
      case F32:
      case I32: {
        vi bits = y.dtype == F32 ? as_int(splat(float(value))) : splat_int(int32_t(value));
        for (; i + WIDTH <= end; i += WIDTH) store(y.i32() + i, bits);
        store_n(y.i32() + i, bits, end - i);
        break;
      }
      case BF16: {
        vf all = splat(float(value));
        for (; i + WIDTH <= end; i += WIDTH) store_bf16(y.bf16() + i, all);
        store_bf16_n(y.bf16() + i, all, end - i);
        break;
      }
      case U8: __builtin_memset(static_cast<uint8_t*>(y.data) + i, uint8_t(int32_t(value)), end - i);
    }
  }
}

}  // namespace alippe::ALIPPE_ISA
