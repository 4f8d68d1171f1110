// What a kernel file gives: one table of functions per precision and target.
//
// The arithmetic contract, which every kernel keeps and the tests hold it to:
//   * every output of a product is one chain of fused multiply-adds from +0 with its
//     index ascending (k in the forward pass, the unit in BP2, the example in BP4);
//     then the bias is added. No chain is ever split, so bits do not depend on tiles,
//     vector widths or threads; and an exact zero may be skipped, since
//     fma(0, w, c) = c for finite w.
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
};

enum class Optimizer : int { sgd, momentum, nesterov, rmsprop, adagrad, adam, adamw };

// Numbers of one optimizer step, all prepared in double.
struct StepNumbers {
    double eta;
    double first;  // mu, rho or beta1
    double second; // beta2
    double epsilon;
    double decay;       // adamw
    double correction1; // 1 - beta1^t
    double correction2; // sqrt(1 - beta2^t)
};

// Rows of examples as lists of their non-zero inputs.
template <class T> struct SparseRows {
    const T *values;
    const int32_t *columns;
    const int64_t *starts; // row i is [starts[i], starts[i + 1])
};

template <class T> struct Kernels {
    // Numbers a row is padded to: 64 bytes, so that any target's vectors fit.
    static constexpr size_t padding = 64 / sizeof(T);

    const char *target;

    // out(M, ld) = a(M, K) w(K, ld): a's element (i, k) lies at
    // i * row_stride + k * k_stride, so the same kernel takes a transposed.
    // With `onto`, the chains go on from what `out` holds.
    void (*product)(size_t M, size_t ld, size_t K, const T *a, size_t row_stride,
                    size_t k_stride, const T *w, bool onto, T *out);
    // The same for sparse rows, from 0.
    void (*sparse_product)(size_t M, size_t ld, SparseRows<T> a, const T *w, T *out);
    // Each row of z(M, ld) += bias(ld).
    void (*add_bias)(size_t M, size_t ld, const T *bias, T *z);
    // nabla(K, ld) += a^T delta over the rows in order.
    void (*sparse_gradient)(size_t M, size_t ld, SparseRows<T> a, const T *delta,
                            T *nabla);
    // out(ld) += the rows of delta(M, ld), in order.
    void (*column_sums)(size_t M, size_t ld, const T *delta, T *out);
    // The non-zeros of one row; returns their number.
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
    // A named elementary function, for its tests; false if there is none.
    bool (*elementary)(const char *name, size_t count, const T *x, T *out);
};

template <class T> const Kernels<T> &kernels_portable();
#ifdef PELLUCID_HAS_AVX2
template <class T> const Kernels<T> &kernels_avx2();
#endif

// The best target that this processor has, or the one asked for by name; null if the
// processor or the build lacks it.
template <class T> const Kernels<T> *choose_kernels(const char *target);

} // namespace pellucid
