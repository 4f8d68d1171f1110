// What the bindings hold arrays from Python to, before anything reads them.
#pragma once

#include <nanobind/ndarray.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "kernels.hpp"

namespace pellucid {

namespace nb = nanobind;

template <class T, int N>
using In = nb::ndarray<const T, nb::ndim<N>, nb::c_contig, nb::device::cpu>;
template <class T, int N>
using Out = nb::ndarray<T, nb::ndim<N>, nb::c_contig, nb::device::cpu>;
using Indices = In<int64_t, 1>;

inline void require(bool holds, const char *what) {
    if (!holds)
        throw std::invalid_argument(std::string("native engine: ") + what);
}

// Whether numbers lie where their kind may: NumPy can hand over others.
template <class T> bool is_aligned(const T *numbers) {
    return reinterpret_cast<uintptr_t>(numbers) % alignof(T) == 0;
}

// Marks an engine as busy: two threads must not train it at once.
class Busy {
  public:
    explicit Busy(std::atomic_flag &flag) : flag_(flag) {
        if (flag_.test_and_set())
            throw std::runtime_error("This engine is at work in another thread. "
                                     "Give each thread an engine of its own.");
    }
    ~Busy() { flag_.clear(); }
    Busy(const Busy &) = delete;
    Busy &operator=(const Busy &) = delete;

  private:
    std::atomic_flag &flag_;
};

inline void check_rows(const int64_t *rows, size_t count, size_t limit) {
    for (size_t i = 0; i < count; ++i)
        require(rows[i] >= 0 && size_t(rows[i]) < limit,
                "a row number is out of range");
}

// More than this is a mistake of the caller's.
constexpr size_t most_threads = 256;

inline void check_threads(size_t threads) {
    require(threads >= 1 && threads <= most_threads, "threads are out of range");
}

// CSR with columns ascending and in range in each row.
template <class T>
SparseRows<T> checked_csr(size_t rows, size_t inputs, const In<T, 1> &values,
                          const In<int32_t, 1> &columns, const Indices &starts) {
    require(starts.shape(0) == rows + 1 && starts.data()[0] == 0, "starts are off");
    require(columns.shape(0) == values.shape(0) &&
                size_t(starts.data()[rows]) == values.shape(0),
            "values, columns and starts do not fit each other");
    for (size_t i = 0; i < rows; ++i)
        require(starts.data()[i] <= starts.data()[i + 1], "starts are not ascending");
    for (size_t i = 0; i < rows; ++i)
        for (int64_t e = starts.data()[i]; e < starts.data()[i + 1]; ++e) {
            const int32_t column = columns.data()[e];
            require(column >= 0 && size_t(column) < inputs, "a column is out of range");
            require(e == starts.data()[i] || columns.data()[e - 1] < column,
                    "columns are not ascending");
        }
    SparseRows<T> lists;
    lists.values = values.data();
    lists.wide = columns.data();
    lists.starts = starts.data();
    return lists;
}

} // namespace pellucid
