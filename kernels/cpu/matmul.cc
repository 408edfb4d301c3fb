// matmul: see kernels/README.md. Chooses how a product is done; the products themselves are in gemm.cc and
// gemm-direct.cc.
#include "gemm.h"

namespace alippe::ALIPPE_ISA {

static const void* advance(const Buffer& buffer, int64_t elements) {
  if (!buffer.data) return nullptr;
  return (const char*)buffer.data + elements * (buffer.dtype == F32 ? 4 : 2);
}

// inputs: a, b, bias?, residual?; outputs: c, pre?; attributes: transposeA, transposeB, activation, precision
void matmul(Context& context, const Call& call) {
  const Buffer &a = call.inputs[0], &b = call.inputs[1], &bias = call.inputs[2], &residual = call.inputs[3];
  const Buffer &c = call.outputs[0], &pre = call.outputs[1];
  bool transposeA = call.attributes[0] != 0, transposeB = call.attributes[1] != 0;
  if (c.rank < 2 || a.rank < 2 || b.rank < 2 || !c.size) return;
  int64_t M = c.dims[c.rank - 2], N = c.dims[c.rank - 1], K = a.dims[transposeA ? a.rank - 2 : a.rank - 1];
  int64_t batches = c.size / (M * N);
  Product p = {};
  p.M = M, p.N = N, p.K = K;
  p.a = {a.data, a.dtype, transposeA ? 1 : K, transposeA ? M : 1};
  p.b = {b.data, b.dtype, transposeB ? K : 1, transposeB ? 1 : N};
  p.bf16 = call.attributes[3] != 0 && b.dtype != F16;
  p.c = c.data, p.cType = c.dtype, p.stride = N;
  p.bias = bias.data, p.biasType = bias.dtype;
  p.pre = pre.data, p.preType = pre.dtype;
  p.residual = residual.data, p.residualType = residual.dtype;
  p.activation = (Activation)(int)call.attributes[2];
  auto at = [&](int64_t batch) {
    Product one = p;
    one.a.data = advance(a, batch * M * K);
    one.b.data = advance(b, batch * K * N);
    one.c = (void*)advance(c, batch * M * N);
    one.pre = (void*)advance(pre, batch * M * N);
    one.residual = advance(residual, batch * M * N);
    return one;
  };
  // A barrier costs more than a small product: those are done by one thread each, also when there is only one.
  bool direct = isDirect(p), small = M * N * K <= 64 * 64 * 64;
  bool alone = !direct && (small || (batches > 1 && batches >= 2 * context.threads)) && fitsAlone(p);
  if (alone) {
    for (int64_t batch; (batch = context.take(batches)) >= 0;) productAlone(context, at(batch));
    return;
  }
  for (int64_t batch = 0; batch < batches; batch++) {
    if (batch) context.sync();
    Product one = at(batch);
    if (direct) directProduct(context, one);
    else product(context, one);
  }
}

}  // namespace alippe::ALIPPE_ISA
