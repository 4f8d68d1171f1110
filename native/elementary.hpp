// Elementary functions with the same bits on every machine and instruction set.
//
// A C library's exp or tanh differs between machines, versions and vector widths, and
// one last bit is enough to send two trainings from the same seed apart. The functions
// here use only operations whose result IEEE 754 fixes: + - * /, an explicit fma,
// comparisons, and integer work on the bits. Every file that includes this header must
// be compiled with -ffp-contract=off (no fma but those written), without -ffast-math
// and without flushing denormals to zero.
//
// Each function takes float or double and stays in that type. All are branch-free:
// every case is computed and the right one selected, so that a loop over an array
// vectorises. NaN gives the canonical quiet NaN, because which NaN an operation hands
// on is the one thing that processors do not agree about.
//
// The comment beside a function states its greatest error in units in the last place of
// the exact result (ULP), measured as in docs/elementary.md over all floats and over 20
// million doubles, rounded up; tests/test_elementary.py enforces it.
//
// A vector class V in this namespace can stand in for T. It needs a constructor from
// one number, + - * / < > ==, overloads of the primitives below, and a Real<V> that
// derives from its number's and names V's Bits, a class likewise with + - & | << >>.

#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

// A kernel file compiled for one instruction set names its own namespace, so that the
// linker never hands its code to another file, hence to a machine that can't run it.
#ifndef PELLUCID_TARGET
#define PELLUCID_TARGET portable
#endif

// A call that is not inlined keeps the loop around it from being vectorised, and the
// longer functions exceed what compilers inline unasked.
#if defined(_MSC_VER)
#define PELLUCID_INLINE __forceinline
#else
#define PELLUCID_INLINE inline __attribute__((always_inline))
#endif
#define PELLUCID_OVER_T template <typename T> PELLUCID_INLINE

namespace pellucid {
namespace PELLUCID_TARGET {

// ---- Primitives: all that depends on how T is represented --------------------------

// std::fmaf and not std::fma(float): the latter is an inline function of the standard
// library, whose out-of-line copy (unoptimised builds) the linker would share.
PELLUCID_INLINE float fma(float a, float b, float c) { return std::fmaf(a, b, c); }
PELLUCID_INLINE double fma(double a, double b, double c) { return std::fma(a, b, c); }

template <typename To, typename From> PELLUCID_INLINE To bit_copy(From from) {
    To to;
    std::memcpy(&to, &from, sizeof to);
    return to;
}
PELLUCID_INLINE std::uint32_t bits(float x) { return bit_copy<std::uint32_t>(x); }
PELLUCID_INLINE std::uint64_t bits(double x) { return bit_copy<std::uint64_t>(x); }
PELLUCID_INLINE float real(std::uint32_t b) { return bit_copy<float>(b); }
PELLUCID_INLINE double real(std::uint64_t b) { return bit_copy<double>(b); }

// Bitwise and not as mask ? a : b, which GCC turns back into branches around the
// operations that feed a and b (they might trap), and then vectorises no loop.
PELLUCID_OVER_T T select(bool mask, T a, T b) {
    using Bits = decltype(bits(a));
    const Bits m = Bits(0) - Bits(mask);
    return real((bits(a) & m) | (bits(b) & ~m));
}

// c0 + c1 x + c2 x^2 + ..., by Horner's rule with one fma a term.
template <typename T, typename S> PELLUCID_INLINE T horner(T, S c0) { return T(c0); }
template <typename T, typename S, typename... More>
PELLUCID_INLINE T horner(T x, S c0, More... more) {
    return fma(horner(x, more...), x, T(c0));
}

// ---- Constants and fitted polynomials of each type ---------------------------------
//
// The polynomials are weighted minimax fits (Remez) made for this file in 60-digit
// arithmetic: each minimises the relative error of the function it serves. "Fit" is
// that error with the coefficients rounded, in units of 2^-24 (float), 2^-53 (double).

template <typename T> struct Real;

template <> struct Real<float> {
    using Bits = std::uint32_t;
    static constexpr int mantissa = 23;           // stored bits of the mantissa
    static constexpr Bits bias = 127;             // stored exponent of 1
    static constexpr Bits sign = 0x80000000;      // the bit of the sign
    static constexpr Bits one = 0x3f800000;       // bits of 1
    static constexpr Bits root_half = 0x3f3504f3; // bits of sqrt(1/2)
    static constexpr float ulp1 = 0x1p23f;        // from here on neighbours are 1 apart
    static constexpr float smallest = 0x1p-126f;  // normal number
    static constexpr float infinity = std::numeric_limits<float>::infinity();
    static constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    static constexpr float log2_e = 0x1.715476p+0f;
    static constexpr float ln2_hi = 0x1.62e43p-1f;
    static constexpr float ln2_lo = -0x1.05c61p-29f;
    static constexpr float inverse_root_2_pi = 0x1.988454p-2f;
    // From here on the result no longer changes.
    static constexpr float tiny = 0x1p-25f; // expm1(x) and log1p(x) are x
    static constexpr float tiny_digits = 25;
    static constexpr float exp_most = 89;       // exp is inf
    static constexpr float exp_least = -104;    // exp is 0
    static constexpr float expm1_least = -18;   // expm1 is -1
    static constexpr float tanh_most = 10;      // tanh is 1
    static constexpr float normal_most = 14.5f; // Phi(-t) and the density are 0

    // (exp(r) - 1 - r) / r^2 for |r| <= ln(2) / 2. Fit: 0.24 (as part of expm1).
    PELLUCID_OVER_T static T exp_poly(T r) {
        return horner(r, 0x1.fffffep-2f, 0x1.5554aap-3f, 0x1.55579cp-5f, 0x1.122c92p-7f,
                      0x1.6ab3f0p-10f);
    }
    // log(1 + f) - f for sqrt(1/2) <= 1 + f <= sqrt(2). Fit: 0.08.
    PELLUCID_OVER_T static T log_tail(T f) {
        return f * f *
               horner(f, -0x1.fffff8p-2f, 0x1.55554ep-2f, -0x1.000438p-2f,
                      0x1.99a548p-3f, -0x1.5424fep-3f, 0x1.22545ep-3f, -0x1.0f2d66p-3f,
                      0x1.090f10p-3f, -0x1.3a69b8p-4f);
    }
    // (t + 4) Phi(-t) exp(t^2 / 2) in y = (t - 4) / (t + 4), 0 <= t. Fit: 0.35. At -1
    // this comes out as exactly 2, so Phi(0) is 1/2.
    PELLUCID_OVER_T static T normal_poly(T y) {
        return horner(y, 0x1.82b4bcp-1f, -0x1.373e38p-1f, 0x1.8c6d72p-2f,
                      -0x1.7e0026p-3f, 0x1.eee3cep-5f, -0x1.ed0d46p-8f, -0x1.d04a40p-9f,
                      0x1.981c00p-10f, 0x1.ca8594p-13f, -0x1.b413d8p-14f);
    }
};

template <> struct Real<double> {
    using Bits = std::uint64_t;
    static constexpr int mantissa = 52;
    static constexpr Bits bias = 1023;
    static constexpr Bits sign = 0x8000000000000000;
    static constexpr Bits one = 0x3ff0000000000000;
    static constexpr Bits root_half = 0x3fe6a09e667f3bcd;
    static constexpr double ulp1 = 0x1p52;
    static constexpr double smallest = 0x1p-1022;
    static constexpr double infinity = std::numeric_limits<double>::infinity();
    static constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    static constexpr double log2_e = 0x1.71547652b82fep+0;
    static constexpr double ln2_hi = 0x1.62e42fefa39efp-1;
    static constexpr double ln2_lo = 0x1.abc9e3b39803fp-56;
    static constexpr double inverse_root_2_pi = 0x1.9884533d43651p-2;
    static constexpr double tiny = 0x1p-54;
    static constexpr double tiny_digits = 54;
    static constexpr double exp_most = 710;
    static constexpr double exp_least = -746;
    static constexpr double expm1_least = -38;
    static constexpr double tanh_most = 20;
    static constexpr double normal_most = 39;

    // Fit: 0.01.
    PELLUCID_OVER_T static T exp_poly(T r) {
        return horner(r, 0x1p-1, 0x1.5555555555559p-3, 0x1.555555555553fp-5,
                      0x1.111111110f6cfp-7, 0x1.6c16c16c1f084p-10,
                      0x1.a01a01afd8cf2p-13, 0x1.a01a017bc7330p-16,
                      0x1.71ddf87102b09p-19, 0x1.27e536209d3e8p-22,
                      0x1.af5e8f0340074p-26, 0x1.1ee8a9c2275b6p-29);
    }
    // A polynomial in f would need 20 terms here. With s = f / (2 + f),
    // log(1 + f) = 2 atanh(s) is s (2 + R), R small, and s (2 - f) = f (1 - s) exactly,
    // so log(1 + f) - f = s (R - f). Fit of R in s^2: 0.02.
    PELLUCID_OVER_T static T log_tail(T f) {
        const T s = f / (T(2.0) + f);
        const T ss = s * s;
        const T r =
            horner(ss, 0x1.5555555555592p-1, 0x1.999999997fcedp-2, 0x1.24924941fd3f1p-2,
                   0x1.c71c51fed87b2p-3, 0x1.74664132de542p-3, 0x1.39a17c55c3be9p-3,
                   0x1.2f07f7bd86cf4p-3);
        return s * fma(ss, r, -f);
    }
    // Fit: 0.62.
    PELLUCID_OVER_T static T normal_poly(T y) {
        return horner(
            y, 0x1.82b4bb8c94dcep-1, -0x1.373e3a893c28ap-1, 0x1.8c6dbf2cfc308p-2,
            -0x1.7dff2bff6848ep-3, 0x1.eec4cc3e4435ep-5, -0x1.ee276104393fep-8,
            -0x1.c81719c957265p-9, 0x1.ab825fb0af4ddp-10, 0x1.17a4a5f7fd68dp-13,
            -0x1.e4a421b7cd764p-13, -0x1.00110511efcdfp-19, 0x1.26d0637a7b645p-15,
            0x1.7fd97ca0704dbp-21, -0x1.8d49045f5650bp-18, -0x1.4faabcbfb593ep-21,
            0x1.124d7aac41e2ep-20, 0x1.1ba23a9a7df0cp-22, -0x1.504750340d1c1p-23,
            -0x1.4b9da355967eep-24, 0x1.1410d589a8fa4p-26, 0x1.f64da4bccdd06p-27,
            -0x1.74c0f5a07f573p-32, -0x1.48e598e22f7f8p-30);
    }
};

// ---- Parts shared by the functions, which make of their NaN the canonical one ------

// The canonical NaN where x is NaN, else the result r.
PELLUCID_OVER_T T unless_nan(T x, T r) { return select(x == x, r, T(Real<T>::nan)); }

PELLUCID_OVER_T T magnitude(T x) { return real(bits(x) & ~Real<T>::sign); }

// The smaller and the larger of the two. NaN stays NaN: no comparison with it holds.
PELLUCID_OVER_T T at_most(T x, T most) { return select(x > most, most, x); }
PELLUCID_OVER_T T at_least(T x, T least) { return select(x < least, least, x); }

// x = k ln 2 + (high - low), k whole, |high - low| <= ln(2) / 2. For limited x.
template <typename T> struct Reduced {
    typename Real<T>::Bits k; // modulo 2^32 or 2^64
    T high, low;
};
PELLUCID_OVER_T Reduced<T> reduce(T x) {
    using R = Real<T>;
    // Adding 1.5 ulp1 rounds to a whole number and leaves it in the low bits of the
    // sum. (To convert to an integer is undefined for NaN, and AVX2 cannot for double.)
    const T magic = T(R::ulp1 * 3 / 2);
    const T sum = fma(x, T(R::log2_e), magic);
    const T k = sum - magic;
    // high is exact: unless k = 0, the last places of x and ln2_hi leave room for it.
    return {bits(sum) - bits(magic), fma(-k, T(R::ln2_hi), x), k * T(R::ln2_lo)};
}

// exp(high - low) - 1 - high: small, so its rounding hardly counts beside exact high.
PELLUCID_OVER_T T exp_tail(Reduced<T> part) {
    const T r = part.high - part.low;
    return fma(r * r, Real<T>::exp_poly(r), -part.low);
}

PELLUCID_OVER_T T exp_of(Reduced<T> part) {
    using R = Real<T>;
    const T y = T(1) + (part.high + exp_tail(part));
    // 2^k itself may be too large or too small to represent: multiply by two halves, of
    // which the first is exact, so that a denormal result is rounded once.
    const auto both = part.k + 2 * R::bias;
    const auto half = both >> 1;
    return y * real(half << R::mantissa) * real((both - half) << R::mantissa);
}

PELLUCID_OVER_T T exp_any(T x) {
    using R = Real<T>;
    return exp_of(reduce(at_most(at_least(x, T(R::exp_least)), T(R::exp_most))));
}

PELLUCID_OVER_T T expm1_any(T x) {
    using R = Real<T>;
    const auto part = reduce(at_most(at_least(x, T(R::expm1_least)), T(R::exp_most)));
    // e^x - 1 = (2^k - 1 + 2^k high) + 2^k tail. Half of it is computed and then
    // doubled, as 2^k may be too large by one power of 2.
    const T scale = real((part.k + (R::bias - 1)) << R::mantissa);
    const T y = fma(scale, exp_tail(part), fma(scale, part.high, scale - T(0.5)));
    // y + y has lost the sign of -0 and the last bit of denormals.
    return select(magnitude(x) < T(R::tiny), x, y + y);
}

// u = m 2^k for normal u > 0, with sqrt(1/2) <= m < sqrt(2) and exponent k + bias.
// Other u give some m in that range and some exponent.
template <typename T> struct Split {
    T m;
    typename Real<T>::Bits exponent;
};
PELLUCID_OVER_T Split<T> split(T u) {
    using R = Real<T>;
    const auto shifted = bits(u) + (R::one - R::root_half);
    const auto exponent = shifted >> R::mantissa;
    const auto fraction = shifted - (exponent << R::mantissa);
    return {real(fraction + R::root_half), exponent};
}

// log(2^k (1 + f + low)), low being a correction below the last place of f.
PELLUCID_OVER_T T log_sum(T k, T f, T low) {
    using R = Real<T>;
    return fma(k, T(R::ln2_hi), f) + (fma(k, T(R::ln2_lo), low) + R::log_tail(f));
}

// k - less as a floating-point number, for an exponent k + bias: it becomes the low
// bits of ulp1, which needs no conversion.
PELLUCID_OVER_T T value_of(typename Real<T>::Bits e, T less) {
    using R = Real<T>;
    return real(e | bits(T(R::ulp1))) - (less + T(R::ulp1 + R::bias));
}

// log(u + c) for u = 1 + x > 0 as rounded, c being what the rounding lost.
PELLUCID_OVER_T T log_corrected(T u, T c) {
    using R = Real<T>;
    const auto part = split(u);
    // c 2^-k as (c / 2) 2^(1-k): for the largest u, 2^(1-k) is 0 and 2^-k out of range.
    const auto inverse = real((2 * R::bias + 1 - part.exponent) << R::mantissa);
    const T scaled = T(0.5) * c * inverse;
    const T f0 = part.m - T(1);
    const T f = f0 + scaled; // exactly x for k = 0
    return log_sum(value_of(part.exponent, T(0)), f, scaled - (f - f0));
}

// The result r of a logarithm of x, with those of 0, infinity and negative x put in.
PELLUCID_OVER_T T log_ends(T x, T r) {
    using R = Real<T>;
    const T end = select(x == T(0), T(-R::infinity), T(R::nan));
    return select(x > T(0), select(x < T(R::infinity), r, x), end);
}

// exp(-t^2 / 2) for 0 <= t <= normal_most. Just to round t^2 would cost up to
// t^2 / 2 ULP.
PELLUCID_OVER_T T bell(T t) {
    const T square = t * t;
    const T lost = fma(t, t, -square);
    auto part = reduce(T(-0.5) * square);
    part.low = fma(T(0.5), lost, part.low);
    return exp_of(part);
}

// ---- The functions -----------------------------------------------------------------

// e^x. Max error: 0.90 ULP (float), 0.90 (double).
PELLUCID_OVER_T T exp(T x) { return unless_nan(x, exp_any(x)); }

// e^x - 1. Max error: 1.25 ULP (float), 1.25 (double).
PELLUCID_OVER_T T expm1(T x) { return unless_nan(x, expm1_any(x)); }

// The natural logarithm. Max error: 1.55 ULP (float), 1.70 (double).
PELLUCID_OVER_T T log(T x) {
    using R = Real<T>;
    // Denormals are scaled up first.
    const auto small = x < T(R::smallest);
    const auto part = split(select(small, x * T(1 / R::tiny), x));
    const T k = value_of(part.exponent, select(small, T(R::tiny_digits), T(0)));
    return log_ends(x, log_sum(k, part.m - T(1), T(0)));
}

// log(1 + x). Max error: 1.70 ULP (float), 1.70 (double).
PELLUCID_OVER_T T log1p(T x) {
    const T u = T(1) + x;
    const T above = u - T(1);
    const T y = log_corrected(u, (T(1) - (u - above)) + (x - above)); // 0 for -0
    return select(magnitude(x) < T(Real<T>::tiny), x, log_ends(u, y));
}

// 1 / (1 + e^-x), for x < 0 as e^x / (1 + e^x), which keeps its smallest values.
// Max error: 1.50 ULP (float), 1.55 (double).
PELLUCID_OVER_T T sigmoid(T x) {
    const T e = exp_any(-magnitude(x));
    const T above = select(x < T(0), e, T(1));
    // A plain quotient above / (1 + e) would be rounded three times. What it leaves of
    // the dividend, with what the rounding of 1 + e lost, corrects it.
    const T below = T(1) + e;
    const T lost = e - (below - T(1));
    const T inverse = T(1) / below;
    const T y = above * inverse;
    const T rest = fma(-y, lost, fma(-y, below, above));
    return unless_nan(x, fma(rest, inverse, y));
}

// tanh(x), odd to the last bit. Max error: 2.65 ULP (float), 2.40 (double).
PELLUCID_OVER_T T tanh(T x) {
    using R = Real<T>;
    const T m = at_most(magnitude(x), T(R::tanh_most));
    const T e = expm1_any(m + m);
    const T y = e / (e + T(2));
    return unless_nan(x, real(bits(y) | (bits(x) & R::sign)));
}

// log(1 + e^x). Max error: 2.15 ULP (float), 2.20 (double).
PELLUCID_OVER_T T softplus(T x) {
    const T e = exp_any(-magnitude(x));
    const T u = T(1) + e;
    const T y = log_corrected(u, e - (u - T(1)));
    return unless_nan(x, select(x > T(0), x, T(0)) + y);
}

// The normal density, exp(-x^2 / 2) / sqrt(2 pi).
// Max error: 2.05 ULP (float), 2.20 (double).
PELLUCID_OVER_T T normal_pdf(T x) {
    using R = Real<T>;
    const T t = at_most(magnitude(x), T(R::normal_most));
    return unless_nan(x, bell(t) * T(R::inverse_root_2_pi));
}

// The normal distribution, Phi(x) = erfc(-x / sqrt(2)) / 2, also far out on the left.
// Max error: 4.65 ULP (float), 4.30 (double).
PELLUCID_OVER_T T normal_cdf(T x) {
    using R = Real<T>;
    const T t = at_most(magnitude(x), T(R::normal_most));
    // Phi(-t) / exp(-t^2 / 2) falls slowly, from 1/2 like 1 / t. Times t + 4 it is
    // nearly flat, so a polynomial in y = (t - 4) / (t + 4) serves.
    const T inverse = T(1) / (t + T(4));
    const T y = fma(T(2), t * inverse, T(-1));
    const T tail = bell(t) * (R::normal_poly(y) * inverse);
    return unless_nan(x, select(x > T(0), T(1) - tail, tail));
}

} // namespace PELLUCID_TARGET
} // namespace pellucid

#undef PELLUCID_OVER_T
#undef PELLUCID_INLINE
