// Attention over a cache of pages (Kwon et al. 2023, "PagedAttention", §4), with an online softmax (Milakov and Gimelshein
// 2018) whose order of arithmetic is a function of positions alone. So a token gets the same bits in a prompt read at once, in
// pieces of any size and one at a time, alone or among other texts:
//
//   score  = Σ over d = 0, 1, … by fused multiply-add of (query·scale·log2 e)[d] and the key's cell[d], times the key's factor
//   spans of 128 keys from position 0; in each: maximum of the scores; weight = 2^(score − maximum); the weights' sum: the
//   same slot of all pages in order, then the sixteen slots by halves; Σ over keys in order of weight·value
//   spans are folded in order: old·2^(old maximum − maximum) + new·2^(new maximum − maximum); at the end 1/total
//
// Few queries and many take two ways through it (paged-attention-few.h, -tile.h) that differ in what lies side by side in a
// vector and in nothing else.
#include "paged-attention-few.h"
#include "paged-attention-store.h"
#include "paged-attention-tile.h"

namespace alippe::ALIPPE_ISA {
namespace {

// How the work is cut. Texts with many new rows: a task is a tile of one group's queries, the last (which see most) first.
// Texts with few: all spans of one group, or where that leaves threads without work, some of them; then what each span gives
// stays in shared memory and is folded afterwards. No bit depends on it.
struct Cut {
  const Paged& p;
  int64_t spansTogether;  // of a task of few queries

  Cut(const Paged& problem, int threads) : p(problem) {
    int64_t all = 0;
    for (int64_t b = 0; b < p.B; b++)
      if (isFew(b)) all += p.G * group(b, 0).spans();
    constexpr int64_t TASKS = 6;  // for each thread
    spansTogether = threads == 1 ? all : share(all, threads * TASKS);
    if (spansTogether < 1) spansTogether = 1;
  }
  int64_t queries(int64_t b) const { return p.rows(b).count * p.R; }
  bool isFew(int64_t b) const { return queries(b) > 0 && queries(b) <= FEW; }
  bool isMany(int64_t b) const { return queries(b) > FEW; }
  // All queries of a group of a text.
  Lanes group(int64_t b, int64_t g) const { return {p, p.rows(b), b, g, 0, queries(b)}; }
  // Floats that a group's spans need in shared memory.
  int64_t spanFloats(int64_t b) const { return round_up(Sums::floats(queries(b), p.padded), 16); }
  int64_t sharedFloats(int64_t b) const { return p.G * group(b, 0).spans() * spanFloats(b); }
};

// Walks over the tasks of texts in order: `find` goes on to the text that holds a task. Kinds of texts are those of `Cut`.
struct Walk {
  const Cut& cut;
  enum Kind { MANY, FEW_WHOLE, FEW_MERGED } kind;
  int64_t b = -1, first = 0, count = 0;  // the text, its first task, how many it has
  int64_t sharedAt = 0, sharedNext = 0;  // where what its spans give lies in shared memory
  bool split = false;

  bool next() {
    first += count;
    for (b++, count = 0; b < cut.p.B; b++) {
      if (kind == MANY ? !cut.isMany(b) : !cut.isFew(b)) continue;
      if (kind == MANY) {
        count = cut.p.G * share(cut.queries(b), QUERIES);
        return true;
      }
      int64_t spans = cut.group(b, 0).spans(), parts = share(spans, cut.spansTogether), room = cut.sharedFloats(b);
      split = parts > 1 && (sharedNext + room) * 4 <= int64_t(SHARED_BYTES);
      sharedAt = sharedNext;
      if (split) sharedNext += room;
      count = kind == FEW_MERGED ? (split ? cut.p.G : 0) : cut.p.G * (split ? parts : 1);
      if (count > 0) return true;
    }
    return false;
  }
  bool find(int64_t task) {
    while (task >= first + count)
      if (!next()) return false;
    return true;
  }
  int64_t total() {
    while (next()) {}
    return first;
  }
  Sums given(char* shared, int64_t g, int64_t span) const {
    int64_t at = sharedAt + (g * cut.group(b, 0).spans() + span) * cut.spanFloats(b);
    Space space{shared + at * 4};
    return Sums::in(space, cut.queries(b), cut.p.padded);
  }
};

template <class Cells>
static void attend_many(Context& context, const Walk& walk, int64_t task) {
  const Cut& cut = walk.cut;
  const Paged& p = cut.p;
  int64_t queries = cut.queries(walk.b), tiles = share(queries, QUERIES);
  int64_t g = task % p.G, first = (tiles - 1 - task / p.G) * QUERIES;
  Lanes lanes{p, p.rows(walk.b), walk.b, g, first, least(QUERIES, queries - first)};
  Space space{context.local};
  space.next += p.cellBytes > 64 ? round_up(p.cellBytes, 64) : 64;
  TileSpace own(space, p);
  Sums sums = Sums::in(space, QUERIES, p.padded), given = Sums::in(space, QUERIES, p.padded);
  take_queries(lanes, own);
  clear(sums, lanes.count, p.padded);
  for (int64_t span = 0; span < lanes.spans(); span++) {
    attend_span<Cells>(lanes, own, span, given);
    fold(sums, given, lanes, span * SPAN);
  }
  finish(sums, lanes);
}

template <class Cells>
static void attend_few(Context& context, const Walk& walk, int64_t task) {
  const Cut& cut = walk.cut;
  const Paged& p = cut.p;
  Lanes lanes = cut.group(walk.b, task % p.G);
  Space space{context.local};
  space.next += p.cellBytes > 64 ? round_up(p.cellBytes, 64) : 64;
  FewSpace own(space, p);
  Sums sums = Sums::in(space, FEW, p.padded), given = Sums::in(space, FEW, p.padded);
  take_queries(lanes, own.queries, own.stride);
  int64_t spans = lanes.spans();
  // What this thread is likely to read after this task: another group, of the next part or text when these are all done.
  Place next{lanes.b, lanes.g + context.threads, walk.split ? task / p.G * cut.spansTogether : 0};
  if (next.g >= p.G) {
    next.g %= p.G;
    if (walk.split) next.span += cut.spansTogether;
    else if (next.b + 1 < p.B) next.b++;
  }
  if (walk.split) {
    int64_t from = task / p.G * cut.spansTogether, to = least(from + cut.spansTogether, spans);
    for (int64_t span = from; span < to; span++)
      attend_span<Cells>(lanes, own, span, span + 1 < to ? Place{lanes.b, lanes.g, span + 1} : next,
                         walk.given(context.shared, lanes.g, span));
    return;
  }
  clear(sums, lanes.count, p.padded);
  for (int64_t span = 0; span < spans; span++) {
    attend_span<Cells>(lanes, own, span, span + 1 < spans ? Place{lanes.b, lanes.g, span + 1} : next, given);
    fold(sums, given, lanes, span * SPAN);
  }
  finish(sums, lanes);
}

static void merge_few(Context& context, const Walk& walk, int64_t g) {
  const Paged& p = walk.cut.p;
  Lanes lanes = walk.cut.group(walk.b, g);
  Space space{context.local};
  Sums sums = Sums::in(space, FEW, p.padded);
  clear(sums, lanes.count, p.padded);
  for (int64_t span = 0; span < lanes.spans(); span++) fold(sums, walk.given(context.shared, g, span), lanes, span * SPAN);
  finish(sums, lanes);
}

template <class Cells>
static void attend(Context& context, const Paged& p) {
  store_tokens<Cells>(context, p);
  context.sync();
  __builtin_memset(context.local, 0, p.cellBytes > 64 ? p.cellBytes : 64);  // p.nothing

  Cut cut(p, context.threads);
  int64_t many = Walk{cut, Walk::MANY}.total(), few = Walk{cut, Walk::FEW_WHOLE}.total();
  int64_t merged = Walk{cut, Walk::FEW_MERGED}.total();
  Walk manyWalk{cut, Walk::MANY}, fewWalk{cut, Walk::FEW_WHOLE}, mergedWalk{cut, Walk::FEW_MERGED};
  for (int64_t task; (task = context.take(many + few)) >= 0;) {
    if (task < many) {
      if (manyWalk.find(task)) attend_many<Cells>(context, manyWalk, task - manyWalk.first);
    } else if (fewWalk.find(task - many)) {
      attend_few<Cells>(context, fewWalk, task - many - fewWalk.first);
    }
  }
  if (merged == 0) return;
  context.sync();
  for (int64_t task; (task = context.take(merged)) >= 0;)
    if (mergedWalk.find(task)) merge_few(context, mergedWalk, task - mergedWalk.first);
}

// The cache as it was, where the results have memory of their own.
static void copy_cache(Context& context, const Call& call) {
  constexpr int64_t PIECE = 1 << 17;
  static constexpr int from[] = {3, 4, 8};
  for (int i = 0; i < 3 && i < call.inputCount - 6 && i < call.outputCount - 1; i++) {
    if (i == 2 && call.inputCount < 9) break;
    const Buffer &old = call.inputs[from[i]], &fresh = call.outputs[1 + i];
    if (!old.data || !fresh.data || old.data == fresh.data) continue;
    int64_t bytes = old.size * (old.dtype == U8 ? 1 : old.dtype == BF16 ? 2 : 4);
    for (int64_t task; (task = context.take(share(bytes, PIECE))) >= 0;)
      __builtin_memcpy((char*)fresh.data + task * PIECE, (const char*)old.data + task * PIECE,
                       least(PIECE, bytes - task * PIECE));
    context.sync();
  }
}

}  // namespace

void paged_attention(Context& context, const Call& call) {
  copy_cache(context, call);
  Paged p(call, context.local);
  const Buffer& keys = call.inputs[3];
  if (p.D > WIDEST) return;
  if (keys.dtype == F32) attend<F32Cells>(context, p);
  else if (keys.dtype == BF16) attend<Bf16Cells>(context, p);
  else if (keys.dims[2] == p.D) attend<Int8Cells>(context, p);
  else attend<Int4Cells>(context, p);
}

}  // namespace alippe::ALIPPE_ISA
