#include "rows.hpp"

#include <algorithm>
#include <cstring>

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

uint32_t hash(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits * 0x9E3779B1u >> 22;
}
uint32_t hash(double value) {
    uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return uint32_t(bits * 0x9E3779B97F4A7C15u >> 54);
}

} // namespace

template <class T> Codebook<T>::Codebook() {
    std::fill(std::begin(found_), std::end(found_), int16_t(0));
}

template <class T> int Codebook<T>::code(T value) {
    for (uint32_t place = hash(value);; ++place) {
        int16_t &found = found_[place & 1023];
        if (found == 0) {
            if (size_ == 256)
                return -1;
            table_[size_++] = value;
            found = int16_t(size_);
        }
        if (std::memcmp(&table_[found - 1], &value, sizeof value) == 0)
            return found - 1;
    }
}

template <class T> void Rows<T>::prepare(const Kernels<T> &kernels) {
    const SparseRows<T> given = lists;
    starts_.assign(count + 1, 0);
    if (x) {
        const double share = share_of_nonzeros(x, count, inputs);
        const double numbers = share * double(count) * double(inputs);
        if (share >= sparse_below || numbers * sizeof(T) > double(most_list_bytes))
            return;
        reserve(size_t(1.05 * numbers) + inputs);
        Buffer<T> values(inputs);
        Buffer<int32_t> columns(inputs);
        for (size_t r = 0; r < count; ++r) {
            const size_t length =
                kernels.compress(inputs, x + r * inputs, values.data(), columns.data());
            append(r, length, values.data(), columns.data());
        }
    } else {
        reserve(size_t(given.starts[count]));
        for (size_t r = 0; r < count; ++r)
            append(r, size_t(given.end(r) - given.begin(r)),
                   given.values + given.begin(r), given.wide + given.begin(r));
    }
    lists = {};
    lists.values = coded_ ? book_.table() : values_.data();
    lists.codes = coded_ ? codes_.data() : nullptr;
    lists.narrow = inputs <= 65536 ? narrow_.data() : nullptr;
    lists.wide = inputs <= 65536 ? nullptr : wide_.data();
    lists.starts = starts_.data();
}

template <class T> void Rows<T>::reserve(size_t numbers) {
    coded_ = inputs <= 65536;
    if (coded_)
        narrow_.reserve(numbers), codes_.reserve(numbers);
    else
        wide_.reserve(numbers), values_.reserve(numbers);
}

template <class T>
void Rows<T>::append(size_t row, size_t length, const T *values,
                     const int32_t *columns) {
    const size_t end = used_ + length;
    if (inputs <= 65536) {
        narrow_.resize(end);
        std::copy_n(columns, length, narrow_.begin() + std::ptrdiff_t(used_));
    } else {
        wide_.insert(wide_.end(), columns, columns + length);
    }
    for (size_t i = 0; coded_ && i < length; ++i) {
        const int code = book_.code(values[i]);
        if (code < 0)
            spell_out();
        else
            codes_.push_back(uint8_t(code));
    }
    if (!coded_)
        values_.insert(values_.end(), values + (values_.size() - used_),
                       values + length);
    used_ = end;
    starts_[row + 1] = int64_t(end);
}

// One value too many: from now on, and for all before, the values themselves.
template <class T> void Rows<T>::spell_out() {
    coded_ = false;
    values_.reserve(narrow_.capacity());
    for (const uint8_t code : codes_)
        values_.push_back(book_.table()[code]);
    codes_ = {};
}

template <class T> SparseRows<T> Rows<T>::entered() {
    std::lock_guard lock(entering_);
    if (lists.entries)
        return lists;
    const unsigned shift = columns_shift(inputs);
    const size_t pieces = column_pieces(inputs);
    entries_.assign(count * (pieces + 1), 0);
    lists.read([&](auto column, auto) {
        for (size_t r = 0; r < count; ++r) {
            int32_t *entry = &entries_[r * (pieces + 1)];
            for (int64_t e = lists.starts[r]; e < lists.starts[r + 1]; ++e)
                ++entry[(column(e) >> shift) + 1];
            for (size_t c = 0; c < pieces; ++c)
                entry[c + 1] += entry[c];
        }
    });
    lists.shift = shift;
    lists.pieces = pieces;
    lists.entries = entries_.data();
    return lists;
}

template class Codebook<float>;
template class Codebook<double>;
template class Rows<float>;
template class Rows<double>;

} // namespace pellucid
