// Lists of non-zeros: made once of the examples, turned over for each mini-batch.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "buffer.hpp"
#include "kernels.hpp"

namespace pellucid {

// The different values of a data set, as long as one byte can tell them apart.
template <class T> class Codebook {
  public:
    Codebook() { code(T(0)); } // the code 0

    // Of pixels: the code k stands for k / 255.
    static Codebook pixels();

    // The code of a value, or -1 if it is one too many.
    int code(T value);
    const T *table() const { return table_; }
    size_t size() const { return size_; }

  private:
    T table_[256] = {};
    int16_t found_[1024] = {}; // code + 1 by hash, 0: free
    size_t size_ = 0;
};

// Lists of non-zeros, a row after the other; what a SparseRows points to.
template <class T> class Lists {
  public:
    enum class Form { pairs, codes, narrow, wide }; // the smaller the earlier

    // Room for about so many numbers. `book`: where it is known beforehand.
    Lists(Form form, size_t rows, size_t numbers, const Codebook<T> &book = {});

    // The next row's non-zeros; false if the form can't hold them.
    bool append(size_t length, const T *values, const int32_t *columns);

    // The next row of so many pixels; only for forms with codes.
    void append(size_t inputs, const uint8_t *pixels);

    // The rows of others of the same form behind one another; none if one byte can't
    // tell all of their values apart.
    static std::unique_ptr<Lists>
    join(const std::vector<std::unique_ptr<Lists>> &parts);

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

// The lists of some rows of a mini-batch, turned over: by column, or pair of columns.
template <class T> class Turned {
  public:
    // Takes rows first ... first + count of the lists, which are counted from 0 there,
    // and stay ascending. `inputs`: of a row. `fetch(row)` has a row of the data set on
    // its way into the cache.
    template <class Fetch>
    void turn(const SparseRows<T> &lists, size_t inputs, size_t first, size_t count,
              const Fetch &fetch);

    SparseColumns<T> view() const { return view_; }

  private:
    template <class F>
    static void each(const SparseRows<T> &lists, size_t first, size_t end, const F &f) {
        for (size_t i = first; i < end; ++i)
            for (int64_t e = lists.begin(i), last = lists.end(i); e < last; ++e)
                f(uint32_t(i), e);
    }

    Buffer<uint32_t> packed_; // with codes; or
    Buffer<int32_t> rows_;
    Buffer<T> values_;
    Buffer<int32_t> starts_, places_;
    SparseColumns<T> view_{};
};

// So many rows before they are looked at, they are on their way into the cache.
constexpr size_t ahead = 8;

template <class T>
template <class Fetch>
void Turned<T>::turn(const SparseRows<T> &lists, size_t inputs, size_t first,
                     size_t count, const Fetch &fetch) {
    const size_t groups = lists.groups(inputs), end = first + count;
    places_.assign(groups + 1, 0);
    int32_t *places = places_.data();
    lists.read([&](auto width, auto column, auto value) {
        for (size_t i = first; i < end; ++i) {
            if (i + ahead < end)
                fetch(lists.number(i + ahead));
            for (int64_t e = lists.begin(i), last = lists.end(i); e < last; ++e)
                ++places[column(e) + 1];
        }
        for (size_t k = 0; k < groups; ++k)
            places[k + 1] += places[k];
        starts_.assign(places, places + groups + 1);
        const auto entries = size_t(places[groups]);
        if (lists.codes) {
            constexpr size_t G = decltype(width)::count;
            packed_.resize(std::max(packed_.size(), entries));
            uint32_t *packed = packed_.data();
            each(lists, first, end, [&](uint32_t i, int64_t e) {
                const uint32_t one = lists.codes[G * size_t(e)];
                const uint32_t two = lists.codes[G * size_t(e) + G - 1];
                packed[places[column(e)]++] = i << 16 | two << 8 | one;
            });
        } else {
            rows_.resize(std::max(rows_.size(), entries));
            values_.resize(rows_.size());
            each(lists, first, end, [&](uint32_t i, int64_t e) {
                const auto place = size_t(places[column(e)]++);
                rows_[place] = int32_t(i);
                values_[place] = value(e, 0);
            });
        }
    });
    view_ = {lists.codes ? packed_.data() : nullptr, rows_.data(),
             lists.codes ? lists.values : values_.data(), starts_.data(), lists.pairs};
}

} // namespace pellucid
