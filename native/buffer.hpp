// Memory of the engine: aligned to cache lines, large pieces on huge pages.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>
#include <vector>
#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace pellucid {

// Random rows over pages of 4 KiB cost more in address translation than in loading.
constexpr size_t huge_page = size_t(2) << 20;

template <class T> struct Aligned {
    using value_type = T;
    Aligned() = default;
    template <class U> Aligned(const Aligned<U> &) {}

    T *allocate(size_t count) {
        const size_t bytes = count * sizeof(T);
        const size_t to = bytes >= huge_page ? huge_page : 64;
        void *p = ::operator new(bytes, std::align_val_t(to));
#if defined(__linux__) && defined(MADV_HUGEPAGE)
        if (to == huge_page)
            madvise(p, bytes, MADV_HUGEPAGE);
#endif
        return static_cast<T *>(p);
    }
    void deallocate(T *p, size_t count) {
        const size_t to = count * sizeof(T) >= huge_page ? huge_page : 64;
        ::operator delete(p, std::align_val_t(to));
    }
    bool operator==(const Aligned &) const { return true; }
    bool operator!=(const Aligned &) const { return false; }
};

template <class T> using Buffer = std::vector<T, Aligned<T>>;

} // namespace pellucid
