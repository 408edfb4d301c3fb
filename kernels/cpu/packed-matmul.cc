// packed-matmul: see kernels/README.md. x is rounded to bytes once; then tasks are cut over panels of w.
//
// Few rows read w where it lies, once, several panels side by side, so that memory is asked for several streams at a time.
// Many rows unpack panels to a byte a code, in a task's own space, and multiply them with one group of rows after another.
#include "packed-matmul.h"
#include "cut.h"
#include "gemm-tile.h"
#include "packed-rows.h"
#include "packed-tile.h"

namespace alippe::ALIPPE_ISA {

constexpr int MOST_FEW = 32;            // rows that read w where it lies
constexpr int64_t ALONE = 8192;         // elements of x that every thread rounds for itself rather than wait for others
constexpr int64_t ROUND_BLOCKS = 32;    // blocks that are worth a task of rounding
constexpr int AHEAD = 8192;             // bytes that few rows ask for in advance, of all streams together

// Some rows of x, rounded.
struct RoundedRows {
  uint8_t* data;
  int64_t row, rows;  // of x
};

// Entered by all threads; ends with the rows there for all.
static RoundedRows roundAll(Context& context, const PackedProduct& product, int64_t row, int64_t rows, const RowLayout& layout) {
  const Buffer& x = product.x;
  int64_t K = product.p.K, blocks = K / 32, end = row + rows, groupBytes = blocks * layout.blockBytes();
  if (rows * K <= ALONE) {
    uint8_t* to = (uint8_t*)context.local;
    for (int64_t g = 0; g < share(rows, layout.group); g++)
      roundRows(x, row + g * layout.group, end, K, 0, blocks, layout, to + g * groupBytes);
    return {to, row, rows};
  }
  uint8_t* to = (uint8_t*)context.shared;
  int64_t pieces = share(blocks, ROUND_BLOCKS);
  for (int64_t task; (task = context.take(share(rows, layout.group) * pieces)) >= 0;) {
    int64_t g = task / pieces, from = task % pieces * ROUND_BLOCKS;
    roundRows(x, row + g * layout.group, end, K, from, least(blocks, from + ROUND_BLOCKS), layout, to + g * groupBytes);
  }
  context.sync();
  return {to, row, rows};
}

// The panels of a task are read in PANELS streams, each of which has neighbours.
template <int PANELS>
struct Streams {
  int64_t first, count, length;  // panels; of a stream
  Streams(int64_t all, int64_t each, int64_t task)
      : first(task * each), count(least(each, all - first)), length(share(count, PANELS)) {}
  bool has(int64_t i, int s) const { return s * length + i < count; }
  // The i-th of stream s; one that is not there is the last.
  int64_t panel(int64_t i, int s) const { return first + least(s * length + i, count - 1); }
};

template <typename F, int ROWS, int PANELS>
static void few(Context& context, const PackedProduct& product, const RoundedRows& x) {
  const Product& p = product.p;
  constexpr int COLUMNS = PANELS * PANEL_ROWS;
  alignas(64) float out[ROWS * COLUMNS];
  int64_t count = product.panels(), groupBytes = p.K / 32 * blockBytes<ROWS, F::SUB>();
  int64_t each = count / (context.threads * 8) / PANELS;
  each = (each < 1 ? 1 : least(8, each)) * PANELS;
  // The next task is taken before this one is done, so that its panels are asked for meanwhile.
  int64_t tasks = share(count, each);
  for (int64_t task = context.take(tasks), after; task >= 0; task = after) {
    after = context.take(tasks);
    Streams<PANELS> mine(count, each, task), theirs(count, each, after < 0 ? task : after);
    for (int64_t i = 0; i < mine.length; i++) {
      const uint8_t *panels[PANELS], *next[PANELS];
      for (int s = 0; s < PANELS; s++) {
        panels[s] = product.panel(mine.panel(i, s));
        next[s] = product.panel(i + 1 < mine.length ? mine.panel(i + 1, s) : theirs.panel(0, s));
      }
      for (int64_t row = 0; row < x.rows; row += ROWS) {
        packedTile<F, ROWS, PANELS, AHEAD / PANELS>(x.data + row / ROWS * groupBytes, panels, next, p.K, out);
        for (int s = 0; s < PANELS && mine.has(i, s); s++) {
          int64_t column = mine.panel(i, s) * PANEL_ROWS;
          finish(p, x.row + row, least(ROWS, x.rows - row), column, least(PANEL_ROWS, p.N - column), out + s * PANEL_ROWS,
                 COLUMNS);
        }
      }
    }
  }
}

template <typename F>
static void unpackPanel(const uint8_t* panel, int64_t K, uint8_t* to) {
  const uint8_t* head = panel + F::HEADER;
  for (int64_t k = 0; k < K; k += F::ELEMENTS, head += superBytes<F>())
#pragma GCC unroll 8
    for (int b = 0; b < F::ELEMENTS / 32; b++, to += UnpackedOf<F>::STEP) unpackBlock<F>(panel, head, b, to);
}

template <typename F>
static void many(Context& context, const PackedProduct& product, const RoundedRows& x) {
  using U = UnpackedOf<F>;
  const Product& p = product.p;
  constexpr int PANELS = PANELS_OF_MANY, COLUMNS = PANELS * PANEL_ROWS;
  alignas(64) float out[MANY * COLUMNS];
  int64_t strips = share(product.panels(), PANELS), groups = share(x.rows, MANY);
  int64_t panelBytes = p.K / 32 * U::STEP, groupBytes = p.K / 32 * blockBytes<MANY, U::SUB>();
  int64_t cuts = least(groups, share(context.threads * 4, strips)), per = share(groups, cuts);
  uint8_t* space = (uint8_t*)context.local;
  for (int64_t task; (task = context.take(strips * cuts)) >= 0;) {
    int64_t first = task / cuts * PANELS, from = task % cuts * per, column = first * PANEL_ROWS;
    const uint8_t* panels[PANELS];
    for (int i = 0; i < PANELS; i++) {
      bool there = first + i < product.panels();
      panels[i] = space + (there ? i : 0) * panelBytes;
      if (there && from < groups) unpackPanel<F>(product.panel(first + i), p.K, space + i * panelBytes);
    }
    for (int64_t g = from; g < least(groups, from + per); g++) {
      packedTile<U, MANY, PANELS, 0>(x.data + g * groupBytes, panels, nullptr, p.K, out);
      finish(p, x.row + g * MANY, least(MANY, x.rows - g * MANY), column, least(COLUMNS, p.N - column), out, COLUMNS);
    }
  }
}

template <typename F>
static void integers(Context& context, const PackedProduct& product) {
  const Product& p = product.p;
  // x of few rows that is rounded by each thread lies in the same space as unpacked panels: those are for more.
  bool unpacks = p.M > MOST_FEW && p.M * p.K > ALONE && p.K / 32 * UnpackedOf<F>::STEP * PANELS_OF_MANY <= (int64_t)LOCAL_BYTES;
  int group = unpacks ? MANY : p.M == 1 ? 1 : p.M == 2 ? 2 : p.M <= 4 ? 4 : 8;
  RowLayout layout = {group, F::SUB, F::BYTES ? BYTE_ZERO : F::ZERO, F::OFFSETS};
  int64_t fits = p.K ? (int64_t)SHARED_BYTES / layout.bytes(group, p.K) * group : p.M;
  if (!fits) return;  // rows of more than a million elements, which the operation refuses
  for (int64_t row = 0; row < p.M; row += fits) {
    if (row) context.sync();
    RoundedRows x = roundAll(context, product, row, least(fits, p.M - row), layout);
    if (unpacks) many<F>(context, product, x);
    else if (group == 1) few<F, 1, PANELS_OF_1>(context, product, x);
    else if (group == 2) few<F, 2, PANELS_OF_2>(context, product, x);
    else if (group == 4) few<F, 4, PANELS_OF_4>(context, product, x);
    else few<F, 8, PANELS_OF_8>(context, product, x);
  }
}

// inputs: x, w, bias?, residual?; outputs: c; attributes: activation
void packed_matmul(Context& context, const Call& call) {
  const Buffer &x = call.inputs[0], &w = call.inputs[1], &bias = call.inputs[2], &residual = call.inputs[3];
  const Buffer& c = call.outputs[0];
  if (!c.size || c.rank != 2 || x.rank != 2 || w.rank != 2) return;
  PackedProduct product = {};
  Product& p = product.p;
  p.M = c.dims[0], p.N = c.dims[1], p.K = x.dims[1];
  p.c = c.data, p.cType = c.dtype, p.stride = p.N;
  p.bias = bias.data, p.biasType = bias.dtype;
  p.residual = residual.data, p.residualType = residual.dtype;
  p.activation = (Activation)(int)call.attributes[0];
  product.x = x, product.w = w;
  switch (w.dtype) {
    case INT8: return integers<Int8>(context, product);
    case Q8_0: return integers<Q8_0_>(context, product);
    case Q4_0: return integers<Q4_0_>(context, product);
    case Q4_1: return integers<Q4_1_>(context, product);
    case Q2_K: return integers<Q2_K_>(context, product);
    case Q4_K: return integers<Q4_K_>(context, product);
    case Q5_K: return integers<Q5_K_>(context, product);
    case Q6_K: return integers<Q6_K_>(context, product);
    default: return packedFloats(context, product);
  }
}

}  // namespace alippe::ALIPPE_ISA
