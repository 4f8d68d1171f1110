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
// least a few cache lines of numbers, and no more pieces than can be told apart
// cheaply.
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

// The different values of a data set, as long as one byte can tell them apart.
template <class T> class Codebook {
  public:
    // The code of a value, or -1 if it is one too many.
    int code(T value);
    size_t size() const { return size_; }
    const T *table() const { return table_; }

  private:
    T table_[256] = {};
    int16_t found_[1024]; // code + 1 by hash, 0: free
    size_t size_ = 0;

  public:
    Codebook();
};

// Examples, dense or sparse. What is pointed to is not owned, except the lists that
// `prepare` makes.
template <class T> class Rows {
  public:
    size_t count = 0, inputs = 0, outputs = 0;
    const T *x = nullptr;      // (count, inputs), or null
    SparseRows<T> lists;       // or empty
    const T *y = nullptr;      // (count, outputs), or null
    const T *weight = nullptr; // (count), or null: all 1

    bool sparse() const { return lists.starts != nullptr; }

    // Makes lists of its own: of a dense x that has zeros enough, or of given lists.
    void prepare(const Kernels<T> &kernels);

    // Finds where each list enters the next columns that are worked on together; by any
    // thread, any number of times. Returns the lists with what was found.
    SparseRows<T> entered();

  private:
    void reserve(size_t numbers);
    void append(size_t row, size_t length, const T *values, const int32_t *columns);
    void spell_out();

    Buffer<int64_t> starts_;
    Buffer<T> values_;
    Buffer<uint8_t> codes_;
    Buffer<uint16_t> narrow_;
    Buffer<int32_t> wide_, entries_;
    Codebook<T> book_;
    bool coded_ = true;
    size_t used_ = 0;
    std::mutex entering_;
};

} // namespace pellucid
