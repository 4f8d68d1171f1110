// The examples that engines learn from, prepared once and read by any number of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "kernels.hpp"
#include "lists.hpp"

namespace pellucid {

// Above this share of non-zeros a first layer is faster as a dense product; the bits
// are the same either way.
constexpr double sparse_below = 0.45;

// Pairs of neighbours are kept where they need at most this share of the entries: both
// weights of a pair are multiplied, also with a zero.
constexpr double paired_below = 0.75;

// Examples, dense or sparse. What is pointed to is not owned, except the lists that
// `prepare` makes.
template <class T> class Rows {
  public:
    size_t count = 0, inputs = 0, outputs = 0;
    const T *x = nullptr;            // (count, inputs); or
    const uint8_t *pixels = nullptr; // (count, inputs): k stands for k / 255; or
    SparseRows<T> lists;             // empty where the rows are dense
    const T *y = nullptr;            // (count, outputs), or null
    const T *weight = nullptr;       // (count), or null: all 1

    bool sparse() const { return lists.starts != nullptr; }

    // Has a row on its way into the cache.
    void fetch(size_t row) const;

    // Makes lists of its own: of dense rows that have zeros enough, or of given lists.
    void prepare(const Kernels<T> &kernels, size_t threads);

    // A dense row's numbers.
    void read(size_t row, T *to) const;

  private:
    using Form = typename Lists<T>::Form;
    bool list(Form form, const SparseRows<T> &given, const Kernels<T> &kernels,
              double density, size_t threads);
    std::unique_ptr<Lists<T>> part(Form form, const SparseRows<T> &given,
                                   const Kernels<T> &kernels, double density,
                                   size_t first, size_t end) const;

    std::unique_ptr<Lists<T>> own_;
};

} // namespace pellucid
