// The examples that engines learn from, prepared once and read by any number of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "buffer.hpp"
#include "kernels.hpp"

namespace pellucid {

// Above this share of non-zeros a first layer is faster as a dense product; the bits
// are the same either way.
constexpr double sparse_below = 0.45;

// Pairs of neighbours are kept where they need at most this share of the entries: both
// weights of a pair are multiplied, also with a zero.
constexpr double paired_below = 0.75;

// The different values of a data set, as long as one byte can tell them apart.
template <class T> class Codebook {
  public:
    Codebook() { code(T(0)); } // the code 0

    // The code of a value, or -1 if it is one too many.
    int code(T value);
    const T *table() const { return table_; }

  private:
    T table_[256] = {};
    int16_t found_[1024] = {}; // code + 1 by hash, 0: free
    size_t size_ = 0;
};

// Lists of non-zeros, a row after the other; what a SparseRows points to.
template <class T> class Lists {
  public:
    enum class Form { pairs, codes, narrow, wide }; // the smaller the earlier

    // Room for about so many numbers.
    Lists(Form form, size_t rows, size_t numbers);

    // The next row's non-zeros; false if the form can't hold them.
    bool append(size_t length, const T *values, const int32_t *columns);

    SparseRows<T> view() const;

  private:
    bool append_pairs(size_t length, const T *values, const int32_t *columns);

    Form form_;
    Buffer<int64_t> starts_;
    Buffer<T> values_;
    Buffer<uint8_t> codes_;
    Buffer<uint16_t> narrow_;
    Buffer<int32_t> wide_;
    Codebook<T> book_;
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

  private:
    std::unique_ptr<Lists<T>> own_;
};

} // namespace pellucid
