// Optimizer steps, as in src/pellucid/mathematics/optimizers.py.
#pragma once

#include "elementary.hpp" // fma of one number
#include "kernels.hpp"

namespace pellucid {
namespace PELLUCID_TARGET {
namespace {

inline float square_root(float v) { return __builtin_sqrtf(v); }
inline double square_root(double v) { return __builtin_sqrt(v); }

// v / d, correctly rounded, for many v >= 0 and one d in (0, 1]. `inverse` is 1/d,
// rounded. A first guess is off by less than two units in the last place, one
// correction brings it to a neighbour of the quotient, and from there another is exact
// (Markstein 1990); five cheap operations for one slow one. The remainder
// of an infinity is none.
template <class T> inline T quotient(T v, T d, T inverse) {
    const T guess = v * inverse;
    const T near = fma(fma(-guess, d, v), inverse, guess);
    const T exact = fma(fma(-near, d, v), inverse, near);
    return guess - guess == T(0) ? exact : guess;
}

template <class T>
void adam(const StepNumbers &numbers, size_t count, const T *nabla, T *theta, T *v,
          T *s) {
    const T beta1 = T(numbers.first), rest1 = T(1.0 - numbers.first);
    const T beta2 = T(numbers.second), rest2 = T(1.0 - numbers.second);
    const T rate = T(numbers.eta / numbers.correction1), epsilon = T(numbers.epsilon);
    const T scale = T(numbers.correction2), inverse = T(1) / scale;
    if (numbers.uncorrected_epsilon) {
        const T scaled = T(numbers.eta / numbers.correction1 * numbers.correction2);
        for (size_t i = 0; i < count; ++i) {
            const T g = nabla[i];
            v[i] = beta1 * v[i] + rest1 * g;
            s[i] = beta2 * s[i] + rest2 * g * g;
            theta[i] -= scaled * v[i] / (square_root(s[i]) + epsilon);
        }
        return;
    }
    for (size_t i = 0; i < count; ++i) {
        const T g = nabla[i];
        v[i] = beta1 * v[i] + rest1 * g;
        s[i] = beta2 * s[i] + rest2 * g * g;
        const T root = quotient(square_root(s[i]), scale, inverse);
        theta[i] -= rate * v[i] / (root + epsilon);
    }
}

template <class T>
void update(Optimizer rule, const StepNumbers &numbers, size_t count, const T *nabla,
            T *theta, T *slot1, T *slot2) {
    const T eta = T(numbers.eta), first = T(numbers.first);
    const T rest = T(1.0 - numbers.first), epsilon = T(numbers.epsilon);
    switch (rule) {
    case Optimizer::sgd:
        for (size_t i = 0; i < count; ++i)
            theta[i] -= eta * nabla[i];
        return;
    case Optimizer::momentum:
        for (size_t i = 0; i < count; ++i) {
            slot1[i] = first * slot1[i] - eta * nabla[i];
            theta[i] += slot1[i];
        }
        return;
    case Optimizer::nesterov:
        for (size_t i = 0; i < count; ++i) {
            slot1[i] = first * slot1[i] - eta * nabla[i];
            theta[i] += first * slot1[i] - eta * nabla[i];
        }
        return;
    case Optimizer::rmsprop:
        for (size_t i = 0; i < count; ++i) {
            slot1[i] = first * slot1[i] + rest * nabla[i] * nabla[i];
            theta[i] -= eta * nabla[i] / (square_root(slot1[i]) + epsilon);
        }
        return;
    case Optimizer::adagrad:
        for (size_t i = 0; i < count; ++i) {
            slot1[i] += nabla[i] * nabla[i];
            theta[i] -= eta * nabla[i] / (square_root(slot1[i]) + epsilon);
        }
        return;
    case Optimizer::adamw: {
        const T keep = T(1.0 - numbers.eta * numbers.decay);
        for (size_t i = 0; i < count; ++i)
            theta[i] *= keep;
        return adam(numbers, count, nabla, theta, slot1, slot2);
    }
    case Optimizer::adam:
        return adam(numbers, count, nabla, theta, slot1, slot2);
    }
}

} // namespace
} // namespace PELLUCID_TARGET
} // namespace pellucid
