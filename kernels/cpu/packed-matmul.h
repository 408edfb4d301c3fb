// A product with a packed matrix, as its parts see it.
#pragma once
#include "gemm.h"

namespace alippe::ALIPPE_ISA {

struct PackedProduct {
  Product p;  // sizes, and what comes after the product; its operands are not used
  Buffer x, w;
  const uint8_t* panel(int64_t i) const {
    return (const uint8_t*)w.data + i * PANEL_ROWS * packedRowBytes(w.dtype, p.K);
  }
  int64_t panels() const { return (p.N + PANEL_ROWS - 1) / PANEL_ROWS; }
};

// Packings of floats. Entered by all threads.
void packedFloats(Context& context, const PackedProduct& product);

}  // namespace alippe::ALIPPE_ISA
