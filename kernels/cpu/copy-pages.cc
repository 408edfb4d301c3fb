// `copy-pages`: pages of a cache over others.
#include "../kernel.h"
#include "cut.h"

namespace alippe::ALIPPE_ISA {

// A task takes the same few bytes of every page that is read, and only then writes any: a page may be the source of one pair
// and the target of another.
void copy_pages(Context& context, const Call& call) {
  const Buffer &pages = call.inputs[0], &from = call.inputs[1], &to = call.inputs[2], &result = call.outputs[0];
  int64_t P = pages.dims[0], each = P ? pages.size / P : 0;
  int64_t bytes = each * (pages.dtype == U8 ? 1 : pages.dtype == BF16 ? 2 : 4);
  const char* old = static_cast<const char*>(pages.data);
  char* fresh = static_cast<char*>(result.data);
  if (old != fresh) {
    constexpr int64_t PIECE = 1 << 17;
    int64_t whole = P * bytes;
    for (int64_t task; (task = context.take(share(whole, PIECE))) >= 0;)
      __builtin_memcpy(fresh + task * PIECE, old + task * PIECE, least(PIECE, whole - task * PIECE));
    context.sync();
  }
  int64_t pairs = least(from.size, int64_t(LOCAL_BYTES));
  int64_t width = pairs ? least(4096, int64_t(LOCAL_BYTES) / pairs) : 4096;
  auto isThere = [&](int64_t i) {
    return from.i32()[i] >= 0 && from.i32()[i] < P && to.i32()[i] >= 0 && to.i32()[i] < P;
  };
  for (int64_t task; (task = context.take(share(bytes, width))) >= 0;) {
    int64_t start = task * width, count = least(width, bytes - start);
    for (int64_t i = 0; i < pairs; i++)
      if (isThere(i)) __builtin_memcpy(context.local + i * width, old + from.i32()[i] * bytes + start, count);
    for (int64_t i = 0; i < pairs; i++)
      if (isThere(i)) __builtin_memcpy(fresh + to.i32()[i] * bytes + start, context.local + i * width, count);
  }
}

}  // namespace alippe::ALIPPE_ISA
