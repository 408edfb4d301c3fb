// Arithmetic of cutting work into tasks. Included inside each instruction set's namespace, so everything is inline.
#pragma once
#include "simd.h"

namespace alippe::ALIPPE_ISA {

ALIPPE_INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
// How many tasks of `size` an amount makes; the last may be smaller.
ALIPPE_INLINE int64_t share(int64_t amount, int64_t size) { return (amount + size - 1) / size; }

}  // namespace alippe::ALIPPE_ISA
