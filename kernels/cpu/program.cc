// Decodes a flat program into calls. The format (doubles, so that every integer up to 2^53 and every attribute fits):
//   program:  calls
//   call:     kernel, inputs, outputs, attributes, then a buffer for each input and output, then the attributes
//   buffer:   segment (-1: absent), offset in bytes, dtype, rank, then one size per axis
// src/backend/cpu/encode.ts writes it.
#include "runtime.h"

namespace alippe {

#define KERNEL(name, ...) {#name, __VA_ARGS__},
const KernelInfo kernelInfos[] = {
#include "kernels.def"
};
#undef KERNEL
const int kernelCount = sizeof(kernelInfos) / sizeof(kernelInfos[0]);

static const double LARGEST = 9007199254740992.0;  // 2^53

// A cursor over words that never reads past their end.
struct Reader {
  const double* words;
  int64_t left;
  bool ok;

  double number() {
    if (left <= 0) return ok = false, 0;
    left--;
    return *words++;
  }
  // An integer in [low, high].
  int64_t integer(double low, double high) {
    double x = number();
    if (!(x >= low && x <= high) || x != (double)(int64_t)x) return ok = false, 0;
    return (int64_t)x;
  }
};

// Each buffer takes four words or more; a call may get absent ones on top, as many as its kernel knows.
int64_t programBytes(const double* words, int64_t count) {
  int64_t calls = count > 0 && words[0] >= 0 && words[0] <= (double)count ? (int64_t)words[0] : 0;
  return 128 + calls * (int64_t)(sizeof(Call) + 12 * sizeof(Buffer)) + (count / 4 + 1) * (int64_t)sizeof(Buffer) + count * 8;
}

static double bytesOf(const Buffer& buffer) {
  if (!isPacked(buffer.dtype)) return (double)buffer.size * packings[buffer.dtype].bytes;
  int64_t panels = (buffer.rows() + PANEL_ROWS - 1) / PANEL_ROWS;
  return (double)panels * PANEL_ROWS * (double)packedRowBytes(buffer.dtype, buffer.columns());
}

static const char* readBuffer(Reader& in, const Span* segments, int64_t segmentCount, Buffer& buffer) {
  buffer = Buffer{};
  int64_t segment = in.integer(-1, (double)segmentCount - 1);
  int64_t offset = in.integer(0, LARGEST);
  int64_t dtype = in.integer(0, DTYPES - 1);
  int64_t rank = in.integer(0, MAX_RANK);
  if (!in.ok) return "a buffer's segment, offset, dtype or rank is out of range";
  double size = 1;
  for (int64_t i = 0; i < rank; i++) {
    buffer.dims[i] = in.integer(0, LARGEST);
    size *= (double)buffer.dims[i];
  }
  if (!in.ok || size > LARGEST) return "a buffer's shape is out of range";
  buffer.dtype = (int32_t)dtype;
  buffer.rank = (int32_t)rank;
  buffer.size = (int64_t)size;
  if (segment < 0) return nullptr;
  if (offset % 64) return "a buffer's offset is not a multiple of 64";
  if (isPacked((int32_t)dtype) && (rank < 2 || buffer.dims[rank - 1] % packings[dtype].elements))
    return "the rows of a packed buffer are not whole blocks";
  if ((double)offset + bytesOf(buffer) > (double)segments[segment].bytes)
    return "a buffer reaches past the end of its segment";
  buffer.data = segments[segment].data + offset;
  return nullptr;
}

static const char* readCall(Reader& in, const Span* segments, int64_t segmentCount, const Kernel* kernels, Call& call,
                            char*& place) {
  int64_t kernel = in.integer(0, kernelCount - 1);
  if (!in.ok) return "there is no kernel of this number";
  if (!kernels[kernel]) return "this build lacks the kernel";
  const KernelInfo& info = kernelInfos[kernel];
  int64_t inputs = in.integer(0, (double)in.left);
  int64_t outputs = in.integer(0, (double)in.left);
  int64_t attributes = in.integer(0, (double)in.left);
  if (!in.ok) return "the program ends inside a call";
  if (inputs < info.neededInputs || (info.inputs >= 0 && inputs > info.inputs)) return "wrong number of inputs";
  if (outputs < info.neededOutputs || (info.outputs >= 0 && outputs > info.outputs)) return "wrong number of outputs";
  if (info.attributes >= 0 && attributes != info.attributes) return "wrong number of attributes";
  call.kernel = (int32_t)kernel;
  call.inputCount = (int32_t)inputs;
  call.outputCount = (int32_t)outputs;
  call.attributeCount = (int32_t)attributes;
  // Buffers that the kernel knows and the program leaves out are there as absent ones.
  int64_t inputSlots = inputs > info.inputs ? inputs : info.inputs;
  int64_t outputSlots = outputs > info.outputs ? outputs : info.outputs;
  if ((inputs + outputs) * 4 + attributes > in.left) return "the program ends inside a call";
  Buffer* buffers = (Buffer*)place;
  place += (inputSlots + outputSlots) * sizeof(Buffer);
  for (int64_t i = 0; i < inputSlots + outputSlots; i++) {
    buffers[i] = Buffer{};
    bool input = i < inputSlots;
    int64_t slot = input ? i : i - inputSlots;
    if (slot >= (input ? inputs : outputs)) continue;
    if (const char* fault = readBuffer(in, segments, segmentCount, buffers[i])) return fault;
    if (!buffers[i].data && slot < (input ? info.neededInputs : info.neededOutputs)) return "a needed buffer is absent";
  }
  call.inputs = buffers;
  call.outputs = buffers + inputSlots;
  double* numbers = (double*)place;
  for (int64_t i = 0; i < attributes; i++) numbers[i] = in.number();
  if (!in.ok) return "the program ends inside a call";
  call.attributes = numbers;
  place += attributes * 8;
  return nullptr;
}

Refusal decode(const double* words, int64_t count, const Span* segments, int64_t segmentCount, const Kernel* kernels,
               void* memory) {
  Reader in{words, count, true};
  char* place = (char*)memory;
  Program* program = (Program*)place;
  place += (sizeof(Program) + 63) / 64 * 64;
  program->callCount = in.integer(0, (double)(count / 4));
  program->calls = (Call*)place;
  if (!in.ok) return {"the number of calls is out of range", -1};
  place += program->callCount * sizeof(Call);
  for (int64_t i = 0; i < program->callCount; i++)
    if (const char* fault = readCall(in, segments, segmentCount, kernels, program->calls[i], place)) return {fault, i};
  if (in.left) return {"words are left over after the last call", -1};
  return {nullptr, -1};
}

}  // namespace alippe
