// `elementwise`: a straight-line program over elements, interpreted a tile at a time.
//
// A tile is a few hundred elements of the outputs. Every register of the program is a pointer to one tile of f32: into
// an input's or an output's own memory where that is f32 and lies the right way, else into a slot of ctx.local, small
// enough that all slots stay in the first-level cache. One instruction is one loop over vectors, so decoding costs a
// switch per tile, not per element. Slots are shared by registers whose lives do not overlap.
//
// Axes are first merged as far as every input's broadcasting allows; what is left is rows of `columns` elements. A tile
// is a piece of one row when rows are long (an input over the last axis is then read in place), else several rows.
// An output may share memory with an input: registers that could see such a write are staged (see `plan`).
#include "../kernel.h"
#include "math.h"

namespace alippe::ALIPPE_ISA {

namespace {

constexpr int TILE = 512;            // elements of a tile, at most
constexpr int64_t TASK = 32768;      // elements that a thread takes at a time, about
constexpr int MAX_REGISTERS = 1024;  // inputs and instructions of one program, at most

enum Operation {
  CONSTANT, ADD, SUBTRACT, MULTIPLY, DIVIDE, MAXIMUM, MINIMUM, POWER, LESS, EQUAL, WHERE, NEGATE, ABSOLUTE, RECIPROCAL,
  SQUARE, SQRT, RSQRT, EXP, LOG, TANH, SIGMOID, RELU, GELU, SILU, SIN, COS, FLOOR, GELU_DERIVATIVE, SILU_DERIVATIVE
};
int operandsOf(int operation) {
  return operation == CONSTANT ? 0 : operation == WHERE ? 3 : operation <= EQUAL ? 2 : 1;
}

struct Step {
  int operation, a, b, c, y;  // registers
};

enum Place : uint8_t {
  SLOT,    // in ctx.local, written by an instruction
  MEMORY,  // an input read where it lies
  FILL,    // an input copied, converted or spread into a slot for every tile
  ONCE,    // the same in every tile: filled before the first
  OUTPUT,  // an instruction's result that goes straight to its output's memory
};

struct Register {
  Place place;
  int output;  // for OUTPUT
  int lastUse;
  float* slot;                     // of the tile; for MEMORY and OUTPUT room for the last, incomplete vector
  const Buffer* input;
  int64_t strides[MAX_RANK];       // over the merged axes; 0 where it is broadcast
};

struct Plan {
  int inputs, steps, registers, outputs, axes;
  int64_t dims[MAX_RANK];  // merged axes of the outputs
  int64_t columns, rows;   // the last of them, and all others together
  int64_t pieces, pieceColumns, tileRows, tiles, tilesPerTask;
  int result[64];  // register of each output
  Register* at;
  Step* step;
  float** now;  // where each register is in this tile
};

template <class F>
ALIPPE_INLINE void map(const float* a, float* y, int64_t vectors, F f) {
#pragma GCC unroll 2
  for (int64_t i = 0; i < vectors * WIDTH; i += WIDTH) store(y + i, f(load(a + i)));
}
template <class F>
ALIPPE_INLINE void map(const float* a, const float* b, float* y, int64_t vectors, F f) {
#pragma GCC unroll 4
  for (int64_t i = 0; i < vectors * WIDTH; i += WIDTH) store(y + i, f(load(a + i), load(b + i)));
}

ALIPPE_INLINE vf one(vi mask) { return as_float(mask & as_int(splat(1.0f))); }

void execute(const Step& s, float* const* at, int64_t n) {
  const float *a = at[s.a], *b = at[s.b], *c = at[s.c];
  float* y = at[s.y];
  switch (s.operation) {
    case ADD: return map(a, b, y, n, [](vf p, vf q) { return p + q; });
    case SUBTRACT: return map(a, b, y, n, [](vf p, vf q) { return p - q; });
    case MULTIPLY: return map(a, b, y, n, [](vf p, vf q) { return p * q; });
    case DIVIDE: return map(a, b, y, n, [](vf p, vf q) { return p / q; });
    // NaN wins, as in Math.max and Math.min; max(p, q) gives q when either is NaN.
    case MAXIMUM: return map(a, b, y, n, [](vf p, vf q) { return select(p != p, p, max(p, q)); });
    case MINIMUM: return map(a, b, y, n, [](vf p, vf q) { return select(p != p, p, min(p, q)); });
    case POWER: return map(a, b, y, n, [](vf p, vf q) { return power(p, q); });
    case LESS: return map(a, b, y, n, [](vf p, vf q) { return one(p < q); });
    case EQUAL: return map(a, b, y, n, [](vf p, vf q) { return one(p == q); });
    case WHERE:
      for (int64_t i = 0; i < n * WIDTH; i += WIDTH)
        store(y + i, select(load(a + i) != zero(), load(b + i), load(c + i)));
      return;
    case NEGATE: return map(a, y, n, [](vf p) { return -p; });
    case ABSOLUTE: return map(a, y, n, [](vf p) { return absolute(p); });
    case RECIPROCAL: return map(a, y, n, [](vf p) { return 1.0f / p; });
    case SQUARE: return map(a, y, n, [](vf p) { return p * p; });
    case SQRT: return map(a, y, n, [](vf p) { return square_root(p); });
    case RSQRT: return map(a, y, n, [](vf p) { return 1.0f / square_root(p); });
    case EXP: return map(a, y, n, [](vf p) { return exp(p); });
    case LOG: return map(a, y, n, [](vf p) { return log(p); });
    case TANH: return map(a, y, n, [](vf p) { return tanh(p); });
    case SIGMOID: return map(a, y, n, [](vf p) { return sigmoid(p); });
    case RELU: return map(a, y, n, [](vf p) { return max(zero(), p); });
    case GELU: return map(a, y, n, [](vf p) { return gelu(p); });
    case SILU: return map(a, y, n, [](vf p) { return silu(p); });
    case SIN: return map(a, y, n, [](vf p) { return sin(p); });
    case COS: return map(a, y, n, [](vf p) { return cos(p); });
    case FLOOR: return map(a, y, n, [](vf p) { return select(absolute(p) < splat(0x1p23f), round_down(p), p); });
    case GELU_DERIVATIVE: return map(a, y, n, [](vf p) { return gelu_derivative(p); });
    case SILU_DERIVATIVE: return map(a, y, n, [](vf p) { return silu_derivative(p); });
  }
}

// count elements of a buffer as f32, and back.
void read(const Buffer& x, int64_t from, float* to, int64_t count) {
  int64_t i = 0;
  switch (x.dtype) {
    case F32: __builtin_memcpy(to, x.f32() + from, count * 4); return;
    case BF16:
      for (; i + WIDTH <= count; i += WIDTH) store(to + i, load_bf16(x.bf16() + from + i));
      store_n(to + i, load_bf16_n(x.bf16() + from + i, count - i), count - i);
      return;
    case I32:
      for (; i < count; i++) to[i] = float(x.i32()[from + i]);
      return;
    case U8:
      for (; i < count; i++) to[i] = float(static_cast<const uint8_t*>(x.data)[from + i]);
      return;
  }
}
void write(const float* from, const Buffer& y, int64_t to, int64_t count) {
  int64_t i = 0;
  switch (y.dtype) {
    case F32: __builtin_memcpy(y.f32() + to, from, count * 4); return;
    case BF16:
      for (; i + WIDTH <= count; i += WIDTH) store_bf16(y.bf16() + to + i, load(from + i));
      store_bf16_n(y.bf16() + to + i, load_n(from + i, count - i), count - i);
      return;
    case I32:
      for (; i + WIDTH <= count; i += WIDTH) store(y.i32() + to + i, to_int(load(from + i)));
      store_n(y.i32() + to + i, to_int(load_n(from + i, count - i)), count - i);
      return;
    case U8:
      for (; i < count; i += WIDTH) {
        vi v = to_int(load_n(from + i, count - i < WIDTH ? count - i : WIDTH));
        for (int k = 0; k < WIDTH && i + k < count; k++) static_cast<uint8_t*>(y.data)[to + i + k] = uint8_t(v[k]);
      }
      return;
  }
}

void spread(float* to, float value, int64_t count) {
  int64_t i = 0;
  for (; i + WIDTH <= count; i += WIDTH) store(to + i, splat(value));
  store_n(to + i, splat(value), count - i);
}

// Merges the outputs' axes wherever all inputs go on in the same way, and gives each input its strides.
void mergeAxes(Plan& plan, const Call& call) {
  const Buffer& y = call.outputs[0];
  int axes = 0;  // built innermost first, turned round at the end
  int64_t inner[MAX_RANK];
  for (int back = 1; back <= y.rank; back++) {
    int64_t dim = y.dims[y.rank - back];
    if (dim == 1) continue;
    bool merges = axes > 0;
    for (int i = 0; i < plan.inputs; i++) {
      const Buffer& x = call.inputs[i];
      bool varies = back <= x.rank && x.dims[x.rank - back] != 1;
      merges = merges && varies == (plan.at[i].strides[axes - 1] != 0);
    }
    if (merges) {
      inner[axes - 1] *= dim;
      continue;
    }
    for (int i = 0; i < plan.inputs; i++) {
      const Buffer& x = call.inputs[i];
      int64_t stride = 1;
      for (int k = 1; k < back && k <= x.rank; k++) stride *= x.dims[x.rank - k];
      plan.at[i].strides[axes] = back <= x.rank && x.dims[x.rank - back] != 1 ? stride : 0;
    }
    inner[axes++] = dim;
  }
  if (axes == 0) {
    inner[axes++] = 1;
    for (int i = 0; i < plan.inputs; i++) plan.at[i].strides[0] = 1;
  }
  plan.axes = axes;
  for (int k = 0; k < axes; k++) plan.dims[k] = inner[axes - 1 - k];
  for (int i = 0; i < plan.inputs; i++) {
    int64_t* stride = plan.at[i].strides;
    for (int k = 0; k < axes / 2; k++) {
      int64_t t = stride[k];
      stride[k] = stride[axes - 1 - k];
      stride[axes - 1 - k] = t;
    }
  }
}

// Cuts the outputs into tiles, and tiles into tasks; by shape alone.
void cut(Plan& plan) {
  int64_t n = plan.dims[plan.axes - 1], rows = 1;
  for (int k = 0; k + 1 < plan.axes; k++) rows *= plan.dims[k];
  plan.columns = n;
  plan.rows = rows;
  if (n > TILE / 2) {
    int64_t count = (n + TILE - 1) / TILE, each = (n + count - 1) / count;
    plan.pieceColumns = (each + 15) / 16 * 16;
    plan.pieces = (n + plan.pieceColumns - 1) / plan.pieceColumns;
    plan.tileRows = 1;
  } else {
    plan.pieces = 1;
    plan.pieceColumns = n;
    plan.tileRows = n ? TILE / n : 1;
  }
  plan.tiles = (rows + plan.tileRows - 1) / plan.tileRows * plan.pieces;
  int64_t tile = plan.tileRows * plan.pieceColumns;
  plan.tilesPerTask = tile ? (TASK + tile - 1) / tile : 1;
}

// Where each register lives.
void place(Plan& plan, const Call& call, float* slots) {
  float* next = slots;
  auto reserve = [&](int64_t floats) {
    float* slot = next;
    next += floats;
    for (int64_t i = 0; i < floats; i++) slot[i] = 0;
    return slot;
  };
  for (int r = 0; r < plan.registers; r++) plan.at[r].lastUse = -1;
  for (int i = 0; i < plan.steps; i++) {
    const Step& s = plan.step[i];
    const int operands[3] = {s.a, s.b, s.c};
    for (int k = 0; k < operandsOf(s.operation); k++) plan.at[operands[k]].lastUse = i;
  }
  for (int j = 0; j < plan.outputs; j++) plan.at[plan.result[j]].lastUse = plan.steps;

  for (int i = 0; i < plan.inputs; i++) {
    Register& r = plan.at[i];
    const Buffer& x = call.inputs[i];
    r.input = &x;
    bool still = true;  // broadcast over all axes but the last
    for (int k = 0; k + 1 < plan.axes; k++) still = still && r.strides[k] == 0;
    bool spreads = plan.columns > 1 && r.strides[plan.axes - 1] == 0;
    bool solid = !spreads && plan.tileRows == 1;  // one run of memory for each tile
    if (plan.tileRows > 1 && !spreads && (plan.axes == 1 || x.size == plan.rows * plan.columns)) solid = true;
    // A result that is an input is copied at the end of a tile, when another output may have overwritten it.
    bool exposed = false;
    for (int j = 0; j < plan.outputs; j++)
      exposed = exposed || (r.lastUse == plan.steps && call.outputs[j].data == x.data);
    if (x.dtype == F32 && solid && !exposed) {
      r.place = MEMORY;
      r.slot = reserve(WIDTH);
    } else {
      r.place = still && (spreads || (plan.tileRows > 1 && plan.axes > 1)) ? ONCE : FILL;
      r.slot = reserve(TILE);
    }
  }

  float* freed[MAX_REGISTERS];
  int freedCount = 0;
  for (int i = 0; i < plan.steps; i++) {
    const Step& s = plan.step[i];
    Register& r = plan.at[s.y];
    r.input = nullptr;
    r.place = s.operation == CONSTANT ? ONCE : SLOT;
    if (r.place == ONCE) {
      r.slot = reserve(TILE);
      continue;
    }
    for (int j = 0; j < plan.outputs && r.place == SLOT; j++) {
      if (plan.result[j] != s.y || call.outputs[j].dtype != F32) continue;
      bool seen = false;  // whether a later instruction reads an input that lies there
      for (int k = 0; k < plan.inputs; k++)
        seen = seen || (plan.at[k].place == MEMORY && plan.at[k].lastUse > i && call.inputs[k].data == call.outputs[j].data);
      if (seen) continue;
      r.place = OUTPUT;
      r.output = j;
      r.slot = reserve(WIDTH);
    }
    const int operands[3] = {s.a, s.b, s.c};
    for (int k = 0; k < operandsOf(s.operation); k++) {  // slots that die here may take the result
      Register& dead = plan.at[operands[k]];
      if (dead.place != SLOT || dead.lastUse != i) continue;
      dead.lastUse = -2;  // freed once, however often it is read
      freed[freedCount++] = dead.slot;
    }
    if (r.place == SLOT) r.slot = freedCount ? freed[--freedCount] : reserve(TILE);
    if (r.place == SLOT && r.lastUse < i) freed[freedCount++] = r.slot;  // nobody reads it
  }
}

// Element of input r at a row of the merged axes.
int64_t rowOffset(const Plan& plan, const Register& r, int64_t row) {
  int64_t offset = 0;
  for (int k = plan.axes - 2; k >= 0; k--) {
    offset += row % plan.dims[k] * r.strides[k];
    row /= plan.dims[k];
  }
  return offset;
}

void fill(const Plan& plan, const Register& r, int64_t row, int64_t rows, int64_t column, int64_t columns) {
  if (plan.columns > 1 && r.strides[plan.axes - 1] == 0) {
    for (int64_t i = 0; i < rows; i++) {
      float value;
      read(*r.input, rowOffset(plan, r, row + i), &value, 1);
      spread(r.slot + i * columns, value, columns);
    }
  } else if (r.input->size == plan.rows * plan.columns) {
    read(*r.input, row * plan.columns + column, r.slot, rows * columns);
  } else {
    for (int64_t i = 0; i < rows; i++) read(*r.input, rowOffset(plan, r, row + i) + column, r.slot + i * columns, columns);
  }
}

void runTile(const Plan& plan, const Call& call, int64_t tile) {
  int64_t row = tile / plan.pieces * plan.tileRows, column = tile % plan.pieces * plan.pieceColumns;
  int64_t rows = plan.rows - row < plan.tileRows ? plan.rows - row : plan.tileRows;
  int64_t columns = plan.columns - column < plan.pieceColumns ? plan.columns - column : plan.pieceColumns;
  int64_t start = row * plan.columns + column, count = rows * columns;

  for (int r = 0; r < plan.registers; r++) {
    const Register& g = plan.at[r];
    plan.now[r] = g.place == MEMORY   ? g.input->f32() + rowOffset(plan, g, row) + column
                  : g.place == OUTPUT ? call.outputs[g.output].f32() + start
                                      : g.slot;
    if (g.place == FILL) fill(plan, g, row, rows, column, columns);
    // The next tile's lines come while this one is computed: from memory 1.2 to 1.9 times as fast on one thread.
    if (g.place == MEMORY)
      for (int64_t i = 0; i < count; i += 16) __builtin_prefetch(plan.now[r] + count + i);
  }
  int64_t vectors = count / WIDTH, rest = count % WIDTH, done = vectors * WIDTH;
  for (int i = 0; i < plan.steps; i++)
    if (plan.step[i].operation != CONSTANT) execute(plan.step[i], plan.now, vectors);

  if (rest) {  // the last elements go through slots: nothing outside the tile may be touched
    for (int r = 0; r < plan.registers; r++) {
      const Register& g = plan.at[r];
      if (g.place == MEMORY) store(g.slot, load_n(plan.now[r] + done, rest));
      plan.now[r] = g.place == MEMORY || g.place == OUTPUT ? g.slot : g.slot + done;
    }
    for (int i = 0; i < plan.steps; i++)
      if (plan.step[i].operation != CONSTANT) execute(plan.step[i], plan.now, 1);
    for (int r = 0; r < plan.registers; r++) {
      const Register& g = plan.at[r];
      if (g.place == OUTPUT) store_n(call.outputs[g.output].f32() + start + done, load(g.slot), rest);
    }
  }
  for (int j = 0; j < plan.outputs; j++) {
    const Register& g = plan.at[plan.result[j]];
    if (g.place == OUTPUT) {
      if (g.output != j) write(call.outputs[g.output].f32() + start, call.outputs[j], start, count);
    } else {
      const float* from = g.place == MEMORY ? g.input->f32() + rowOffset(plan, g, row) + column : g.slot;
      write(from, call.outputs[j], start, count);
    }
  }
}

}  // namespace

void elementwise(Context& ctx, const Call& call) {
  if (call.outputs[0].size == 0) return;
  Plan plan;
  const double* code = call.attributes + 1;
  const double* results = code + int64_t(call.attributes[0]) + 1;
  plan.inputs = call.inputCount;
  plan.steps = int(call.attributes[0]) / 4;
  plan.registers = plan.inputs + plan.steps;
  plan.outputs = call.outputCount;
  plan.at = reinterpret_cast<Register*>(ctx.local);
  plan.step = reinterpret_cast<Step*>(plan.at + plan.registers);
  plan.now = reinterpret_cast<float**>(plan.step + plan.steps + (plan.steps & 1));
  auto slots = (reinterpret_cast<uintptr_t>(plan.now + plan.registers) + 63) / 64 * 64;
  for (int j = 0; j < plan.outputs; j++) plan.result[j] = int(results[j]);
  for (int i = 0; i < plan.steps; i++) {
    const double* c = code + 4 * i;
    int operation = int(c[0]), operands = operandsOf(operation);
    plan.step[i] = {operation, operands > 0 ? int(c[1]) : 0, operands > 1 ? int(c[2]) : 0, operands > 2 ? int(c[3]) : 0,
                    plan.inputs + i};
  }
  mergeAxes(plan, call);
  cut(plan);
  place(plan, call, reinterpret_cast<float*>(slots));
  for (int i = 0; i < plan.steps; i++)
    if (plan.step[i].operation == CONSTANT) spread(plan.at[plan.inputs + i].slot, float(code[4 * i + 1]), TILE);
  for (int i = 0; i < plan.inputs; i++)
    if (plan.at[i].place == ONCE) fill(plan, plan.at[i], 0, plan.tileRows, 0, plan.pieceColumns);

  int64_t tasks = (plan.tiles + plan.tilesPerTask - 1) / plan.tilesPerTask;
  for (int64_t task; (task = ctx.take(tasks)) >= 0;) {
    int64_t end = (task + 1) * plan.tilesPerTask < plan.tiles ? (task + 1) * plan.tilesPerTask : plan.tiles;
    for (int64_t tile = task * plan.tilesPerTask; tile < end; tile++) runTile(plan, call, tile);
  }
}

}  // namespace alippe::ALIPPE_ISA
