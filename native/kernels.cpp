// The kernels, compiled once per target. See kernels.hpp for the contract.

#include "kernels.hpp"
#include "elementary.hpp"
#include "simd.hpp"

#include "activations.hpp"
#include "costs.hpp"
#include "optimizers.hpp"
#include "products.hpp"

namespace pellucid {
namespace PELLUCID_TARGET {
namespace {

// ---- layouts -------------------------------------------------------------------

#if defined(__AVX512F__)
// 16 by 16 numbers: pairs, fours, then quarters of the vectors change places.
inline void transpose_block(const float *in, size_t in_ld, float *out, size_t out_ld) {
    __m512 r[16], t[16];
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i)
        r[i] = _mm512_loadu_ps(in + size_t(i) * in_ld);
#pragma GCC unroll 8
    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 16; i += 4)
        for (int h = 0; h < 2; ++h) {
            const __m512d a = _mm512_castps_pd(t[i + h]);
            const __m512d b = _mm512_castps_pd(t[i + 2 + h]);
            r[i + 2 * h] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, b));
            r[i + 2 * h + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, b));
        }
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
        const __m512 ab0 = _mm512_shuffle_f32x4(r[i], r[4 + i], 0x88);
        const __m512 ab1 = _mm512_shuffle_f32x4(r[i], r[4 + i], 0xdd);
        const __m512 cd0 = _mm512_shuffle_f32x4(r[8 + i], r[12 + i], 0x88);
        const __m512 cd1 = _mm512_shuffle_f32x4(r[8 + i], r[12 + i], 0xdd);
        t[i] = _mm512_shuffle_f32x4(ab0, cd0, 0x88);
        t[4 + i] = _mm512_shuffle_f32x4(ab1, cd1, 0x88);
        t[8 + i] = _mm512_shuffle_f32x4(ab0, cd0, 0xdd);
        t[12 + i] = _mm512_shuffle_f32x4(ab1, cd1, 0xdd);
    }
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i)
        _mm512_storeu_ps(out + size_t(i) * out_ld, t[i]);
}
#endif

// In blocks that stay in the nearest cache.
template <class T>
void transpose(size_t M, size_t N, const T *in, size_t in_ld, T *out, size_t out_ld) {
    constexpr size_t block = 16;
    for (size_t i0 = 0; i0 < M; i0 += block)
        for (size_t j0 = 0; j0 < N; j0 += block) {
            const size_t i1 = i0 + block < M ? i0 + block : M;
            const size_t j1 = j0 + block < N ? j0 + block : N;
#if defined(__AVX512F__)
            if constexpr (sizeof(T) == sizeof(float))
                if (i1 - i0 == block && j1 - j0 == block) {
                    transpose_block(in + i0 * in_ld + j0, in_ld, out + j0 * out_ld + i0,
                                    out_ld);
                    continue;
                }
#endif
            for (size_t j = j0; j < j1; ++j)
                for (size_t i = i0; i < i1; ++i)
                    out[j * out_ld + i] = in[i * in_ld + j];
        }
}

template <class T>
size_t compress(size_t n, const T *row, T *values, int32_t *columns) {
    size_t count = 0, k = 0;
#if defined(__AVX512F__)
    constexpr size_t lanes = 16; // in registers: to memory, Zen 4 does it by microcode
    if constexpr (sizeof(T) == 4) {
        const __m512i step = _mm512_set1_epi32(int(lanes));
        __m512i column =
            _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
        for (; k + lanes <= n; k += lanes) {
            const __m512 v = _mm512_loadu_ps(reinterpret_cast<const float *>(row + k));
            const __mmask16 is =
                _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_NEQ_UQ);
            _mm512_storeu_ps(reinterpret_cast<float *>(values + count),
                             _mm512_maskz_compress_ps(is, v));
            _mm512_storeu_si512(columns + count,
                                _mm512_maskz_compress_epi32(is, column));
            count += size_t(__builtin_popcount(is));
            column = _mm512_add_epi32(column, step);
        }
    }
#endif
    for (; k < n; ++k) { // without a branch: pixels are hard to predict
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
    const T count = T(m), inverse = T(1) / count, one = T(l1), two = T(l2);
    const bool exact = (uint64_t(m) & (uint64_t(m) - 1)) == 0; // a power of two
    if (exact)
        for (size_t i = 0; i < weights + biases; ++i)
            nabla[i] = nabla[i] * inverse;
    else
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

template <class T> double peak(size_t times) {
    using V = Vec<T>;
    V chain[2 * tile_rows];
    for (V &each : chain)
        each = V::broadcast(T(1));
    const V a = V::broadcast(T(0.5)), b = V::broadcast(T(0.25));
    for (size_t i = 0; i < times; ++i)
#pragma GCC unroll 32
        for (V &each : chain)
            each = fma(a, each, b);
    V sum = V::zero();
    for (V &each : chain)
        sum = sum + each;
    T lanes[V::lanes];
    sum.store(lanes);
    return double(lanes[0]);
}

template <class T> constexpr Kernels<T> table(const char *target) {
    return {target,
            2 * tile_rows * Vec<T>::lanes,
            product<T>,
            sparse_product<T>,
            scatter_gradient<T>,
            turned_product<T>,
            sparse_gradient<T>,
            column_sums<T>,
            transpose<T>,
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
            peak<T>,
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
