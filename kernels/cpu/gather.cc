// Rows and places chosen by integers: `gather`, `scatter-add`, `pick`, `pick-backward`.
#include "../kernel.h"
#include "cut.h"
#include "packed-row.h"
#include "simd.h"

namespace alippe::ALIPPE_ISA {

namespace {

constexpr int64_t TASK = 16384;  // elements that are worth a task of their own, about

int64_t bytesOf(const Buffer& x) { return x.dtype == BF16 || x.dtype == F16 ? 2 : x.dtype == U8 ? 1 : 4; }

void addTo(float* y, const float* x, int64_t n) {
  int64_t i = 0;
  for (; i + WIDTH <= n; i += WIDTH) store(y + i, load(y + i) + load(x + i));
  for (; i < n; i++) y[i] += x[i];
}

// A row of bf16 or f16 as f32.
void widen(const uint16_t* row, int64_t n, int32_t dtype, float* to) {
  bool half = dtype == F16;
  int64_t i = 0;
  for (; i + WIDTH <= n; i += WIDTH) store(to + i, half ? load_f16(row + i) : load_bf16(row + i));
  store_n(to + i, half ? load_f16_n(row + i, n - i) : load_bf16_n(row + i, n - i), n - i);
}

// Rows of a packed table are f32 rows of y.
void gatherPacked(Context& ctx, const Buffer& table, const Buffer& ids, const Buffer& y) {
  int64_t V = table.dims[0], C = table.columns();
  UnpackRow unpack = unpackRowOf(table.dtype);
  for (int64_t n; (n = ctx.take(ids.size)) >= 0;) {
    int64_t id = ids.i32()[n];
    float* to = y.f32() + n * C;
    if (id < 0 || id >= V) __builtin_memset(to, 0, C * sizeof(float));
    else
      unpack((const uint8_t*)table.data + id / PANEL_ROWS * PANEL_ROWS * packedRowBytes(table.dtype, C),
             (int)(id % PANEL_ROWS), C, to);
  }
}

}  // namespace

void gather(Context& ctx, const Call& call) {
  const Buffer &table = call.inputs[0], &ids = call.inputs[1], &y = call.outputs[0];
  if (isPacked(table.dtype)) return gatherPacked(ctx, table, ids, y);
  int64_t V = table.dims[0], C = table.columns(), group = C ? share(TASK, C) : 1, size = C * bytesOf(y);
  bool widens = y.dtype == F32 && (table.dtype == BF16 || table.dtype == F16);
  for (int64_t task; (task = ctx.take(share(ids.size, group))) >= 0;) {
    for (int64_t n = task * group; n < least(ids.size, (task + 1) * group); n++) {
      int64_t id = ids.i32()[n];
      char* to = static_cast<char*>(y.data) + n * size;
      if (id < 0 || id >= V) {
        __builtin_memset(to, 0, size);
      } else if (widens) {
        widen(table.bf16() + id * C, C, table.dtype, reinterpret_cast<float*>(to));
      } else {
        __builtin_memcpy(to, static_cast<const char*>(table.data) + id * size, size);
      }
    }
  }
}

// Every place of the table is written by one thread, which meets the updates in order of position. Wide rows are shared
// by columns, so that only the rows named are touched; narrow ones by ranges of rows, each task looking at all ids.
void scatter_add(Context& ctx, const Call& call) {
  const Buffer &base = call.inputs[0], &ids = call.inputs[1], &updates = call.inputs[2], &y = call.outputs[0];
  constexpr int64_t BLOCK = 64, RANGES = 16;
  int64_t V = y.dims[0], C = y.columns();
  if (base.data != y.data) {
    int64_t bytes = y.size * int64_t(sizeof(float)), piece = 1 << 17;
    for (int64_t task; (task = ctx.take(share(bytes, piece))) >= 0;)
      __builtin_memcpy(static_cast<char*>(y.data) + task * piece, static_cast<const char*>(base.data) + task * piece,
                       least(piece, bytes - task * piece));
    ctx.sync();
  }
  bool byColumns = C >= 4 * BLOCK || ids.size * C <= TASK;
  int64_t tasks = byColumns ? share(C, BLOCK) : RANGES, span = share(V, RANGES);
  for (int64_t task; (task = ctx.take(tasks)) >= 0;) {
    int64_t column = byColumns ? task * BLOCK : 0, columns = byColumns ? least(BLOCK, C - column) : C;
    int64_t from = byColumns ? 0 : task * span, to = byColumns ? V : least(V, from + span);
    for (int64_t n = 0; n < ids.size; n++) {
      int64_t id = ids.i32()[n];
      if (id >= from && id < to) addTo(y.f32() + id * C + column, updates.f32() + n * C + column, columns);
    }
  }
}

void pick(Context& ctx, const Call& call) {
  const Buffer &x = call.inputs[0], &ids = call.inputs[1], &y = call.outputs[0];
  constexpr int64_t GROUP = 2048;
  int64_t C = x.columns();
  for (int64_t task; (task = ctx.take(share(ids.size, GROUP))) >= 0;) {
    for (int64_t n = task * GROUP; n < least(ids.size, (task + 1) * GROUP); n++) {
      int64_t id = ids.i32()[n];
      y.f32()[n] = id >= 0 && id < C ? x.f32()[n * C + id] : 0;
    }
  }
}

void pick_backward(Context& ctx, const Call& call) {
  const Buffer &ids = call.inputs[0], &dy = call.inputs[1], &dx = call.outputs[0];
  int64_t C = dx.columns(), group = C ? share(TASK, C) : 1;
  for (int64_t task; (task = ctx.take(share(ids.size, group))) >= 0;) {
    int64_t from = task * group, to = least(ids.size, from + group);
    __builtin_memset(dx.f32() + from * C, 0, (to - from) * C * sizeof(float));
    for (int64_t n = from; n < to; n++) {
      int64_t id = ids.i32()[n];
      if (id >= 0 && id < C) dx.f32()[n * C + id] = dy.f32()[n];
    }
  }
}

}  // namespace alippe::ALIPPE_ISA
