// The examples that engines learn from, prepared once and read by any number of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>

#include "buffer.hpp"
#include "kernels.hpp"

namespace pellucid {

// Above this share of non-zeros a first layer is faster as a dense product; the bits
// are the same either way.
constexpr double sparse_below = 0.45;

// Columns of a first layer that are worked on together in the gradient: 2^shift, at
// least a few cache lines of numbers, and no more pieces than can be told apart cheaply.
inline unsigned columns_shift(size_t inputs) {
    unsigned shift = 6;
    while ((inputs >> shift) > 64)
        ++shift;
    return shift;
}
inline size_t column_pieces(size_t inputs) {
    const unsigned shift = columns_shift(inputs);
    return (inputs + (size_t(1) << shift) - 1) >> shift;
}

// Examples, dense or sparse. What is pointed to is not owned, except the lists that
// `prepare` makes.
template <class T> class Rows {
  public:
    size_t count = 0, inputs = 0, outputs = 0;
    const T *x = nullptr;                              // (count, inputs), or null
    SparseRows<T> lists{nullptr, nullptr, nullptr, nullptr}; // or empty
    const T *y = nullptr;                              // (count, outputs), or null
    const T *weight = nullptr;                         // (count), or null: all 1

    bool sparse() const { return lists.starts != nullptr; }

    // Makes the lists of a dense x that has zeros enough.
    void prepare(const Kernels<T> &kernels);

    // Finds where each list enters the next columns that are worked on together; to be
    // called before `entry`, by any thread, any number of times.
    void enter();

    // Where the list of row r enters piece c of the columns, from its start.
    int32_t entry(size_t r, size_t c) const { return entries_[r * (pieces_ + 1) + c]; }

  private:
    void list(const Kernels<T> &kernels, double share);

    Buffer<int64_t> starts_;
    Buffer<T> values_;
    Buffer<int32_t> columns_, entries_;
    size_t pieces_ = 0;
    std::mutex entering_;
};

} // namespace pellucid
