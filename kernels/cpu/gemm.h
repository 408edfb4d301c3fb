// The matrix product that kernels use inside a call: c [M, N] = a [M, K] · b [K, N], with an epilogue.
//
// Numerics: every element of c is one chain of fused multiply-adds over k = 0, 1, 2, … in f32 (over pairs of k with bf16
// instructions), whatever the blocking, the tile that holds it and the number of threads; so splits of the work never
// show in the result, and a row's result does not depend on what other rows there are.
#pragma once
#include "../kernel.h"
#include "simd.h"

namespace alippe::ALIPPE_ISA {

// A matrix of `rows` along M or N and of K: element (row, k) is data[row·rowStride + k·kStride]; one stride is 1.
struct Operand {
  const void* data;
  int32_t dtype;  // F32, BF16 or, for b, F16
  int64_t rowStride, kStride;
};

enum Activation : int32_t { NONE = 0, RELU = 1, GELU = 2, SILU = 3 };

// Absent parts have null data. All of c, pre and residual have row stride N of their own, given as `stride`.
struct Product {
  int64_t M, N, K;
  Operand a, b;  // b's rows run along N
  bool bf16;     // round operands to bf16; not with an f16 operand, which would lose bits
  void* c;
  int32_t cType;
  int64_t stride;
  bool accumulate;  // c += …; c is f32 and there is no other epilogue
  const void* bias;  // [N]
  int32_t biasType;
  void* pre;
  int32_t preType;
  const void* residual;
  int32_t residualType;
  Activation activation;
};

// Entered by all threads with the same product. Uses local and shared space, calls sync; ends without one: c is whole
// after the caller's next sync.
void product(Context& context, const Product& p);

// A product that one thread does alone, in its local space, and whether that is large enough for it.
void productAlone(Context& context, const Product& p);
bool fitsAlone(const Product& p);

// A product of few rows, which reads b where it lies, once (gemm-direct.cc), and whether p is one. Entered by all
// threads; no sync.
void directProduct(Context& context, const Product& p);
bool isDirect(const Product& p);

}  // namespace alippe::ALIPPE_ISA
