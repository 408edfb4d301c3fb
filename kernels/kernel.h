// The contract of every CPU kernel: what a call looks like and what a kernel may use. The TypeScript side of the same
// contract is src/backend/contract.ts; src/backend/cpu/encode.ts writes what runtime.cc decodes into these structs.
//
// A kernel is a function that EVERY thread of the pool enters at once with the same call (SPMD). Threads share work by
// `take` and meet at `sync`. What a thread computes for a task must not depend on who takes it or on how many threads
// there are: tasks are cut by shapes alone, reductions are split in a fixed way, so results are the same bits for any
// number of threads.
//
// Kernel sources are compiled once per instruction set, each time inside its own namespace (ALIPPE_ISA), so they must
// include nothing that emits shared inline code (no STL): plain C headers only, static functions only.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace alippe {

// As in src/base/dtype.ts. From INT8 on they are packed: matrices whose rows lie interleaved, sixteen to a panel.
enum DType : int32_t {
  F32, BF16, I32, U8, F16, INT8, F8E4M3, F8E5M2, NF4, Q8_0, Q4_0, Q4_1, Q2_K, Q4_K, Q5_K, Q6_K, DTYPES
};
constexpr int PANEL_ROWS = 16;

// How a row is packed: `bytes` for each `elements` neighbours, and a header. A plain dtype is one element a block.
struct Packing {
  int32_t elements, bytes, header;
};
constexpr Packing packings[DTYPES] = {
    {1, 4, 0},   {1, 2, 0},   {1, 4, 0},    {1, 1, 0},   {1, 2, 0},   {32, 32, 4},  {32, 32, 4},  {32, 32, 4},
    {64, 36, 0}, {32, 34, 0}, {32, 18, 0},  {32, 20, 0}, {256, 84, 0}, {256, 144, 0}, {256, 176, 0}, {256, 210, 0},
};
inline bool isPacked(int32_t dtype) { return dtype >= INT8; }
inline int64_t packedRowBytes(int32_t dtype, int64_t columns) {
  return packings[dtype].header + columns / packings[dtype].elements * packings[dtype].bytes;
}
constexpr int MAX_RANK = 6;
constexpr int MAX_THREADS = 64;

// A contiguous row-major value. data is null for an absent optional buffer; data is 64-byte aligned.
struct Buffer {
  void* data;
  int64_t size;  // elements
  int32_t dtype, rank;
  int64_t dims[MAX_RANK];

  float* f32() const { return static_cast<float*>(data); }
  uint16_t* bf16() const { return static_cast<uint16_t*>(data); }
  int32_t* i32() const { return static_cast<int32_t*>(data); }
  // The last axis, and how many rows of it there are. A scalar is one row of one.
  int64_t columns() const { return rank ? dims[rank - 1] : 1; }
  int64_t rows() const { return columns() ? size / columns() : 0; }
};

// One instruction. Attributes are doubles in declared order; a list attribute is its length followed by its items.
struct Call {
  int32_t kernel, inputCount, outputCount, attributeCount;
  const Buffer* inputs;
  const Buffer* outputs;
  const double* attributes;
};

// Space that kernels may use during a call, allocated once per engine. Contents do not survive the call.
constexpr size_t LOCAL_BYTES = size_t(4) << 20;    // per thread
constexpr size_t SHARED_BYTES = size_t(32) << 20;  // seen by all threads of the call

struct Pool;  // runtime.cc

struct Context {
  int thread, threads;
  char* local;   // LOCAL_BYTES, this thread's own, 64-byte aligned
  char* shared;  // SHARED_BYTES, the same for all, 64-byte aligned
  Pool* pool;
  int phase;  // counts syncs; says which task counter is in use

  // The next task of this phase, or -1 when all `count` are taken. Tasks go out in order, each once, to whoever asks.
  int64_t take(int64_t count);
  // Waits until every thread is here, then opens a new phase with a fresh task counter. All threads must call it the
  // same number of times. The runtime calls it between kernels: a kernel needs it only between its own phases.
  void sync();
};

using Kernel = void (*)(Context&, const Call&);

}  // namespace alippe
