// Loaded before all else: a place where memory and threads run out when told to.

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <dlfcn.h>
#include <new>
#include <pthread.h>

namespace {

std::atomic<long> left{-1}; // allocations until one fails; below 0: none does
std::atomic<bool> for_good{false}, no_threads{false};
std::atomic<long> seen{0};

void *allocate(std::size_t size, std::size_t alignment) {
    seen.fetch_add(1);
    if (left.load() >= 0 && left.fetch_sub(1) == 0) {
        left.store(for_good.load() ? 0 : -1);
        throw std::bad_alloc();
    }
    if (size == 0)
        size = 1;
    size = (size + alignment - 1) / alignment * alignment;
    void *p = alignment > sizeof(std::max_align_t) ? std::aligned_alloc(alignment, size)
                                                   : std::malloc(size);
    if (!p)
        throw std::bad_alloc();
    return p;
}

} // namespace

void *operator new(std::size_t size) { return allocate(size, 1); }
void *operator new[](std::size_t size) { return allocate(size, 1); }
void *operator new(std::size_t size, std::align_val_t to) {
    return allocate(size, std::size_t(to));
}
void *operator new[](std::size_t size, std::align_val_t to) {
    return allocate(size, std::size_t(to));
}
void operator delete(void *p) noexcept { std::free(p); }
void operator delete[](void *p) noexcept { std::free(p); }
void operator delete(void *p, std::size_t) noexcept { std::free(p); }
void operator delete[](void *p, std::size_t) noexcept { std::free(p); }
void operator delete(void *p, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void *p, std::align_val_t) noexcept { std::free(p); }

extern "C" {

// From now on the n-th `new` from here fails (0: the next), once or for good; -1: none.
void scarce_memory(long n, int on) {
    seen.store(0);
    for_good.store(on != 0);
    left.store(n);
}

// How many there were since.
long scarce_seen() { return seen.load(); }

void scarce_threads(int none) { no_threads.store(none != 0); }

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                   void *(*run)(void *), void *with) {
    using Create =
        int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    static const auto create =
        reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
    return no_threads.load() ? EAGAIN : create(thread, attributes, run, with);
}
}
