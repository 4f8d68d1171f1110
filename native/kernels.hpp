// What a kernel file gives: one table of functions per precision and target.
//
// The arithmetic contract, which every kernel keeps and the tests hold it to:
//   * every output of a product is one chain of fused multiply-adds from +0 with its
//     index ascending (k in the forward pass, the unit in BP2, the example in BP4);
//     then the bias is added. No chain is ever split, so bits do not depend on tiles,
//     vector widths or threads; and an exact zero may be skipped, since
//     fma(0, w, c) = c for finite w.
//   * in plain gradient descent (no penalty, no clipping, at most one block of rows)
//   the
//     chain of BP4 begins at the weight, with errors times -eta / m.
//   * everything else is IEEE +, -, *, / and sqrt in the order written here.
//
// Storage: a layer is (n_in + 1) rows of `ld` numbers, row k holding the weights that
// leave input k, the last row the biases; ld is n_out rounded up to `padding`, and the
// padding is zero and stays zero. Activations and errors are (m, ld).
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace pellucid {

enum class Activation : int {
    step,
    identity,
    sigmoid,
    tanh,
    relu,
    leaky_relu,
    elu,
    softplus,
    gelu,
    silu,
    mish,
    exponential,
    softmax,
};

enum class Cost : int {
    quadratic,
    mean_absolute_error,
    huber,
    binary_cross_entropy,
    cross_entropy,
    hinge,
    poisson,
    quantile,
};

enum class Optimizer : int { sgd, momentum, nesterov, rmsprop, adagrad, adam, adamw };

// Numbers of one optimizer step, all prepared in double.
struct StepNumbers {
    double eta;
    double first;  // mu, rho or beta1
    double second; // beta2
    double epsilon;
    double decay;             // adamw
    double correction1;       // 1 - beta1^t
    double correction2;       // sqrt(1 - beta2^t)
    bool uncorrected_epsilon; // adam: beside sqrt(s) itself
};

// How many, as a type.
template <size_t G> struct Inputs {
    static constexpr size_t count = G;
};

// Whether, as a type.
template <bool B> struct Coded {
    static constexpr bool is = B;
};

// Rows of examples as lists of their non-zero inputs, columns ascending: row r is
// [starts[r], starts[r + 1]). With `rows`, row i is the one of that number; else row i
// itself. Columns take 2 bytes where they fit, and values that are one of at most 256
// (pixels) are codes of one byte into a table: random rows come from far memory. Where
// neighbours are mostly non-zero together (pixels again), an entry is a pair of inputs,
// 2c and 2c + 1, of which one may be zero.
template <class T> struct SparseRows {
    const T *values = nullptr; // the list's own, or the table of codes
    const uint8_t *codes = nullptr;
    const uint16_t *narrow = nullptr; // columns, or their pairs; or
    const int32_t *wide = nullptr;
    const int64_t *starts = nullptr;
    const int64_t *rows = nullptr;
    bool pairs = false; // only with codes

    size_t number(size_t i) const { return rows ? size_t(rows[i]) : i; }
    int64_t begin(size_t i) const { return starts[number(i)]; }
    int64_t end(size_t i) const { return starts[number(i) + 1]; }
    // Entries that n inputs may have.
    size_t groups(size_t n) const { return pairs ? (n + 1) / 2 : n; }
    SparseRows from(size_t i) const {
        SparseRows rest = *this;
        (rows ? rest.rows : rest.starts) += i;
        return rest;
    }

    // Calls f with the inputs of an entry (1 or 2, as a type) and functions from a
    // place in the lists to its column, or pair of columns, and to its values.
    template <class F> void read(F f) const {
        const T *v = values;
        const uint8_t *c = codes;
        const uint16_t *n = narrow;
        const int32_t *w = wide;
        const auto near = [n](int64_t e) { return size_t(n[e]); };
        if (pairs)
            f(Inputs<2>(), near,
              [v, c](int64_t e, size_t g) { return v[c[2 * e + int64_t(g)]]; });
        else if (c)
            f(Inputs<1>(), near, [v, c](int64_t e, size_t) { return v[c[e]]; });
        else if (n)
            f(Inputs<1>(), near, [v](int64_t e, size_t) { return v[e]; });
        else
            f(
                Inputs<1>(), [w](int64_t e) { return size_t(w[e]); },
                [v](int64_t e, size_t) { return v[e]; });
    }
};

// The same of some rows turned over: for each column, or pair of them, its values and
// their rows, ascending; there are at most 65,536 rows. With codes, an entry is packed
// into 4 bytes.
template <class T> struct SparseColumns {
    const uint32_t *packed; // row << 16 | codes; or
    const int32_t *rows;    // apart, and the
    const T *values;        // list's own; else the table of codes
    const int32_t *starts;  // of column (or pair) c: [starts[c], starts[c + 1])
    bool pairs;

    template <bool Coded> size_t row(int32_t e) const {
        return Coded ? size_t(packed[e] >> 16) : size_t(rows[e]);
    }
    template <bool Coded> T value(int32_t e, unsigned g) const {
        return Coded ? values[packed[e] >> 8 * g & 255] : values[e];
    }

    // Calls f with the inputs of an entry, and whether there are codes, as types.
    template <class F> void read(F f) const {
        if (pairs)
            f(Inputs<2>(), Coded<true>());
        else if (packed)
            f(Inputs<1>(), Coded<true>());
        else
            f(Inputs<1>(), Coded<false>());
    }
};

// out(M, N) = a(M, K) w(K, N), then + bias(N) where there is one. a's element (i, k)
// lies at i * row_stride + k * k_stride, one of the two being 1, so that a transposed
// will do. With `onto`, the chains go on from what `out` holds. N is a multiple of a
// vector's lanes.
template <class T> struct Product {
    size_t M, N, K;
    const T *a;
    size_t row_stride, k_stride;
    const T *w;
    size_t w_ld;
    const T *bias;
    bool onto;
    T *out;
    size_t out_ld;
};

template <class T> struct Kernels {
    // Numbers a row is padded to: 64 bytes, so that any target's vectors fit.
    static constexpr size_t padding = 64 / sizeof(T);

    const char *target;
    size_t peak_chains;

    void (*product)(const Product<T> &product);
    // out(M, N) = a w + bias, a being sparse.
    void (*sparse_product)(size_t M, size_t N, const SparseRows<T> &a, const T *w,
                           size_t ld, const T *bias, T *out);
    // nabla += a^T delta over the rows in order.
    void (*scatter_gradient)(size_t M, size_t N, const SparseRows<T> &a, const T *delta,
                             size_t ld, T *nabla);
    // The same as sparse_product for rows first ... first + M of out, from their turned
    // lists with so many columns or pairs: for many rows.
    void (*turned_product)(size_t first, size_t M, size_t N, size_t groups,
                           const SparseColumns<T> &a, const T *w, size_t ld,
                           const T *bias, T *out);
    // out = a^T delta for columns or pairs of a, whose rows come in parts, each with
    // lists of its own; with `onto`, added to what is there.
    void (*sparse_gradient)(size_t groups, size_t N, const SparseColumns<T> *parts,
                            size_t part_count, const T *delta, size_t ld, bool onto,
                            T *out);
    // out(N) = the sum of the rows of delta(M, N), in order; `onto` as above.
    void (*column_sums)(size_t M, size_t N, const T *delta, size_t ld, bool onto,
                        T *out);
    // out(N, M) = in(M, N) transposed.
    void (*transpose)(size_t M, size_t N, const T *in, size_t in_ld, T *out,
                      size_t out_ld);
    // The non-zeros of one row; returns their number. Writes up to n of each.
    size_t (*compress)(size_t n, const T *row, T *values, int32_t *columns);
    // a = sigma(z), row by row; n <= ld numbers of each row count.
    void (*activate)(Activation sigma, double number, size_t M, size_t n, size_t ld,
                     const T *z, T *a);
    // error *= sigma'(z)
    void (*times_prime)(Activation sigma, double number, size_t count, const T *z,
                        T *error);
    // Rows `first` ... of a mini-batch times the dropout mask keyed by `key`.
    void (*times_mask)(uint64_t key, double rate, size_t first, size_t M, size_t n,
                       size_t ld, T *a);
    // Per example: the cost, and delta = share * dC/dz (share may be null: all 1).
    void (*cost)(Cost cost, double number, Activation sigma, double sigma_number,
                 size_t M, size_t n, size_t ld, const T *z, const T *a, const T *y,
                 const T *share, T *value, T *delta);
    // nabla = nabla / m + l2 w + l1 sign(w); the last row (biases) has no penalty.
    void (*mean_and_penalty)(size_t weights, size_t biases, double m, double l1,
                             double l2, const T *theta, T *nabla);
    // Sums of w^2 and of |w|, in double, in eight lanes.
    double (*sum_of_squares)(size_t count, const T *w);
    double (*sum_of_absolutes)(size_t count, const T *w);
    void (*scale)(size_t count, double factor, T *nabla);
    void (*update)(Optimizer rule, const StepNumbers &numbers, size_t count,
                   const T *nabla, T *theta, T *slot1, T *slot2);
    // Multiply-adds on registers alone, peak_chains * times of them: the ceiling.
    double (*peak)(size_t times);
    // A named elementary function, for its tests; false if there is none.
    bool (*elementary)(const char *name, size_t count, const T *x, T *out);
};

template <class T> const Kernels<T> &kernels_portable();
#ifdef PELLUCID_HAS_AVX2
template <class T> const Kernels<T> &kernels_avx2();
#endif
#ifdef PELLUCID_HAS_AVX512
template <class T> const Kernels<T> &kernels_avx512();
#endif
#ifdef PELLUCID_HAS_NEON
template <class T> const Kernels<T> &kernels_neon();
#endif

// The best target that this processor has, or the one asked for by name; null if the
// processor or the build lacks it.
template <class T> const Kernels<T> *choose_kernels(const char *target);

} // namespace pellucid
