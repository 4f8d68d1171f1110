#include "rows.hpp"

#include <algorithm>

namespace pellucid {
namespace {

constexpr size_t looked_at = 512; // rows from which the share of zeros is estimated

// Lists of a dense x may take so many bytes more; beyond, it stays dense.
constexpr size_t most_list_bytes = size_t(1) << 30;

template <class T> double share_of_nonzeros(const T *x, size_t rows, size_t inputs) {
    const size_t step = std::max<size_t>(1, rows / looked_at);
    size_t nonzero = 0, seen = 0;
    for (size_t r = 0; r < rows; r += step, seen += inputs)
        for (size_t k = 0; k < inputs; ++k)
            nonzero += x[r * inputs + k] != T(0);
    return seen ? double(nonzero) / double(seen) : 1.0;
}

} // namespace

template <class T> void Rows<T>::prepare(const Kernels<T> &kernels) {
    if (!x)
        return;
    const double share = share_of_nonzeros(x, count, inputs);
    const double bytes =
        share * double(count) * double(inputs) * (sizeof(T) + sizeof(int32_t));
    if (share < sparse_below && bytes <= double(most_list_bytes))
        list(kernels, share);
}

template <class T> void Rows<T>::list(const Kernels<T> &kernels, double share) {
    const size_t room = size_t(1.05 * share * double(count) * double(inputs)) + inputs;
    starts_.resize(count + 1);
    values_.reserve(room);
    columns_.reserve(room);
    size_t used = 0;
    for (size_t r = 0; r < count; ++r) {
        if (used + inputs > values_.size()) {
            values_.resize(std::max(used + inputs, std::min(room, used + 64 * inputs)));
            columns_.resize(values_.size());
        }
        used += kernels.compress(inputs, x + r * inputs, &values_[used],
                                 &columns_[used]);
        starts_[r + 1] = int64_t(used);
    }
    lists = {values_.data(), columns_.data(), starts_.data(), nullptr};
}

template <class T> void Rows<T>::enter() {
    std::lock_guard lock(entering_);
    if (!entries_.empty())
        return;
    const unsigned shift = columns_shift(inputs);
    pieces_ = column_pieces(inputs);
    Buffer<int32_t> entries(count * (pieces_ + 1));
    for (size_t r = 0; r < count; ++r) {
        int32_t *entry = &entries[r * (pieces_ + 1)];
        for (int64_t e = lists.starts[r]; e < lists.starts[r + 1]; ++e)
            ++entry[(lists.columns[e] >> shift) + 1];
        for (size_t c = 0; c < pieces_; ++c)
            entry[c + 1] += entry[c];
    }
    entries_ = std::move(entries);
}

template class Rows<float>;
template class Rows<double>;

} // namespace pellucid
