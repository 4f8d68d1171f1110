// The kernels, compiled once per target. See kernels.hpp for the contract.

#include "kernels.hpp"
#include "elementary.hpp"
#include "simd.hpp"

#include "activations.hpp"
#include "costs.hpp"
#include "optimizers.hpp"

namespace pellucid {
namespace PELLUCID_TARGET {
namespace {

// ---- products ------------------------------------------------------------------

// R rows by C vectors of the output, all chains in registers.
template <class T, size_t R, size_t C>
void product_tile(size_t ld, size_t K, const T *a, size_t row_stride, size_t k_stride,
                  const T *w, bool onto, T *out) {
    using V = Vec<T>;
    V acc[R][C];
    for (size_t r = 0; r < R; ++r)
        for (size_t c = 0; c < C; ++c)
            acc[r][c] = onto ? V::load(out + r * ld + c * V::lanes) : V::zero();
    for (size_t k = 0; k < K; ++k) {
        V row[C];
        for (size_t c = 0; c < C; ++c)
            row[c] = V::load(w + k * ld + c * V::lanes);
        for (size_t r = 0; r < R; ++r) {
            const V s = V::broadcast(a[r * row_stride + k * k_stride]);
            for (size_t c = 0; c < C; ++c)
                acc[r][c] = fma(s, row[c], acc[r][c]);
        }
    }
    for (size_t r = 0; r < R; ++r)
        for (size_t c = 0; c < C; ++c)
            acc[r][c].store(out + r * ld + c * V::lanes);
}

template <class T>
void product(size_t M, size_t ld, size_t K, const T *a, size_t row_stride,
             size_t k_stride, const T *w, bool onto, T *out) {
    constexpr size_t R = 4, C = 2, width = C * Vec<T>::lanes;
    static_assert(Kernels<T>::padding % width == 0, "the padding must fit the tiles");
    for (size_t j = 0; j < ld; j += width) {
        size_t i = 0;
        for (; i + R <= M; i += R)
            product_tile<T, R, C>(ld, K, a + i * row_stride, row_stride, k_stride,
                                  w + j, onto, out + i * ld + j);
        for (; i < M; ++i)
            product_tile<T, 1, C>(ld, K, a + i * row_stride, row_stride, k_stride,
                                  w + j, onto, out + i * ld + j);
    }
}

template <class T, size_t C>
void sparse_product_tile(size_t M, size_t ld, SparseRows<T> a, const T *w, T *out) {
    using V = Vec<T>;
    for (size_t i = 0; i < M; ++i) {
        V acc[C];
        for (size_t c = 0; c < C; ++c)
            acc[c] = V::zero();
        for (int64_t e = a.starts[i]; e < a.starts[i + 1]; ++e) {
            const V s = V::broadcast(a.values[e]);
            const T *row = w + size_t(a.columns[e]) * ld;
            for (size_t c = 0; c < C; ++c)
                acc[c] = fma(s, V::load(row + c * V::lanes), acc[c]);
        }
        for (size_t c = 0; c < C; ++c)
            acc[c].store(out + i * ld + c * V::lanes);
    }
}

template <class T>
void sparse_product(size_t M, size_t ld, SparseRows<T> a, const T *w, T *out) {
    constexpr size_t narrow = 2 * Vec<T>::lanes, wide = 2 * narrow;
    size_t j = 0;
    for (; j + wide <= ld; j += wide)
        sparse_product_tile<T, 4>(M, ld, a, w + j, out + j);
    for (; j < ld; j += narrow)
        sparse_product_tile<T, 2>(M, ld, a, w + j, out + j);
}

template <class T>
void sparse_gradient(size_t M, size_t ld, SparseRows<T> a, const T *delta, T *nabla) {
    using V = Vec<T>;
    for (size_t i = 0; i < M; ++i) {
        const T *error = delta + i * ld;
        for (int64_t e = a.starts[i]; e < a.starts[i + 1]; ++e) {
            const V s = V::broadcast(a.values[e]);
            T *row = nabla + size_t(a.columns[e]) * ld;
            for (size_t j = 0; j < ld; j += V::lanes)
                fma(s, V::load(error + j), V::load(row + j)).store(row + j);
        }
    }
}

template <class T> void add_bias(size_t M, size_t ld, const T *bias, T *z) {
    using V = Vec<T>;
    for (size_t i = 0; i < M; ++i)
        for (size_t j = 0; j < ld; j += V::lanes)
            (V::load(z + i * ld + j) + V::load(bias + j)).store(z + i * ld + j);
}

template <class T> void column_sums(size_t M, size_t ld, const T *delta, T *out) {
    using V = Vec<T>;
    for (size_t j = 0; j < ld; j += V::lanes) {
        V sum = V::load(out + j);
        for (size_t i = 0; i < M; ++i)
            sum = sum + V::load(delta + i * ld + j);
        sum.store(out + j);
    }
}

template <class T>
size_t compress(size_t n, const T *row, T *values, int32_t *columns) {
    size_t count = 0;
    for (size_t k = 0; k < n; ++k) { // without a branch: pixels are hard to predict
        values[count] = row[k];
        columns[count] = int32_t(k);
        count += row[k] != T(0);
    }
    return count;
}

// ---- gradients -----------------------------------------------------------------

template <class T>
void mean_and_penalty(size_t weights, size_t biases, double m, double l1, double l2,
                      const T *theta, T *nabla) {
    const T count = T(m), one = T(l1), two = T(l2);
    for (size_t i = 0; i < weights + biases; ++i)
        nabla[i] = nabla[i] / count;
    if (l2 != 0)
        for (size_t i = 0; i < weights; ++i)
            nabla[i] += two * theta[i];
    if (l1 != 0)
        for (size_t i = 0; i < weights; ++i)
            nabla[i] += one * sign(theta[i]);
}

// In eight lanes, whatever the vectors of the target; then the lanes in order. `count`
// is a multiple of the padding.
template <class T, class F> double sum_in_lanes(size_t count, const T *w, F f) {
    double lanes[8] = {}, sum = 0;
    for (size_t i = 0; i < count; i += 8)
        for (size_t lane = 0; lane < 8; ++lane)
            lanes[lane] += f(double(w[i + lane]));
    for (size_t lane = 0; lane < 8; ++lane)
        sum += lanes[lane];
    return sum;
}

template <class T> double sum_of_squares(size_t count, const T *w) {
    return sum_in_lanes(count, w, [](double v) { return v * v; });
}

template <class T> double sum_of_absolutes(size_t count, const T *w) {
    return sum_in_lanes(count, w, [](double v) { return v < 0 ? -v : v; });
}

template <class T> void scale(size_t count, double factor, T *nabla) {
    const T f = T(factor);
    for (size_t i = 0; i < count; ++i)
        nabla[i] *= f;
}

// ---- for the tests of the elementary functions ------------------------------------

bool same(const char *a, const char *b) {
    while (*a && *a == *b)
        ++a, ++b;
    return *a == *b;
}

template <class T> bool elementary(const char *name, size_t count, const T *x, T *out) {
#define PELLUCID_ELEMENTARY(function)                                                  \
    if (same(name, #function)) {                                                       \
        for (size_t i = 0; i < count; ++i)                                             \
            out[i] = function(x[i]);                                                   \
        return true;                                                                   \
    }
    PELLUCID_ELEMENTARY(exp)
    PELLUCID_ELEMENTARY(expm1)
    PELLUCID_ELEMENTARY(log)
    PELLUCID_ELEMENTARY(log1p)
    PELLUCID_ELEMENTARY(sigmoid)
    PELLUCID_ELEMENTARY(tanh)
    PELLUCID_ELEMENTARY(softplus)
    PELLUCID_ELEMENTARY(normal_cdf)
    PELLUCID_ELEMENTARY(normal_pdf)
#undef PELLUCID_ELEMENTARY
    return false;
}

template <class T> constexpr Kernels<T> table(const char *target) {
    return {target,
            product<T>,
            sparse_product<T>,
            add_bias<T>,
            sparse_gradient<T>,
            column_sums<T>,
            compress<T>,
            activate<T>,
            times_prime<T>,
            times_mask<T>,
            cost_and_delta<T>,
            mean_and_penalty<T>,
            sum_of_squares<T>,
            sum_of_absolutes<T>,
            scale<T>,
            update<T>,
            elementary<T>};
}

} // namespace
} // namespace PELLUCID_TARGET

#define PELLUCID_TABLE_NAME(target) PELLUCID_TABLE_NAME_(target)
#define PELLUCID_TABLE_NAME_(target) kernels_##target
#define PELLUCID_TEXT(target) PELLUCID_TEXT_(target)
#define PELLUCID_TEXT_(target) #target

template <> const Kernels<float> &PELLUCID_TABLE_NAME(PELLUCID_TARGET)<float>() {
    static constexpr Kernels<float> kernels =
        PELLUCID_TARGET::table<float>(PELLUCID_TEXT(PELLUCID_TARGET));
    return kernels;
}
template <> const Kernels<double> &PELLUCID_TABLE_NAME(PELLUCID_TARGET)<double>() {
    static constexpr Kernels<double> kernels =
        PELLUCID_TARGET::table<double>(PELLUCID_TEXT(PELLUCID_TARGET));
    return kernels;
}

} // namespace pellucid
