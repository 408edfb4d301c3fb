// `adamw-8bit` (Dettmers et al. 2022, §2.1): AdamW whose moments are codes of 8 bits and a scale for each block of 256. One
// pass over weight, codes and gradient, 16 bytes a parameter; a block is decoded and stepped, then encoded from the cache.
#include "../kernel.h"
#include "simd.h"

namespace alippe::ALIPPE_ISA {

namespace {

constexpr int64_t BLOCK = 256, TASK = 64;  // elements that share a scale; blocks of a task
constexpr int FIRST = 3, SECOND = 4;       // bits of mantissa, below four of exponent
constexpr int BIAS = 112;                  // between an exponent of a code and one of f32
constexpr float NOTHING = 0x1p-100f;       // what is smaller in all of a block is taken for zero

typedef uint8_t vb __attribute__((vector_size(WIDTH)));
typedef uint8_t vb_any __attribute__((vector_size(WIDTH), aligned(1), may_alias));

ALIPPE_INLINE vi load_codes(const uint8_t* p) { return __builtin_convertvector((vb)*(const vb_any*)p, vi); }
ALIPPE_INLINE void store_codes(uint8_t* p, vi codes) { *(vb_any*)p = __builtin_convertvector(codes, vb); }

// What a code without sign stands for.
template <int MANTISSA>
ALIPPE_INLINE vf decode(vi code) {
  vf normal = as_float((code + splat_int(BIAS << MANTISSA)) << (23 - MANTISSA));
  vf small = to_float(code) * splat(MANTISSA == FIRST ? 0x1p-17f : 0x1p-18f);
  return select(code < splat_int(1 << MANTISSA), small, normal);
}

// The code nearest to a number that is not negative; of two as near the greater.
template <int MANTISSA>
ALIPPE_INLINE vi encode(vf value) {
  vi normal = ((as_int(value) + splat_int(1 << (22 - MANTISSA))) >> (23 - MANTISSA)) - splat_int(BIAS << MANTISSA);
  vi small = to_int(fma(value, splat(MANTISSA == FIRST ? 0x1p17f : 0x1p18f), splat(0.5f)));
  vi code = select(value < splat(0x1p-14f), small, normal);
  vi most = splat_int((16 << MANTISSA) - 1);
  return select(code > most, most, code);
}

// The scale of a block whose greatest number this is, and what its numbers are multiplied by.
ALIPPE_INLINE float scaleOf(float greatest, float top, float& inverse) {
  bool nothing = greatest < NOTHING;
  inverse = nothing ? 0 : top / greatest;
  return nothing ? 0 : greatest / top;
}

}  // namespace

void adamw_8bit(Context& ctx, const Call& call) {
  const float *weight = call.inputs[0].f32(), *mScale = call.inputs[2].f32(), *vScale = call.inputs[4].f32();
  const uint8_t *m = (const uint8_t*)call.inputs[1].data, *v = (const uint8_t*)call.inputs[3].data;
  const float *gradient = call.inputs[5].f32(), *control = call.inputs[6].f32();
  float *newWeight = call.outputs[0].f32(), *newMScale = call.outputs[2].f32(), *newVScale = call.outputs[4].f32();
  uint8_t *newM = (uint8_t*)call.outputs[1].data, *newV = (uint8_t*)call.outputs[3].data;
  int64_t size = call.outputs[0].size, blocks = (size + BLOCK - 1) / BLOCK, tasks = (blocks + TASK - 1) / TASK;
  const vf beta1 = splat(float(call.attributes[0])), beta2 = splat(float(call.attributes[1]));
  const vf rest1 = splat(float(1 - call.attributes[0])), rest2 = splat(float(1 - call.attributes[1]));
  const vf epsilon = splat(float(call.attributes[2])), decay = splat(float(call.attributes[3]));
  const vf rate = splat(control[0]), correct1 = splat(control[1] * float(call.attributes[4]));
  const vf correct2 = square_root(splat(control[2])), scale = splat(control[3]);
  alignas(64) float first[BLOCK], root[BLOCK];  // the new moments of a block

  // One step of the elements at a place of the block; keeps their moments and gives their weights.
  auto step = [&](int64_t at, vi mCodes, vi vCodes, vf w, vf g, float mUnit, float vUnit) {
    vi sign = (mCodes & 0x80) << 24;
    vf before = as_float(as_int(decode<FIRST>(mCodes & 0x7f) * splat(mUnit)) | sign);
    vf oldRoot = decode<SECOND>(vCodes) * splat(vUnit);
    g *= scale;
    vf moment = fma(beta1, before, rest1 * g);
    vf newRoot = square_root(fma(beta2, oldRoot * oldRoot, rest2 * (g * g)));
    store(first + at, moment);
    store(root + at, newRoot);
    return w - rate * fma(decay, w, moment * correct1 / fma(newRoot, correct2, epsilon));
  };
  auto codesOf = [&](int64_t at, vf mInverse, vf vInverse, vi& mCodes, vi& vCodes) {
    vf moment = load(first + at), r = load(root + at);
    vi size = encode<FIRST>(absolute(moment) * mInverse);
    mCodes = size | ((moment < zero()) & (size > 0) & 0x80);
    vi code = encode<SECOND>(r * vInverse);
    vCodes = select((code == 0) & (r * vInverse > zero()), splat_int(1), code);
  };

  for (int64_t task; (task = ctx.take(tasks)) >= 0;) {
    int64_t end = (task + 1) * TASK < blocks ? (task + 1) * TASK : blocks;
    for (int64_t block = task * TASK; block < end; block++) {
      int64_t from = block * BLOCK, count = size - from < BLOCK ? size - from : BLOCK, whole = count / WIDTH * WIDTH;
      float mUnit = mScale[block], vUnit = vScale[block];
      vf mMost = zero(), vMost = zero();
      auto grow = [&](int64_t at) {
        mMost = max(mMost, absolute(load(first + at)));
        vMost = max(vMost, load(root + at));
      };
      for (int64_t at = 0; at < whole; at += WIDTH) {
        int64_t i = from + at;
        store(newWeight + i, step(at, load_codes(m + i), load_codes(v + i), load(weight + i), load(gradient + i), mUnit, vUnit));
        grow(at);
      }
      alignas(64) uint8_t rest[2][WIDTH] = {};
      int64_t n = count - whole, i = from + whole;
      if (n) {
        __builtin_memcpy(rest[0], m + i, n);
        __builtin_memcpy(rest[1], v + i, n);
        vf w = step(whole, load_codes(rest[0]), load_codes(rest[1]), load_n(weight + i, n), load_n(gradient + i, n), mUnit, vUnit);
        store_n(newWeight + i, w, n);
        grow(whole);
      }
      float mInverse, vInverse;
      newMScale[block] = scaleOf(maximum(mMost), 1.875f, mInverse);
      newVScale[block] = scaleOf(maximum(vMost), 1.9375f, vInverse);
      vi mCodes, vCodes;
      for (int64_t at = 0; at < whole; at += WIDTH) {
        codesOf(at, splat(mInverse), splat(vInverse), mCodes, vCodes);
        store_codes(newM + from + at, mCodes);
        store_codes(newV + from + at, vCodes);
      }
      if (n) {
        codesOf(whole, splat(mInverse), splat(vInverse), mCodes, vCodes);
        store_codes(rest[0], mCodes);
        store_codes(rest[1], vCodes);
        __builtin_memcpy(newM + i, rest[0], n);
        __builtin_memcpy(newV + i, rest[1], n);
      }
    }
  }
}

}  // namespace alippe::ALIPPE_ISA
