// The kernels of one instruction set, in the order of kernels.def; null where a build lacks one.
#include "../kernel.h"

namespace alippe::ALIPPE_ISA {

#define KERNEL(name, ...) __attribute__((weak)) void name(Context&, const Call&);
#include "kernels.def"
#undef KERNEL

#define KERNEL(name, ...) name,
extern const Kernel kernels[];
const Kernel kernels[] = {
#include "kernels.def"
};
#undef KERNEL

}  // namespace alippe::ALIPPE_ISA
