#include "lists.hpp"

#include <cstring>

namespace pellucid {
namespace {

uint32_t bits(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}
uint64_t bits(double value) {
    uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}
uint32_t hash(float value) { return bits(value) * 0x9E3779B1u >> 22; }
uint32_t hash(double value) {
    return uint32_t(bits(value) * 0x9E3779B97F4A7C15u >> 54);
}

} // namespace

template <class T> Codebook<T> Codebook<T>::pixels() {
    Codebook book;
    for (int k = 1; k < 256; ++k)
        book.code(T(k) / T(255)); // they get their codes in turn
    return book;
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
        if (bits(table_[found - 1]) == bits(value))
            return found - 1;
    }
}

template <class T>
Lists<T>::Lists(Form form, size_t rows, size_t numbers, const Codebook<T> &book)
    : form_(form), book_(book) {
    starts_.reserve(rows + 1);
    starts_.push_back(0);
    if (form == Form::wide)
        wide_.reserve(numbers);
    else
        narrow_.reserve(numbers);
    if (form == Form::pairs || form == Form::codes)
        codes_.reserve(numbers);
    else
        values_.reserve(numbers);
}

template <class T>
bool Lists<T>::append(size_t length, const T *values, const int32_t *columns) {
    if (form_ == Form::pairs)
        return append_pairs(length, values, columns);
    if (form_ == Form::wide)
        wide_.insert(wide_.end(), columns, columns + length);
    else
        narrow_.insert(narrow_.end(), columns, columns + length);
    if (form_ != Form::codes)
        values_.insert(values_.end(), values, values + length);
    for (size_t i = 0; form_ == Form::codes && i < length; ++i) {
        const int code = book_.code(values[i]);
        if (code < 0)
            return false;
        codes_.push_back(uint8_t(code));
    }
    starts_.push_back(starts_.back() + int64_t(length));
    return true;
}

template <class T>
bool Lists<T>::append_pairs(size_t length, const T *values, const int32_t *columns) {
    size_t at = narrow_.size();
    narrow_.resize(at + length); // at most
    codes_.resize(2 * (at + length));
    int32_t last = -1;
    for (size_t i = 0; i < length; ++i) {
        const int32_t pair = columns[i] / 2, second = columns[i] % 2;
        const int code = book_.code(values[i]);
        if (code < 0)
            return false;
        at += pair != last;
        narrow_[at - 1] = uint16_t(pair);
        codes_[2 * (at - 1) + size_t(second)] = uint8_t(code); // the other: zero, 0
        last = pair;
    }
    narrow_.resize(at);
    codes_.resize(2 * at);
    starts_.push_back(int64_t(at));
    return true;
}

// Without branches, as dark and light are hard to predict.
template <class T> void Lists<T>::append(size_t inputs, const uint8_t *pixels) {
    const size_t group = form_ == Form::pairs ? 2 : 1, at = narrow_.size();
    narrow_.resize(at + inputs); // at most
    codes_.resize(group * (at + inputs));
    uint16_t *column = &narrow_[at];
    uint8_t *code = &codes_[group * at];
    size_t end = 0;
    const auto keep = [&](size_t k, uint8_t one, uint8_t two) {
        column[end] = uint16_t(k);
        code[2 * end] = one;
        code[2 * end + 1] = two;
        end += (one | two) != 0;
    };
    if (group == 2) {
        for (size_t k = 0; k < inputs / 2; ++k)
            keep(k, pixels[2 * k], pixels[2 * k + 1]);
        if (inputs % 2)
            keep(inputs / 2, pixels[inputs - 1], 0);
    } else {
        for (size_t k = 0; k < inputs; ++k) {
            column[end] = uint16_t(k);
            code[end] = pixels[k];
            end += pixels[k] != 0;
        }
    }
    narrow_.resize(at + end);
    codes_.resize(group * (at + end));
    starts_.push_back(int64_t(at + end));
}

namespace {

template <class V> void add(V &all, const V &more) {
    all.insert(all.end(), more.begin(), more.end());
}

} // namespace

template <class T>
std::unique_ptr<Lists<T>>
Lists<T>::join(const std::vector<std::unique_ptr<Lists>> &parts) {
    const Lists &first = *parts[0];
    size_t rows = 0, numbers = 0, codes = 0;
    for (const auto &part : parts) {
        rows += part->starts_.size() - 1;
        numbers += size_t(part->starts_.back());
        codes += part->codes_.size();
    }
    auto all = std::make_unique<Lists>(first.form_, rows, numbers);
    all->codes_.reserve(codes);
    all->book_ = first.book_;
    for (const auto &part : parts) {
        uint8_t same[256];
        for (size_t code = 0; code < part->book_.size(); ++code) {
            const int known = all->book_.code(part->book_.table()[code]);
            if (known < 0)
                return nullptr;
            same[code] = uint8_t(known);
        }
        const int64_t before = all->starts_.back();
        for (size_t r = 1; r < part->starts_.size(); ++r)
            all->starts_.push_back(before + part->starts_[r]);
        const size_t at = all->codes_.size();
        add(all->codes_, part->codes_);
        for (size_t i = at; i < all->codes_.size(); ++i)
            all->codes_[i] = same[all->codes_[i]];
        add(all->values_, part->values_);
        add(all->narrow_, part->narrow_);
        add(all->wide_, part->wide_);
    }
    return all;
}

template <class T> SparseRows<T> Lists<T>::view() const {
    const bool coded = form_ == Form::pairs || form_ == Form::codes;
    SparseRows<T> lists;
    lists.values = coded ? book_.table() : values_.data();
    lists.codes = coded ? codes_.data() : nullptr;
    lists.narrow = form_ == Form::wide ? nullptr : narrow_.data();
    lists.wide = form_ == Form::wide ? wide_.data() : nullptr;
    lists.starts = starts_.data();
    lists.pairs = form_ == Form::pairs;
    return lists;
}

template class Codebook<float>;
template class Codebook<double>;
template class Lists<float>;
template class Lists<double>;

} // namespace pellucid
