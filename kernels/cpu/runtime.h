// What the hosts (addon.cc for Node, wasm.cc for WebAssembly) need of the runtime: programs and the pool of threads.
// The runtime allocates nothing: a host gives it the memory it asks for.
#pragma once
#include "../kernel.h"

namespace alippe {

struct Span {
  char* data;
  int64_t bytes;
};

struct KernelInfo {
  const char* name;  // as in kernels/README.md
  int32_t neededInputs, inputs, neededOutputs, outputs, attributes;
};
extern const KernelInfo kernelInfos[];
extern const int kernelCount;

// An instruction set that this build holds.
struct Isa {
  const char* name;
  const Kernel* kernels;
  void (*peak)(Context&, const Call&);  // see peak.cc
  bool (*runs)();                       // whether this machine has it
};
extern const Isa isas[];  // best first
extern const int isaCount;

// A loaded program; buffers, calls and attributes follow it in the same memory.
struct Program {
  int64_t callCount;
  Call* calls;
};

// Why a program was refused.
struct Refusal {
  const char* what;  // null: it was not
  int64_t call;      // index of the call, or -1
};

// Bytes that `decode` needs for these words; any words will do.
int64_t programBytes(const double* words, int64_t count);
// Decodes and checks `words` (written by src/backend/cpu/encode.ts) into `place`. Every count, kernel, shape and range
// is checked before it is used: malformed words are refused, whatever they are.
Refusal decode(const double* words, int64_t count, const Span* segments, int64_t segmentCount, const Kernel* kernels,
               void* place);

// State that the threads of a pool share. Each word that threads write has a cache line of its own.
struct Pool {
  alignas(64) uint32_t job;         // counts runs; workers wait for it to change
  alignas(64) uint32_t generation;  // counts barriers passed
  alignas(64) uint32_t arrived;     // threads waiting at the barrier
  alignas(64) uint32_t sleepers;    // threads parked on `job` or `generation`
  alignas(64) int64_t taken;        // tasks given out in this phase
  alignas(64) int32_t threads;
  bool stopping;
  const Kernel* kernels;
  Program* program;
  double* timings;
  char* workspace;
};

inline size_t workspaceBytes(int threads) { return SHARED_BYTES + threads * LOCAL_BYTES; }

// Readies a pool in zeroed memory.
void openPool(Pool* pool, const Kernel* kernels, int threads, char* workspace);
// Runs a program as thread 0; the others must be in, or on their way to, `work`. timings: nanoseconds per call, or null.
void run(Pool* pool, Program* program, double* timings);
// What threads 1 and up do: enter every run until `stop`.
void work(Pool* pool, int thread);
void stop(Pool* pool);

double nanoseconds();

}  // namespace alippe
