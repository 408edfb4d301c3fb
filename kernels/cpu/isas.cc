// The instruction sets of this build, best first.
#include "runtime.h"

namespace alippe {

#define ISA(isa)                   \
  namespace isa {                  \
  extern const Kernel kernels[];   \
  void peak(Context&, const Call&); \
  }

#if defined(__wasm__)
ISA(ALIPPE_ISA)
#define NAME2(isa) #isa
#define NAME(isa) NAME2(isa)
const Isa isas[] = {{NAME(ALIPPE_ISA), ALIPPE_ISA::kernels, ALIPPE_ISA::peak, [] { return true; }}};
#elif defined(__x86_64__)
ISA(avx512bf16)
ISA(avx512)
ISA(avx2)
ISA(sse2)
static bool hasAvx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
static bool hasAvx512() {
  return hasAvx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}
static bool hasAvx512Bf16() {
  return hasAvx512() && __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vnni");
}
const Isa isas[] = {
    {"avx512bf16", avx512bf16::kernels, avx512bf16::peak, hasAvx512Bf16},
    {"avx512", avx512::kernels, avx512::peak, hasAvx512},
    {"avx2", avx2::kernels, avx2::peak, hasAvx2},
    {"sse2", sse2::kernels, sse2::peak, [] { return true; }},
};
#else
ISA(neon)
const Isa isas[] = {{"neon", neon::kernels, neon::peak, [] { return true; }}};
#endif
const int isaCount = sizeof(isas) / sizeof(isas[0]);

}  // namespace alippe
