// Activations and their slopes, as in src/pellucid/mathematics/activations.py.
#pragma once

#include "dropout.hpp"
#include "elementary.hpp"
#include "kernels.hpp"

namespace pellucid {
namespace PELLUCID_TARGET {
namespace {

// One struct per member. Both functions are free of branches, so loops over them
// become vector code.
template <class T> struct StepActivation {
    T value(T z) const { return z > T(0) ? T(1) : T(0); }
    T prime(T) const { return T(0); } // never asked for: step can't be trained
};

template <class T> struct Identity {
    T value(T z) const { return z; }
    T prime(T) const { return T(1); }
};

template <class T> struct Sigmoid {
    T value(T z) const { return sigmoid(z); }
    T prime(T z) const {
        const T e = exp(z < T(0) ? z : -z), d = T(1) + e;
        return e / (d * d);
    }
};

template <class T> struct Tanh {
    T value(T z) const { return tanh(z); }
    T prime(T z) const {
        const T e = exp(T(-2) * (z < T(0) ? -z : z)), d = T(1) + e;
        return T(4) * e / (d * d);
    }
};

template <class T> struct ReLU {
    T value(T z) const { return z > T(0) ? z : T(0); }
    T prime(T z) const { return z > T(0) ? T(1) : T(0); }
};

template <class T> struct LeakyReLU {
    T slope;
    T value(T z) const { return z > T(0) ? z : slope * z; }
    T prime(T z) const { return z > T(0) ? T(1) : slope; }
};

template <class T> struct ELU {
    T alpha;
    T value(T z) const {
        const T low = alpha * expm1(z < T(0) ? z : T(0));
        return z > T(0) ? z : low;
    }
    T prime(T z) const {
        const T low = alpha * exp(z < T(0) ? z : T(0));
        return z > T(0) ? T(1) : low;
    }
};

template <class T> struct Softplus {
    T value(T z) const { return softplus(z); }
    T prime(T z) const { return sigmoid(z); }
};

template <class T> struct GELU {
    T value(T z) const { return z * normal_cdf(z); }
    T prime(T z) const { return normal_cdf(z) + z * normal_pdf(z); }
};

template <class T> struct SiLU {
    T value(T z) const { return z * sigmoid(z); }
    T prime(T z) const { return sigmoid(z) + z * Sigmoid<T>{}.prime(z); }
};

template <class T> struct Mish {
    T value(T z) const { return z * tanh(softplus(z)); }
    T prime(T z) const {
        const T t = tanh(softplus(z));
        return t + z * sigmoid(z) * (T(1) - t * t);
    }
};

template <class T> struct Exponential {
    T value(T z) const { return exp(z); }
    T prime(T z) const { return exp(z); }
};

// Calls `f` with the struct that `sigma` names.
template <class T, class F> void with_activation(Activation sigma, double number, F f) {
    switch (sigma) {
    case Activation::step:
        return f(StepActivation<T>{});
    case Activation::identity:
        return f(Identity<T>{});
    case Activation::sigmoid:
        return f(Sigmoid<T>{});
    case Activation::tanh:
        return f(Tanh<T>{});
    case Activation::relu:
        return f(ReLU<T>{});
    case Activation::leaky_relu:
        return f(LeakyReLU<T>{T(number)});
    case Activation::elu:
        return f(ELU<T>{T(number)});
    case Activation::softplus:
        return f(Softplus<T>{});
    case Activation::gelu:
        return f(GELU<T>{});
    case Activation::silu:
        return f(SiLU<T>{});
    case Activation::mish:
        return f(Mish<T>{});
    case Activation::exponential:
        return f(Exponential<T>{});
    case Activation::softmax:
        return; // row by row: see softmax_row
    }
}

template <class T> void softmax_row(size_t n, const T *z, T *a) {
    T top = z[0], sum = T(0);
    for (size_t j = 1; j < n; ++j)
        top = z[j] > top ? z[j] : top;
    for (size_t j = 0; j < n; ++j)
        a[j] = exp(z[j] - top);
    for (size_t j = 0; j < n; ++j)
        sum += a[j];
    for (size_t j = 0; j < n; ++j)
        a[j] = a[j] / sum;
}

template <class T>
void activate(Activation sigma, double number, size_t M, size_t n, size_t ld,
              const T *z, T *a) {
    if (sigma == Activation::softmax) {
        for (size_t i = 0; i < M; ++i)
            softmax_row(n, z + i * ld, a + i * ld);
        return;
    }
    with_activation<T>(sigma, number, [=](auto rule) {
        for (size_t i = 0; i < M * ld; ++i)
            a[i] = rule.value(z[i]);
    });
}

template <class T>
void times_prime(Activation sigma, double number, size_t count, const T *z, T *error) {
    with_activation<T>(sigma, number, [=](auto rule) {
        for (size_t i = 0; i < count; ++i)
            error[i] = error[i] * rule.prime(z[i]);
    });
}

template <class T>
void times_mask(uint64_t key, double rate, size_t first, size_t M, size_t n, size_t ld,
                T *a) {
    const uint64_t threshold = uint64_t(rate * double(1 << 24));
    const T kept = T(1.0 / (1.0 - rate));
    for (size_t i = 0; i < M; ++i)
        for (size_t j = 0; j < n; ++j) {
            const uint64_t counter = uint64_t(first + i) * n + j + 1;
            const uint64_t draw = mix(key + counter * golden) >> 40;
            a[i * ld + j] = a[i * ld + j] * (draw >= threshold ? kept : T(0));
        }
}

} // namespace
} // namespace PELLUCID_TARGET
} // namespace pellucid
