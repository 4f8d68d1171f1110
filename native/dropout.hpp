// The counter-based draw of dropout masks, as in src/pellucid/_random.py.
#pragma once

#include <stdint.h>

#ifndef PELLUCID_TARGET
#define PELLUCID_TARGET portable
#endif

namespace pellucid {
namespace PELLUCID_TARGET {

constexpr uint64_t golden = 0x9E3779B97F4A7C15u;

// The finalizer of splitmix64.
inline uint64_t mix(uint64_t v) {
    v = (v ^ (v >> 30)) * 0xBF58476D1CE4E5B9u;
    v = (v ^ (v >> 27)) * 0x94D049BB133111EBu;
    return v ^ (v >> 31);
}

// The key of the mask of one layer in one update.
inline uint64_t dropout_key(uint64_t seed, uint64_t step, uint64_t layer) {
    return mix((mix((mix(seed + golden) ^ step) + golden) ^ layer) + golden);
}

} // namespace PELLUCID_TARGET
} // namespace pellucid
