// The WebAssembly host: what src/backend/cpu/wasm.ts calls. There is no C library; memory is handed out by TypeScript,
// which writes programs into it and passes addresses. Each thread is an instance of this module over the same memory.
#include "runtime.h"

using namespace alippe;

#define EXPORT(name) extern "C" __attribute__((export_name(#name)))

// What compilers call without being asked to.
extern "C" void* memset(void* to, int value, size_t count) {
  return __builtin_memset(to, value, count);
}
extern "C" void* memcpy(void* to, const void* from, size_t count) {
  return __builtin_memcpy(to, from, count);
}
extern "C" void* memmove(void* to, const void* from, size_t count) {
  return __builtin_memmove(to, from, count);
}

EXPORT(kernelCount) int exportKernelCount() { return kernelCount; }
// Name of a kernel, ending in 0; null where this build lacks it.
EXPORT(kernelName) const char* exportKernelName(int i) { return isas[0].kernels[i] ? kernelInfos[i].name : nullptr; }
EXPORT(workspaceBytes) double exportWorkspaceBytes(int threads) { return (double)alippe::workspaceBytes(threads); }
EXPORT(poolBytes) int exportPoolBytes() { return sizeof(Pool); }
EXPORT(programBytes) double exportProgramBytes(const double* words, int count) {
  return (double)programBytes(words, count);
}

static int64_t refusedCall;
// Why a program is refused, ending in 0, or null when it is not; refusedCall says where.
EXPORT(decode)
const char* exportDecode(const double* words, int count, const Span* spans, int spanCount, void* place) {
  Refusal refusal = decode(words, count, spans, spanCount, isas[0].kernels, place);
  refusedCall = refusal.call;
  return refusal.what;
}
EXPORT(refusedCall) double exportRefusedCall() { return (double)refusedCall; }

EXPORT(openPool) void exportOpenPool(Pool* pool, int threads, char* workspace) {
  openPool(pool, isas[0].kernels, threads, workspace);
}
EXPORT(run) void exportRun(Pool* pool, Program* program, double* timings) { run(pool, program, timings); }
EXPORT(work) void exportWork(Pool* pool, int thread) { work(pool, thread); }
EXPORT(stop) void exportStop(Pool* pool) { stop(pool); }

// figures: f32, bf16, int8, memory, as in peak.cc; `buffer` is read
EXPORT(peaks) void exportPeaks(Pool* pool, float* buffer, double bytes, float* figures) {
  Buffer input{buffer, (int64_t)bytes / 4, F32, 1, {(int64_t)bytes / 4}};
  Buffer output{figures, 4, F32, 1, {4}};
  Call call{0, 1, 1, 0, &input, &output, nullptr};
  Program program{1, &call};
  pool->kernels = &isas[0].peak;
  run(pool, &program, nullptr);
  pool->kernels = isas[0].kernels;
}
