#include "rows.hpp"

#include <algorithm>

namespace pellucid {
namespace {

constexpr size_t looked_at = 512; // rows from which the share of zeros is estimated

// Lists of a dense x may take so many bytes more; beyond, it stays dense.
constexpr size_t most_list_bytes = size_t(1) << 30;

// What is found in some of the rows: the share of all inputs that are not zero, and of
// these the share that do not join the one before in a pair of neighbours.
struct Shares {
    double nonzeros = 1, pairs = 1;
};

// `each(r, f)` calls f(column) for the non-zeros of row r, ascending.
template <class Each> Shares shares(size_t rows, size_t inputs, const Each &each) {
    const size_t step = std::max<size_t>(1, rows / looked_at);
    size_t nonzeros = 0, pairs = 0, seen = 0;
    for (size_t r = 0; r < rows; r += step, seen += inputs) {
        size_t last = inputs;
        each(r, [&](size_t column) {
            ++nonzeros;
            pairs += column / 2 != last;
            last = column / 2;
        });
    }
    if (nonzeros == 0)
        return {seen ? 0.0 : 1.0, 1.0};
    return {double(nonzeros) / double(seen), double(pairs) / double(nonzeros)};
}

} // namespace

template <class T> void Rows<T>::prepare(const Kernels<T> &kernels) {
    const SparseRows<T> given = lists;
    const Shares found = shares(count, inputs, [&](size_t r, const auto &f) {
        for (size_t k = 0; x && k < inputs; ++k)
            if (x[r * inputs + k] != T(0))
                f(k);
        for (int64_t e = x ? 0 : given.begin(r); !x && e < given.end(r); ++e)
            f(size_t(given.wide[e]));
    });
    const double numbers = found.nonzeros * double(count) * double(inputs);
    if (x && (found.nonzeros >= sparse_below ||
              numbers * sizeof(T) > double(most_list_bytes)))
        return;
    Buffer<T> values(x ? inputs : 0);
    Buffer<int32_t> columns(x ? inputs : 0);
    using Form = typename Lists<T>::Form;
    for (const Form form : {Form::pairs, Form::codes, Form::narrow, Form::wide}) {
        if ((form == Form::pairs && found.pairs > paired_below) ||
            (form != Form::wide && inputs > 65536))
            continue;
        own_ = std::make_unique<Lists<T>>(form, count, size_t(1.05 * numbers) + inputs);
        bool fits = true;
        for (size_t r = 0; fits && r < count; ++r)
            if (x) {
                const size_t length = kernels.compress(inputs, x + r * inputs,
                                                       values.data(), columns.data());
                fits = own_->append(length, values.data(), columns.data());
            } else {
                const int64_t begin = given.begin(r);
                fits = own_->append(size_t(given.end(r) - begin), given.values + begin,
                                    given.wide + begin);
            }
        if (fits)
            break;
    }
    lists = own_->view();
}

template <class T> void Rows<T>::fetch(size_t row) const {
#if defined(__GNUC__)
    constexpr size_t line = 64, most = 512; // longer rows are followed by the hardware
    const auto want = [](const void *from, size_t size) {
        const char *start = static_cast<const char *>(from);
        for (size_t at = 0; at < size; at += line)
            __builtin_prefetch(start + at);
    };
    want(y + row * outputs, outputs * sizeof(T));
    if (lists.starts) {
        const int64_t begin = lists.starts[row];
        const size_t length = size_t(lists.starts[row + 1] - begin);
        if (lists.narrow)
            want(lists.narrow + begin, length * sizeof(uint16_t));
        else
            want(lists.wide + begin, length * sizeof(int32_t));
        if (lists.codes)
            want(lists.codes + (lists.pairs ? 2 * begin : begin),
                 lists.pairs ? 2 * length : length);
        else
            want(lists.values + begin, length * sizeof(T));
    } else {
        want(x + row * inputs, std::min(inputs * sizeof(T), most));
    }
    __asm__ volatile(""); // or GCC finds that nothing here has an effect
#else
    (void)row;
#endif
}

template class Rows<float>;
template class Rows<double>;

} // namespace pellucid
