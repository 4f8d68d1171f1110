// Costs and their errors at the output, as in src/pellucid/mathematics/costs.py.
#pragma once

#include "activations.hpp"

namespace pellucid {
namespace PELLUCID_TARGET {
namespace {

template <class T> T absolute(T v) { return v < T(0) ? -v : v; }
template <class T> T sign(T v) { return v > T(0) ? T(1) : v < T(0) ? T(-1) : T(0); }

// One example: each function returns C_x and writes delta (dC_x/da for the costs of a
// distance, to be multiplied by sigma'; dC_x/dz for those that read z).
template <class T> T quadratic(size_t n, const T *a, const T *y, T *delta) {
    T sum = T(0);
    for (size_t j = 0; j < n; ++j) {
        delta[j] = a[j] - y[j];
        sum += delta[j] * delta[j];
    }
    return T(0.5) * sum;
}

template <class T> T mean_absolute_error(size_t n, const T *a, const T *y, T *delta) {
    T sum = T(0);
    for (size_t j = 0; j < n; ++j) {
        sum += absolute(a[j] - y[j]);
        delta[j] = sign(a[j] - y[j]);
    }
    return sum;
}

template <class T> T huber(size_t n, T t, const T *a, const T *y, T *delta) {
    T sum = T(0);
    for (size_t j = 0; j < n; ++j) {
        const T error = a[j] - y[j], e = absolute(error);
        sum += e <= t ? T(0.5) * e * e : t * (e - T(0.5) * t);
        delta[j] = e <= t ? error : t * sign(error);
    }
    return sum;
}

// No nearer to 0 and 1 than the floor.
template <class T> T within(T a, T floor) {
    const T top = T(1) - floor;
    return a < floor ? floor : a > top ? top : a;
}

template <class T>
T binary_cross_entropy(size_t n, T floor, const T *z, const T *a, const T *y,
                       T *delta) {
    T sum = T(0);
    for (size_t j = 0; j < n; ++j) {
        // With a floor, what the usual form of a sigmoid leaves of a near 1 counts: it is
        // what scikit-learn takes the logarithm of.
        const T p = within(T(1) / (T(1) + exp(-z[j])), floor);
        sum += floor > T(0) ? -(y[j] * log(p) + (T(1) - y[j]) * log(T(1) - p))
                            : softplus(z[j]) - y[j] * z[j];
        delta[j] = a[j] - y[j];
    }
    return sum;
}

template <class T>
T cross_entropy(size_t n, T floor, const T *z, const T *a, const T *y, T *delta) {
    T top = z[0], rest = T(0), right = T(0);
    if (floor > T(0)) {
        for (size_t j = 0; j < n; ++j) {
            right += y[j] * log(within(a[j], floor));
            delta[j] = a[j] - y[j];
        }
        return -right;
    }
    for (size_t j = 1; j < n; ++j)
        top = z[j] > top ? z[j] : top;
    for (size_t j = 0; j < n; ++j) {
        rest += exp(z[j] - top);
        right += y[j] * z[j];
        delta[j] = a[j] - y[j];
    }
    return (top + log(rest)) - right;
}

template <class T> T hinge(size_t n, const T *z, const T *y, T *delta) {
    if (n == 1) {
        const T t = T(2) * y[0] - T(1), margin = T(1) - t * z[0];
        delta[0] = margin > T(0) ? -t : T(0);
        return margin > T(0) ? margin : T(0);
    }
    T right = T(0), sum = T(0), paying = T(0);
    for (size_t j = 0; j < n; ++j)
        right += y[j] * z[j];
    for (size_t j = 0; j < n; ++j) {
        const T margin = (T(1) - y[j]) * (T(1) + z[j] - right);
        delta[j] = margin > T(0) ? T(1) : T(0);
        sum += margin > T(0) ? margin : T(0);
        paying += delta[j];
    }
    for (size_t j = 0; j < n; ++j)
        delta[j] = delta[j] - y[j] * paying;
    return sum;
}

template <class T> T poisson(size_t n, const T *z, const T *a, const T *y, T *delta) {
    T sum = T(0);
    for (size_t j = 0; j < n; ++j) {
        const T y_ln_y = y[j] * log(y[j] > T(0) ? y[j] : T(1));
        sum += ((a[j] - y[j] * z[j]) + y_ln_y) - y[j];
        delta[j] = a[j] - y[j];
    }
    return sum;
}

template <class T> T quantile(size_t n, T q, const T *a, const T *y, T *delta) {
    T sum = T(0);
    for (size_t j = 0; j < n; ++j) {
        const T e = a[j] - y[j];
        sum += e < T(0) ? -q * e : (T(1) - q) * e;
        delta[j] = e < T(0) ? -q : (T(1) - q) * sign(e);
    }
    return sum;
}

template <class T>
T one_example(Cost cost, T number, size_t n, const T *z, const T *a, const T *y,
              T *delta) {
    switch (cost) {
    case Cost::quadratic:
        return quadratic(n, a, y, delta);
    case Cost::mean_absolute_error:
        return mean_absolute_error(n, a, y, delta);
    case Cost::huber:
        return huber(n, number, a, y, delta);
    case Cost::binary_cross_entropy:
        return binary_cross_entropy(n, number, z, a, y, delta);
    case Cost::cross_entropy:
        return cross_entropy(n, number, z, a, y, delta);
    case Cost::hinge:
        return hinge(n, z, y, delta);
    case Cost::poisson:
        return poisson(n, z, a, y, delta);
    case Cost::quantile:
        return quantile(n, number, a, y, delta);
    }
    return T(0);
}

template <class T>
void cost_and_delta(Cost cost, double number, Activation sigma, double sigma_number,
                    size_t M, size_t n, size_t ld, const T *z, const T *a, const T *y,
                    const T *share, T *value, T *delta) {
    for (size_t i = 0; i < M; ++i) {
        T *error = delta + i * ld;
        value[i] =
            one_example(cost, T(number), n, z + i * ld, a + i * ld, y + i * n, error);
        for (size_t j = n; j < ld; ++j)
            error[j] = T(0);
    }
    if (cost == Cost::quadratic || cost == Cost::mean_absolute_error ||
        cost == Cost::huber || cost == Cost::quantile)
        times_prime(sigma, sigma_number, M * ld, z, delta);
    if (share)
        for (size_t i = 0; i < M; ++i)
            for (size_t j = 0; j < n; ++j)
                delta[i * ld + j] = share[i] * delta[i * ld + j];
}

} // namespace
} // namespace PELLUCID_TARGET
} // namespace pellucid
