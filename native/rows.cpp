#include "rows.hpp"

#include <algorithm>

#include "pool.hpp"

namespace pellucid {
namespace {

constexpr size_t looked_at = 512; // rows from which the share of zeros is estimated

// Fewer rows are listed sooner than a thread begins.
constexpr size_t parallel_rows = 4096;

// Lists of a dense x may take so many bytes more; beyond, it stays dense.
constexpr size_t most_list_bytes = size_t(1) << 30;

// Columns that two bytes can number.
constexpr size_t most_narrow = 65536;

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

template <class T> void Rows<T>::prepare(const Kernels<T> &kernels, size_t threads) {
    const SparseRows<T> given = lists;
    const Shares found = shares(count, inputs, [&](size_t r, const auto &f) {
        for (size_t k = 0; !given.starts && k < inputs; ++k)
            if (pixels ? pixels[r * inputs + k] != 0 : x[r * inputs + k] != T(0))
                f(k);
        for (int64_t e = 0; given.starts && e < given.end(r) - given.begin(r); ++e)
            f(size_t(given.wide[given.begin(r) + e]));
    });
    const double numbers = found.nonzeros * double(count) * double(inputs);
    if (!given.starts && (found.nonzeros >= sparse_below ||
                          numbers * sizeof(T) > double(most_list_bytes)))
        return;
    if (pixels && inputs > most_narrow) // bytes have no wide lists
        return;
    for (const Form form : {Form::pairs, Form::codes, Form::narrow, Form::wide})
        if ((form != Form::pairs || found.pairs <= paired_below) &&
            (form == Form::wide || inputs <= most_narrow) &&
            list(form, given, kernels, found.nonzeros, threads))
            return;
}

// Lists of this form in own_; false if the form can't hold the rows.
template <class T>
bool Rows<T>::list(Form form, const SparseRows<T> &given, const Kernels<T> &kernels,
                   double density, size_t threads) {
    Team team(count < parallel_rows ? 1 : threads);
    const size_t count_of_parts = team.size() > 1 ? 4 * team.size() : 1;
    std::vector<std::unique_ptr<Lists<T>>> parts(count_of_parts);
    team.each(count_of_parts, [&](size_t number, size_t) {
        parts[number] =
            part(form, given, kernels, density, number * count / count_of_parts,
                 (number + 1) * count / count_of_parts);
    });
    for (const auto &each : parts)
        if (!each)
            return false;
    own_ = parts.size() == 1 ? std::move(parts[0]) : Lists<T>::join(parts);
    if (own_)
        lists = own_->view();
    return own_ != nullptr;
}

template <class T>
std::unique_ptr<Lists<T>> Rows<T>::part(Form form, const SparseRows<T> &given,
                                        const Kernels<T> &kernels, double density,
                                        size_t first, size_t end) const {
    const double numbers = 1.05 * density * double(end - first) * double(inputs);
    auto made =
        std::make_unique<Lists<T>>(form, end - first, size_t(numbers) + inputs,
                                   pixels ? Codebook<T>::pixels() : Codebook<T>());
    Buffer<T> values(x ? inputs : 0);
    Buffer<int32_t> columns(x ? inputs : 0);
    bool fits = true;
    for (size_t r = first; fits && r < end; ++r)
        if (pixels) {
            made->append(inputs, pixels + r * inputs);
        } else if (x) {
            const size_t length =
                kernels.compress(inputs, x + r * inputs, values.data(), columns.data());
            fits = made->append(length, values.data(), columns.data());
        } else {
            const int64_t begin = given.begin(r);
            fits = made->append(size_t(given.end(r) - begin), given.values + begin,
                                given.wide + begin);
        }
    return fits ? std::move(made) : nullptr;
}

template <class T> void Rows<T>::read(size_t row, T *to) const {
    if (pixels)
        for (size_t k = 0; k < inputs; ++k)
            to[k] = T(pixels[row * inputs + k]) / T(255);
    else
        std::copy_n(x + row * inputs, inputs, to);
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
        const size_t bytes = inputs * (pixels ? 1 : sizeof(T)), at = row * inputs;
        want(pixels ? (const void *)(pixels + at) : x + at, std::min(bytes, most));
    }
    __asm__ volatile(""); // or GCC finds that nothing here has an effect
#else
    (void)row;
#endif
}

template class Rows<float>;
template class Rows<double>;

} // namespace pellucid
