// The pool: threads that run a program together, one kernel call at a time. The same source serves the native addon
// (threads are pthreads) and WebAssembly (threads are workers that enter `work`).
//
// Waiting: a thread first spins for some tens of microseconds, because kernels of a program follow each other closely,
// then parks in the kernel of the operating system, because the machine may be shared: a spinning thread that keeps the
// core from the thread it waits for costs milliseconds.
#include "runtime.h"

#if defined(__wasm__)
extern "C" __attribute__((import_module("env"), import_name("nanoseconds"))) double hostNanoseconds();
#else
#include <errno.h>
#include <time.h>
#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#else
#include <pthread.h>
#endif
#endif

namespace alippe {

double nanoseconds() {
#if defined(__wasm__)
  return hostNanoseconds();
#else
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
#endif
}

static inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

// Sleeps while *word is `value`; may wake for no reason.
static void park(uint32_t* word, uint32_t value) {
#if defined(__wasm_atomics__)
  __builtin_wasm_memory_atomic_wait32((int*)word, (int)value, -1);
#elif defined(__wasm__)
  (void)word, (void)value;
#elif defined(__linux__)
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
#else
  (void)word, (void)value;
  timespec nap = {0, 50000};
  nanosleep(&nap, nullptr);
#endif
}

static void wake(uint32_t* word) {
#if defined(__wasm_atomics__)
  __builtin_wasm_memory_atomic_notify((int*)word, ~0u);
#elif defined(__linux__)
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 0x7fffffff, nullptr, nullptr, 0);
#else
  (void)word;
#endif
}

static void waitForChange(Pool* pool, uint32_t* word, uint32_t value) {
#if defined(__wasm__)
  for (int i = 0; i < 8192; i++)
    if (__atomic_load_n(word, __ATOMIC_ACQUIRE) != value) return;
#else
  double end = 0;
  for (int round = 0; round < 64; round++) {
    for (int i = 0; i < 32; i++) {
      if (__atomic_load_n(word, __ATOMIC_ACQUIRE) != value) return;
      pause();
    }
    double now = nanoseconds();
    if (!round) end = now + 40000;
    if (now > end) break;
  }
#endif
  // Who changes the word looks at `sleepers` after the change; we announce ourselves before the last look.
  __atomic_fetch_add(&pool->sleepers, 1, __ATOMIC_SEQ_CST);
  while (__atomic_load_n(word, __ATOMIC_SEQ_CST) == value) park(word, value);
  __atomic_fetch_sub(&pool->sleepers, 1, __ATOMIC_SEQ_CST);
}

static void change(Pool* pool, uint32_t* word) {
  __atomic_fetch_add(word, 1, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(&pool->sleepers, __ATOMIC_SEQ_CST)) wake(word);
}

int64_t Context::take(int64_t count) {
  int64_t task = threads == 1 ? pool->taken++ : __atomic_fetch_add(&pool->taken, 1, __ATOMIC_RELAXED);
  return task < count ? task : -1;
}

void Context::sync() {
  phase++;
  if (threads == 1) {
    pool->taken = 0;
    return;
  }
  uint32_t seen = __atomic_load_n(&pool->generation, __ATOMIC_ACQUIRE);
  if (__atomic_add_fetch(&pool->arrived, 1, __ATOMIC_ACQ_REL) == (uint32_t)threads) {
    pool->arrived = 0;
    pool->taken = 0;
    change(pool, &pool->generation);
  } else {
    waitForChange(pool, &pool->generation, seen);
  }
}

void openPool(Pool* pool, const Kernel* kernels, int threads, char* workspace) {
  pool->kernels = kernels;
  pool->threads = threads;
  pool->workspace = workspace;
}

static void enter(Pool* pool, int thread) {
  Context context{thread, pool->threads, pool->workspace + SHARED_BYTES + thread * LOCAL_BYTES, pool->workspace, pool, 0};
  const Program* program = pool->program;
  const Kernel* kernels = pool->kernels;
  double* timings = thread == 0 ? pool->timings : nullptr;
  // After the last sync the program may be freed: nothing of it is read then.
  int64_t count = program->callCount;
  double start = timings ? nanoseconds() : 0;
  for (int64_t i = 0; i < count; i++) {
    const Call& call = program->calls[i];
    kernels[call.kernel](context, call);
    context.sync();
    if (timings) {
      double now = nanoseconds();
      timings[i] = now - start;
      start = now;
    }
  }
}

void run(Pool* pool, Program* program, double* timings) {
  if (!program->callCount) return;
  pool->program = program;
  pool->timings = timings;
  pool->taken = 0;
  if (pool->threads > 1) change(pool, &pool->job);
  enter(pool, 0);
}

void work(Pool* pool, int thread) {
  for (uint32_t seen = 0;; seen++) {
    waitForChange(pool, &pool->job, seen);
    if (__atomic_load_n(&pool->stopping, __ATOMIC_ACQUIRE)) return;
    enter(pool, thread);
  }
}

void stop(Pool* pool) {
  __atomic_store_n(&pool->stopping, true, __ATOMIC_RELEASE);
  change(pool, &pool->job);
}

}  // namespace alippe
