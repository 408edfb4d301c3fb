// The native host: Node-API functions over the runtime. An engine is a pool of threads; thread 0 of it is a runner
// that takes programs from a queue, so that the event loop stays free and runs of one engine follow each other in order.
//
// Handles are externals that JavaScript holds: engine, segment, program. A segment or program is freed when its handle
// is collected or released and nothing uses it any more. Everything is on the heap and belongs to the environment that
// made it: several worker threads of Node may each load this addon, and its threads end with them.
#include <node_api.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "map-file.h"
#include "runtime.h"

using namespace alippe;

namespace {

constexpr napi_type_tag ENGINE = {0xa11bbe, 1}, SEGMENT = {0xa11bbe, 2}, PROGRAM = {0xa11bbe, 3};
constexpr size_t HUGE_PAGE = size_t(2) << 20;

// Pages that are zero and cost nothing until they are touched. Large ranges begin at a huge page's boundary.
char* mapPages(size_t bytes, void*& base, size_t& mapped) {
  mapped = bytes + (bytes >= HUGE_PAGE ? HUGE_PAGE : 4096);
  base = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return nullptr;
  if (bytes < HUGE_PAGE) return (char*)base;
  char* data = (char*)(((uintptr_t)base + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
#if defined(MADV_HUGEPAGE)
  madvise(data, bytes, MADV_HUGEPAGE);
#endif
  return data;
}

// Counted references are only touched on the environment's own thread.
struct Segment {
  int references;
  void* base;
  size_t mapped;
  Span span;
};

void release(Segment* segment) {
  if (--segment->references) return;
  munmap(segment->base, segment->mapped);
  free(segment);
}

struct LoadedProgram {
  int references;
  Program* program;
  Segment** segments;
  uint32_t segmentCount;
};

void release(LoadedProgram* loaded) {
  if (--loaded->references) return;
  for (uint32_t i = 0; i < loaded->segmentCount; i++) release(loaded->segments[i]);
  free(loaded->segments);
  free(loaded->program);
  free(loaded);
}

struct Job {
  Job* next;
  LoadedProgram* loaded;  // null: measure peaks
  double* timings;        // null, or one per call; peaks
  int64_t timingCount;
  napi_ref timingArray;
  napi_deferred deferred;
};

struct Engine {
  napi_env env;
  const Isa* isa;
  Pool* pool;
  void *poolBase, *workspaceBase;
  size_t poolMapped, workspaceMapped;
  pthread_t threads[MAX_THREADS];
  pthread_mutex_t mutex;
  pthread_cond_t filled;
  Job *first, **last;  // the queue, under mutex
  bool closing;
  bool closed;
  int pending;  // jobs not yet settled; the environment's thread only
  napi_threadsafe_function settle;
};

struct WorkerStart {
  Pool* pool;
  int thread;
};

void* workerMain(void* argument) {
  WorkerStart start = *(WorkerStart*)argument;
  free(argument);
  work(start.pool, start.thread);
  return nullptr;
}

void measurePeaks(Engine* engine, double* peaks);

void* runnerMain(void* argument) {
  Engine* engine = (Engine*)argument;
  for (;;) {
    pthread_mutex_lock(&engine->mutex);
    while (!engine->first && !engine->closing) pthread_cond_wait(&engine->filled, &engine->mutex);
    Job* job = engine->first;
    if (job && !engine->closing) {
      engine->first = job->next;
      if (!engine->first) engine->last = &engine->first;
    }
    bool closing = engine->closing;
    pthread_mutex_unlock(&engine->mutex);
    if (closing) break;
    if (job->loaded) run(engine->pool, job->loaded->program, job->timings);
    else measurePeaks(engine, job->timings);
    napi_call_threadsafe_function(engine->settle, job, napi_tsfn_nonblocking);
  }
  stop(engine->pool);
  return nullptr;
}

void measurePeaks(Engine* engine, double* peaks) {
  const size_t bytes = size_t(256) << 20;
  void* base;
  size_t mapped;
  char* data = mapPages(bytes, base, mapped);
  if (!data) return;
  float figures[4] = {0, 0, 0, 0};
  Buffer input{data, (int64_t)(bytes / 4), F32, 1, {(int64_t)(bytes / 4)}};
  Buffer output{figures, 4, F32, 1, {4}};
  Call call{0, 1, 1, 0, &input, &output, nullptr};
  Program program{1, &call};
  engine->pool->kernels = &engine->isa->peak;
  run(engine->pool, &program, nullptr);
  engine->pool->kernels = engine->isa->kernels;
  munmap(base, mapped);
  for (int i = 0; i < 4; i++) peaks[i] = figures[i];
}

void discard(napi_env env, Job* job) {
  if (job->loaded) release(job->loaded);
  if (job->timingArray) napi_delete_reference(env, job->timingArray);
  free(job->timings);
  free(job);
}

// On the environment's thread, after a run: fills the caller's timings and resolves its promise.
void settleJob(napi_env env, napi_value, void* context, void* data) {
  Engine* engine = (Engine*)context;
  Job* job = (Job*)data;
  if (--engine->pending == 0 && env) napi_unref_threadsafe_function(env, engine->settle);
  if (!env) return;
  napi_value result;
  napi_get_undefined(env, &result);
  if (!job->loaded) {
    napi_create_array_with_length(env, 4, &result);
    for (uint32_t i = 0; i < 4; i++) {
      napi_value number;
      napi_create_double(env, job->timings[i], &number);
      napi_set_element(env, result, i, number);
    }
  } else if (job->timingArray) {
    napi_value array;
    napi_typedarray_type type;
    size_t length = 0;
    void* target = nullptr;
    napi_get_reference_value(env, job->timingArray, &array);
    napi_get_typedarray_info(env, array, &type, &length, &target, nullptr, nullptr);
    if (target && length >= (size_t)job->timingCount) memcpy(target, job->timings, job->timingCount * sizeof(double));
  }
  napi_deferred deferred = job->deferred;
  discard(env, job);
  napi_resolve_deferred(env, deferred, result);
}

// Waits for the run in progress, ends the threads and frees the pool. Jobs still queued are never settled.
void shutDown(Engine* engine) {
  if (engine->closed) return;
  engine->closed = true;
  pthread_mutex_lock(&engine->mutex);
  engine->closing = true;
  pthread_cond_signal(&engine->filled);
  pthread_mutex_unlock(&engine->mutex);
  for (int i = 0; i < engine->pool->threads; i++) pthread_join(engine->threads[i], nullptr);
  munmap(engine->workspaceBase, engine->workspaceMapped);
  munmap(engine->poolBase, engine->poolMapped);
  napi_release_threadsafe_function(engine->settle, napi_tsfn_abort);
}

void cleanUp(void* engine) { shutDown((Engine*)engine); }

// Arguments and errors.

napi_value fail(napi_env env, const char* message) {
  napi_throw_error(env, "ALIPPE_BACKEND", message);
  return nullptr;
}

template <typename T>
T* handle(napi_env env, napi_value value, const napi_type_tag& tag) {
  napi_valuetype type;
  bool tagged = false;
  void* data = nullptr;
  if (napi_typeof(env, value, &type) != napi_ok || type != napi_external) return nullptr;
  if (napi_check_object_type_tag(env, value, &tag, &tagged) != napi_ok || !tagged) return nullptr;
  napi_get_value_external(env, value, &data);
  return *(T**)data;
}

// A handle is a cell that points to its object, or to nothing once released.
template <typename T>
napi_value makeHandle(napi_env env, T* object, const napi_type_tag& tag, void (*finalize)(napi_env, void*, void*)) {
  T** cell = (T**)malloc(sizeof(T*));
  *cell = object;
  napi_value value;
  napi_create_external(env, cell, finalize, nullptr, &value);
  napi_type_tag_object(env, value, &tag);
  return value;
}

template <typename T>
void finalizeCell(napi_env, void* data, void*) {
  T** cell = (T**)data;
  if (*cell) release(*cell);
  free(cell);
}

template <int count>
bool readArguments(napi_env env, napi_callback_info info, napi_value (&values)[count]) {
  size_t given = count;
  napi_get_cb_info(env, info, &given, values, nullptr, nullptr);
  return given >= (size_t)count;
}

template <typename T>
napi_value releaseHandle(napi_env env, napi_callback_info info, const napi_type_tag& tag) {
  napi_value values[1];
  if (!readArguments(env, info, values)) return fail(env, "release: give a handle");
  T* object = handle<T>(env, values[0], tag);
  if (!object) return nullptr;
  void* data;
  napi_get_value_external(env, values[0], &data);
  *(T**)data = nullptr;
  release(object);
  return nullptr;
}

// The functions that JavaScript sees; src/backend/cpu/native.ts types them.

// open(threads, isa | ''): engine
napi_value open(napi_env env, napi_callback_info info) {
  napi_value values[2];
  int32_t threads = 0;
  char name[32] = "";
  size_t length;
  if (!readArguments(env, info, values) || napi_get_value_int32(env, values[0], &threads) != napi_ok || threads < 1 ||
      threads > MAX_THREADS || napi_get_value_string_utf8(env, values[1], name, sizeof(name), &length) != napi_ok)
    return fail(env, "open: give a number of threads from 1 to 64 and the name of an instruction set");
  const Isa* isa = nullptr;
  for (int i = 0; i < isaCount && !isa; i++)
    if ((!name[0] || !strcmp(name, isas[i].name)) && isas[i].runs()) isa = &isas[i];
  if (!isa) return fail(env, "open: this machine or this build does not have that instruction set");

  Engine* engine = (Engine*)calloc(1, sizeof(Engine));
  engine->env = env;
  engine->isa = isa;
  engine->last = &engine->first;
  engine->pool = (Pool*)mapPages(sizeof(Pool), engine->poolBase, engine->poolMapped);
  char* workspace = mapPages(workspaceBytes(threads), engine->workspaceBase, engine->workspaceMapped);
  if (!engine->pool || !workspace) return fail(env, "open: no memory for the workspace");
  openPool(engine->pool, isa->kernels, threads, workspace);
  pthread_mutex_init(&engine->mutex, nullptr);
  pthread_cond_init(&engine->filled, nullptr);
  napi_value resource;
  napi_create_string_utf8(env, "alippe", NAPI_AUTO_LENGTH, &resource);
  napi_create_threadsafe_function(env, nullptr, nullptr, resource, 0, 1, nullptr, nullptr, engine, settleJob,
                                  &engine->settle);
  napi_unref_threadsafe_function(env, engine->settle);
  for (int i = 0; i < threads; i++) {
    WorkerStart* start = (WorkerStart*)malloc(sizeof(WorkerStart));
    *start = {engine->pool, i};
    int failed = i ? pthread_create(&engine->threads[i], nullptr, workerMain, start)
                   : (free(start), pthread_create(&engine->threads[i], nullptr, runnerMain, engine));
    if (failed) abort();  // the machine is out of threads
  }
  napi_add_env_cleanup_hook(env, cleanUp, engine);
  return makeHandle(env, engine, ENGINE, [](napi_env, void* cell, void*) { free(cell); });
}

// close(engine): ends its threads. Idle engines only; the rest of the handle's life it is refused.
napi_value close(napi_env env, napi_callback_info info) {
  napi_value values[1];
  Engine* engine = readArguments(env, info, values) ? handle<Engine>(env, values[0], ENGINE) : nullptr;
  if (!engine) return nullptr;
  if (engine->pending) return fail(env, "close: a program is still running; wait for its promise first");
  void* cell;
  napi_get_value_external(env, values[0], &cell);
  *(Engine**)cell = nullptr;
  napi_remove_env_cleanup_hook(env, cleanUp, engine);
  shutDown(engine);
  return nullptr;
}

// isa(engine): the name of the instruction set in use
napi_value isaName(napi_env env, napi_callback_info info) {
  napi_value values[1], result;
  Engine* engine = readArguments(env, info, values) ? handle<Engine>(env, values[0], ENGINE) : nullptr;
  if (!engine) return fail(env, "isa: the engine is closed");
  napi_create_string_utf8(env, engine->isa->name, NAPI_AUTO_LENGTH, &result);
  return result;
}

// kernels(engine): names in the order of their numbers; '' where the build lacks one
napi_value kernelNames(napi_env env, napi_callback_info info) {
  napi_value values[1], result;
  Engine* engine = readArguments(env, info, values) ? handle<Engine>(env, values[0], ENGINE) : nullptr;
  if (!engine) return fail(env, "kernels: the engine is closed");
  napi_create_array_with_length(env, kernelCount, &result);
  for (int i = 0; i < kernelCount; i++) {
    napi_value name;
    napi_create_string_utf8(env, engine->isa->kernels[i] ? kernelInfos[i].name : "", NAPI_AUTO_LENGTH, &name);
    napi_set_element(env, result, i, name);
  }
  return result;
}

// workspaceBytes(threads)
napi_value workspaceSize(napi_env env, napi_callback_info info) {
  napi_value values[1], result;
  int32_t threads = 0;
  if (readArguments(env, info, values)) napi_get_value_int32(env, values[0], &threads);
  napi_create_double(env, (double)workspaceBytes(threads), &result);
  return result;
}

// allocate(bytes): segment
napi_value allocate(napi_env env, napi_callback_info info) {
  napi_value values[1];
  double bytes = -1;
  if (!readArguments(env, info, values) || napi_get_value_double(env, values[0], &bytes) != napi_ok || !(bytes >= 0) ||
      bytes > 1e15)
    return fail(env, "allocate: give a number of bytes");
  Segment* segment = (Segment*)calloc(1, sizeof(Segment));
  segment->references = 1;
  segment->span.bytes = (int64_t)bytes;
  segment->span.data = mapPages((size_t)bytes, segment->base, segment->mapped);
  if (!segment->span.data) {
    free(segment);
    return fail(env, "allocate: the machine does not have that much memory");
  }
  return makeHandle(env, segment, SEGMENT, finalizeCell<Segment>);
}

// Where `length` bytes at `offset` of a segment are, or null when they are not inside it.
char* place(Segment* segment, double offset, size_t length) {
  if (!(offset >= 0) || offset != (double)(int64_t)offset) return nullptr;
  if (offset + (double)length > (double)segment->span.bytes) return nullptr;
  return segment->span.data + (int64_t)offset;
}

// copy(segment, offset, Uint8Array, into segment?)
napi_value copy(napi_env env, napi_callback_info info) {
  napi_value values[4];
  double offset;
  bool inward = false;
  napi_typedarray_type type;
  size_t length;
  void* bytes;
  if (!readArguments(env, info, values)) return fail(env, "copy: give a segment, an offset, bytes and a direction");
  Segment* segment = handle<Segment>(env, values[0], SEGMENT);
  if (!segment) return fail(env, "copy: the segment has been released");
  if (napi_get_value_double(env, values[1], &offset) != napi_ok ||
      napi_get_typedarray_info(env, values[2], &type, &length, &bytes, nullptr, nullptr) != napi_ok ||
      type != napi_uint8_array || napi_get_value_bool(env, values[3], &inward) != napi_ok)
    return fail(env, "copy: give a segment, an offset, bytes and a direction");
  char* target = place(segment, offset, length);
  if (!target) return fail(env, "copy: the range is not inside the segment");
  if (!length) return nullptr;
  if (inward) memcpy(target, bytes, length);
  else memcpy(bytes, target, length);
  return nullptr;
}

// load(engine, Float64Array, segments): program; throws "CALL: what" when the words are refused
napi_value load(napi_env env, napi_callback_info info) {
  napi_value values[3];
  napi_typedarray_type type;
  size_t count;
  void* words;
  uint32_t segmentCount;
  Engine* engine = readArguments(env, info, values) ? handle<Engine>(env, values[0], ENGINE) : nullptr;
  if (!engine) return fail(env, "load: the engine is closed");
  if (napi_get_typedarray_info(env, values[1], &type, &count, &words, nullptr, nullptr) != napi_ok ||
      type != napi_float64_array || napi_get_array_length(env, values[2], &segmentCount) != napi_ok)
    return fail(env, "load: give an engine, a Float64Array and a list of segments");
  Segment** segments = (Segment**)calloc(segmentCount + 1, sizeof(Segment*));
  Span* spans = (Span*)calloc(segmentCount + 1, sizeof(Span));
  for (uint32_t i = 0; i < segmentCount; i++) {
    napi_value value;
    napi_get_element(env, values[2], i, &value);
    segments[i] = handle<Segment>(env, value, SEGMENT);
    if (!segments[i]) {
      free(segments);
      free(spans);
      return fail(env, "load: a segment has been released");
    }
    spans[i] = segments[i]->span;
  }
  void* memory = malloc(programBytes((double*)words, (int64_t)count));
  Refusal refusal = memory ? decode((double*)words, (int64_t)count, spans, segmentCount, engine->isa->kernels, memory)
                           : Refusal{"no memory", -1};
  free(spans);
  if (refusal.what) {
    free(memory);
    free(segments);
    char message[160];
    snprintf(message, sizeof(message), "%lld: %s", (long long)refusal.call, refusal.what);
    return fail(env, message);
  }
  LoadedProgram* loaded = (LoadedProgram*)calloc(1, sizeof(LoadedProgram));
  *loaded = {1, (Program*)memory, segments, segmentCount};
  for (uint32_t i = 0; i < segmentCount; i++) segments[i]->references++;
  return makeHandle(env, loaded, PROGRAM, finalizeCell<LoadedProgram>);
}

napi_value enqueue(napi_env env, Engine* engine, Job* job) {
  napi_value promise;
  napi_create_promise(env, &job->deferred, &promise);
  if (engine->pending++ == 0) napi_ref_threadsafe_function(env, engine->settle);
  pthread_mutex_lock(&engine->mutex);
  *engine->last = job;
  engine->last = &job->next;
  pthread_cond_signal(&engine->filled);
  pthread_mutex_unlock(&engine->mutex);
  return promise;
}

// run(engine, program, Float64Array | undefined): promise
napi_value runProgram(napi_env env, napi_callback_info info) {
  napi_value values[3];
  napi_valuetype kind = napi_undefined;
  Engine* engine = readArguments(env, info, values) ? handle<Engine>(env, values[0], ENGINE) : nullptr;
  if (!engine) return fail(env, "run: the engine is closed");
  LoadedProgram* loaded = handle<LoadedProgram>(env, values[1], PROGRAM);
  if (!loaded) return fail(env, "run: the program has been released");
  napi_typeof(env, values[2], &kind);
  double* timings = nullptr;
  napi_ref timingArray = nullptr;
  int64_t timingCount = loaded->program->callCount;
  if (kind != napi_undefined) {
    napi_typedarray_type type;
    size_t length;
    if (napi_get_typedarray_info(env, values[2], &type, &length, nullptr, nullptr, nullptr) != napi_ok ||
        type != napi_float64_array || length < (size_t)timingCount)
      return fail(env, "run: timings must be a Float64Array with an entry for every call");
    timings = (double*)calloc(timingCount + 1, sizeof(double));
    napi_create_reference(env, values[2], 1, &timingArray);
  }
  Job* job = (Job*)calloc(1, sizeof(Job));
  *job = {nullptr, loaded, timings, timingCount, timingArray, nullptr};
  loaded->references++;
  return enqueue(env, engine, job);
}

// peaks(engine): promise of [f32 GFLOP/s, bf16 GFLOP/s, int8 GOP/s, memory read GB/s]
napi_value peaks(napi_env env, napi_callback_info info) {
  napi_value values[1];
  Engine* engine = readArguments(env, info, values) ? handle<Engine>(env, values[0], ENGINE) : nullptr;
  if (!engine) return fail(env, "peaks: the engine is closed");
  Job* job = (Job*)calloc(1, sizeof(Job));
  job->timings = (double*)calloc(4, sizeof(double));
  return enqueue(env, engine, job);
}

napi_value releaseSegment(napi_env env, napi_callback_info info) { return releaseHandle<Segment>(env, info, SEGMENT); }
napi_value releaseProgram(napi_env env, napi_callback_info info) {
  return releaseHandle<LoadedProgram>(env, info, PROGRAM);
}

}  // namespace

NAPI_MODULE_INIT() {
  const struct {
    const char* name;
    napi_callback function;
  } functions[] = {
      {"open", open},         {"close", close},   {"isa", isaName},
      {"kernels", kernelNames}, {"workspaceBytes", workspaceSize}, {"allocate", allocate},
      {"copy", copy},         {"load", load},     {"run", runProgram},
      {"peaks", peaks},       {"releaseSegment", releaseSegment}, {"releaseProgram", releaseProgram},
      {"mapFile", mapFile},
  };
  for (auto& entry : functions) {
    napi_value value;
    napi_create_function(env, entry.name, NAPI_AUTO_LENGTH, entry.function, nullptr, &value);
    napi_set_named_property(env, exports, entry.name, value);
  }
  return exports;
}
