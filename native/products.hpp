// Products of matrices, dense and sparse: where nearly all of a training's time goes.
//
// Every chain lives in a register from its first multiply-add to its last, so the
// order of a tile's loops is free and the bits are not touched by it.
#pragma once

#include "kernels.hpp"
#include "simd.hpp"

namespace pellucid {
namespace PELLUCID_TARGET {
namespace {

// ---- dense ---------------------------------------------------------------------

// R rows by C vectors of the output. With `Across`, the rows of a tile lie side by side
// in a (row_stride is 1): a transposed matrix.
template <class T, size_t R, size_t C, bool Across>
void product_tile(const Product<T> &p, const T *a, const T *w, const T *bias, T *out) {
    using V = Vec<T>;
    const size_t row_stride = Across ? 1 : p.row_stride;
    V chain[R][C];
#pragma GCC unroll 16
    for (size_t r = 0; r < R; ++r)
#pragma GCC unroll 4
        for (size_t c = 0; c < C; ++c)
            chain[r][c] =
                p.onto ? V::load(out + r * p.out_ld + c * V::lanes) : V::zero();
    const T *rows[R];
#pragma GCC unroll 16
    for (size_t r = 0; r < R; ++r)
        rows[r] = a + r * row_stride;
    const size_t k_stride = Across ? p.k_stride : 1;
    for (size_t k = 0; k < p.K; ++k) {
        V row[C];
#pragma GCC unroll 4
        for (size_t c = 0; c < C; ++c)
            row[c] = V::load(w + c * V::lanes);
#pragma GCC unroll 16
        for (size_t r = 0; r < R; ++r) {
            const V s = V::broadcast(Across ? a[r] : rows[r][k]);
#pragma GCC unroll 4
            for (size_t c = 0; c < C; ++c)
                chain[r][c] = fma(s, row[c], chain[r][c]);
        }
        w += p.w_ld;
        if (Across)
            a += k_stride;
    }
    if (bias) {
#pragma GCC unroll 16
        for (size_t r = 0; r < R; ++r)
#pragma GCC unroll 4
            for (size_t c = 0; c < C; ++c)
                chain[r][c] = chain[r][c] + V::load(bias + c * V::lanes);
    }
#pragma GCC unroll 16
    for (size_t r = 0; r < R; ++r)
#pragma GCC unroll 4
        for (size_t c = 0; c < C; ++c)
            chain[r][c].store(out + r * p.out_ld + c * V::lanes);
}

// Calls product_tile with R = rows, which is at most tile_rows.
template <class T, size_t R, size_t C, bool Across>
void tile_of(size_t rows, const Product<T> &p, const T *a, const T *w, const T *bias,
             T *out) {
    if (rows == R)
        product_tile<T, R, C, Across>(p, a, w, bias, out);
    else if constexpr (R > 1)
        tile_of<T, R - 1, C, Across>(rows, p, a, w, bias, out);
}

template <class T, size_t C, bool Across>
void product_columns(const Product<T> &p, size_t j) {
    // Tiles of nearly equal height: a last one of one row would be slow.
    const size_t tiles = (p.M + tile_rows - 1) / tile_rows;
    for (size_t t = 0; t < tiles; ++t) {
        const size_t i = t * p.M / tiles, end = (t + 1) * p.M / tiles;
        tile_of<T, tile_rows, C, Across>(end - i, p, p.a + i * p.row_stride, p.w + j,
                                         p.bias ? p.bias + j : nullptr,
                                         p.out + i * p.out_ld + j);
    }
}

template <class T, bool Across> void product_any(const Product<T> &p) {
    constexpr size_t lanes = Vec<T>::lanes;
    size_t j = 0;
    for (; j + 2 * lanes <= p.N; j += 2 * lanes)
        product_columns<T, 2, Across>(p, j);
    if (j < p.N)
        product_columns<T, 1, Across>(p, j);
}

template <class T> void product(const Product<T> &p) {
    if (p.row_stride == 1)
        product_any<T, true>(p);
    else
        product_any<T, false>(p);
}

// ---- sparse --------------------------------------------------------------------

// The chains of C vectors, on with the G inputs of an entry; their rows of w are `ld`
// apart. A pair may have a zero, which changes nothing; and behind an odd last input
// lies the row of the biases.
template <class T, size_t C, size_t G, class Value>
inline void follow(Vec<T> (&chain)[C], Value value, const T *w, size_t ld) {
    using V = Vec<T>;
#pragma GCC unroll 2
    for (size_t g = 0; g < G; ++g) {
        const V s = V::broadcast(value(g));
#pragma GCC unroll 8
        for (size_t c = 0; c < C; ++c)
            chain[c] = fma(s, V::load(w + g * ld + c * V::lanes), chain[c]);
    }
}

template <class T, size_t C>
inline void finish(Vec<T> (&chain)[C], const T *bias, T *out) {
    using V = Vec<T>;
#pragma GCC unroll 8
    for (size_t c = 0; c < C; ++c)
        (chain[c] + V::load(bias + c * V::lanes)).store(out + c * V::lanes);
}

// Two rows at a time, since one chain alone would wait for itself.
template <class T, size_t C, size_t G, class Column, class Value>
void sparse_product_columns(size_t M, const SparseRows<T> &a, Column column,
                            Value value, const T *w, size_t ld, const T *bias, T *out) {
    using V = Vec<T>;
    const auto on = [&](V(&chain)[C], int64_t e) {
        follow<T, C, G>(
            chain, [&](size_t g) { return value(e, g); }, w + column(e) * (G * ld), ld);
    };
    for (size_t i = 0; i < M; i += 2) {
        const bool alone = i + 1 == M;
        int64_t e = a.begin(i), f = alone ? 0 : a.begin(i + 1);
        const int64_t e_end = a.end(i), f_end = alone ? 0 : a.end(i + 1);
        V one[C], two[C];
#pragma GCC unroll 8
        for (size_t c = 0; c < C; ++c)
            one[c] = two[c] = V::zero();
        for (; e < e_end && f < f_end; ++e, ++f) {
            on(one, e);
            on(two, f);
        }
        for (; e < e_end; ++e)
            on(one, e);
        for (; f < f_end; ++f)
            on(two, f);
        finish<T, C>(one, bias, out + i * ld);
        if (!alone)
            finish<T, C>(two, bias, out + (i + 1) * ld);
    }
}

template <class T>
void sparse_product(size_t M, size_t N, const SparseRows<T> &a, const T *w, size_t ld,
                    const T *bias, T *out) {
    constexpr size_t lanes = Vec<T>::lanes, C = sizeof(Vec<T>) == 64 ? 2 : 4;
    a.read([&](auto inputs, auto column, auto value) {
        constexpr size_t G = decltype(inputs)::count;
        size_t j = 0;
        for (; j + C * lanes <= N; j += C * lanes)
            sparse_product_columns<T, C, G>(M, a, column, value, w + j, ld, bias + j,
                                            out + j);
        for (; j < N; j += lanes)
            sparse_product_columns<T, 1, G>(M, a, column, value, w + j, ld, bias + j,
                                            out + j);
    });
}

// The weights of an entry stay in registers, the sums of all rows in the first cache.
template <class T, size_t C, size_t G, bool Coded>
void turned_product_columns(size_t first, size_t M, size_t groups,
                            const SparseColumns<T> a, const T *w, size_t ld,
                            const T *bias, T *out) {
    using V = Vec<T>;
    for (size_t i = first; i < first + M; ++i)
#pragma GCC unroll 8
        for (size_t c = 0; c < C; ++c)
            V::zero().store(out + i * ld + c * V::lanes);
    for (size_t k = 0; k < groups; ++k, w += G * ld) {
        const int32_t end = a.starts[k + 1];
        if (a.starts[k] == end)
            continue;
        V rows[G][C];
#pragma GCC unroll 2
        for (size_t g = 0; g < G; ++g)
#pragma GCC unroll 8
            for (size_t c = 0; c < C; ++c)
                rows[g][c] = V::load(w + g * ld + c * V::lanes);
        for (int32_t e = a.starts[k]; e < end; ++e) {
            T *sum = out + a.template row<Coded>(e) * ld;
            const V s0 = V::broadcast(a.template value<Coded>(e, 0));
            const V s1 = V::broadcast(a.template value<Coded>(e, G - 1));
#pragma GCC unroll 8
            for (size_t c = 0; c < C; ++c) {
                V chain = fma(s0, rows[0][c], V::load(sum + c * V::lanes));
                if (G == 2)
                    chain = fma(s1, rows[G - 1][c], chain);
                chain.store(sum + c * V::lanes);
            }
        }
    }
    for (size_t i = first; i < first + M; ++i)
#pragma GCC unroll 8
        for (size_t c = 0; c < C; ++c) {
            T *sum = out + i * ld + c * V::lanes;
            (V::load(sum) + V::load(bias + c * V::lanes)).store(sum);
        }
}

template <class T>
void turned_product(size_t first, size_t M, size_t N, size_t groups,
                    const SparseColumns<T> &a, const T *w, size_t ld, const T *bias,
                    T *out) {
    constexpr size_t lanes = Vec<T>::lanes, C = sizeof(Vec<T>) == 64 ? 2 : 4;
    a.read([&](auto inputs, auto coded) {
        constexpr size_t G = decltype(inputs)::count;
        constexpr bool is = decltype(coded)::is;
        size_t j = 0;
        if (M * 2 * C * lanes * sizeof(T) <= near_cache)
            for (; j + 2 * C * lanes <= N; j += 2 * C * lanes)
                turned_product_columns<T, 2 * C, G, is>(first, M, groups, a, w + j, ld,
                                                        bias + j, out + j);
        for (; j + C * lanes <= N; j += C * lanes)
            turned_product_columns<T, C, G, is>(first, M, groups, a, w + j, ld,
                                                bias + j, out + j);
        for (; j < N; j += lanes)
            turned_product_columns<T, 1, G, is>(first, M, groups, a, w + j, ld,
                                                bias + j, out + j);
    });
}

// nabla += a^T delta, example by example: for few examples.
template <class T>
void scatter_gradient(size_t M, size_t N, const SparseRows<T> &a, const T *delta,
                      size_t ld, T *nabla) {
    using V = Vec<T>;
    a.read([&](auto inputs, auto column, auto value) {
        constexpr size_t G = decltype(inputs)::count;
        for (size_t i = 0; i < M; ++i) {
            const int64_t begin = a.begin(i), end = a.end(i);
            for (size_t j = 0; j < N; j += 2 * V::lanes) {
                const T *error = delta + i * ld + j;
                const bool two = j + V::lanes < N;
                const V e0 = V::load(error);
                const V e1 = two ? V::load(error + V::lanes) : V::zero();
                for (int64_t e = begin; e < end; ++e)
#pragma GCC unroll 2
                    for (size_t g = 0; g < G; ++g) {
                        const V s = V::broadcast(value(e, g));
                        T *row = nabla + (column(e) * G + g) * ld + j;
                        fma(s, e0, V::load(row)).store(row);
                        if (two)
                            fma(s, e1, V::load(row + V::lanes)).store(row + V::lanes);
                    }
            }
        }
    });
}

// out = a^T delta for columns of a: for many examples.
template <class T, size_t C, size_t G, bool Coded>
void gradient_of_columns(size_t groups, const SparseColumns<T> *parts,
                         size_t part_count, const T *delta, size_t ld, bool onto,
                         T *out) {
    using V = Vec<T>;
    for (size_t k = 0; k < groups; ++k, out += G * ld) {
        V chain[G][C];
#pragma GCC unroll 2
        for (size_t g = 0; g < G; ++g)
#pragma GCC unroll 8
            for (size_t c = 0; c < C; ++c)
                chain[g][c] = onto ? V::load(out + g * ld + c * V::lanes) : V::zero();
        for (size_t part = 0; part < part_count; ++part) {
            const SparseColumns<T> a = parts[part];
            for (int32_t e = a.starts[k]; e < a.starts[k + 1]; ++e) {
                const T *error = delta + a.template row<Coded>(e) * ld;
                const V s0 = V::broadcast(a.template value<Coded>(e, 0));
                const V s1 = V::broadcast(a.template value<Coded>(e, G - 1));
#pragma GCC unroll 8
                for (size_t c = 0; c < C; ++c) {
                    const V error_c = V::load(error + c * V::lanes);
                    chain[0][c] = fma(s0, error_c, chain[0][c]);
                    if (G == 2)
                        chain[G - 1][c] = fma(s1, error_c, chain[G - 1][c]);
                }
            }
        }
#pragma GCC unroll 2
        for (size_t g = 0; g < G; ++g)
#pragma GCC unroll 8
            for (size_t c = 0; c < C; ++c)
                chain[g][c].store(out + g * ld + c * V::lanes);
    }
}

template <class T>
void sparse_gradient(size_t groups, size_t N, const SparseColumns<T> *parts,
                     size_t part_count, const T *delta, size_t ld, bool onto, T *out) {
    constexpr size_t lanes = Vec<T>::lanes;
    parts[0].read([&](auto inputs, auto coded) {
        constexpr size_t G = decltype(inputs)::count;
        constexpr bool is = decltype(coded)::is;
        size_t j = 0;
        for (; j + 4 * lanes <= N; j += 4 * lanes)
            gradient_of_columns<T, 4, G, is>(groups, parts, part_count, delta + j, ld,
                                             onto, out + j);
        for (; j + 2 * lanes <= N; j += 2 * lanes)
            gradient_of_columns<T, 2, G, is>(groups, parts, part_count, delta + j, ld,
                                             onto, out + j);
        if (j < N)
            gradient_of_columns<T, 1, G, is>(groups, parts, part_count, delta + j, ld,
                                             onto, out + j);
    });
}

// ---- around them ---------------------------------------------------------------

template <class T>
void column_sums(size_t M, size_t N, const T *delta, size_t ld, bool onto, T *out) {
    using V = Vec<T>;
    for (size_t j = 0; j < N; j += V::lanes) {
        V sum = onto ? V::load(out + j) : V::zero();
        for (size_t i = 0; i < M; ++i)
            sum = sum + V::load(delta + i * ld + j);
        sum.store(out + j);
    }
}

} // namespace
} // namespace PELLUCID_TARGET
} // namespace pellucid
