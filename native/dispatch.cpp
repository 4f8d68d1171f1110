// Which kernels this processor gets.

#include <cstring>

#include "kernels.hpp"

namespace pellucid {
namespace {

[[maybe_unused]] bool processor_has_avx2() {
#if defined(PELLUCID_HAS_AVX2)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return false;
#endif
}

[[maybe_unused]] bool processor_has_avx512() {
#if defined(PELLUCID_HAS_AVX512)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           processor_has_avx2();
#else
    return false;
#endif
}

} // namespace

template <class T> const Kernels<T> *choose_kernels(const char *target) {
    const bool any = std::strcmp(target, "auto") == 0;
#if defined(PELLUCID_HAS_AVX512)
    if ((any || std::strcmp(target, "avx512") == 0) && processor_has_avx512())
        return &kernels_avx512<T>();
#endif
#if defined(PELLUCID_HAS_AVX2)
    if ((any || std::strcmp(target, "avx2") == 0) && processor_has_avx2())
        return &kernels_avx2<T>();
#endif
#if defined(PELLUCID_HAS_NEON) // every AArch64 processor has it
    if (any || std::strcmp(target, "neon") == 0)
        return &kernels_neon<T>();
#endif
    if (any || std::strcmp(target, "portable") == 0)
        return &kernels_portable<T>();
    return nullptr;
}

template const Kernels<float> *choose_kernels<float>(const char *);
template const Kernels<double> *choose_kernels<double>(const char *);

} // namespace pellucid
