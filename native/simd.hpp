// The vector wrapper: everything that differs between instruction sets.
//
// A kernel file is compiled once per target (see CMakeLists.txt). This header then
// gives it Vec<T>: a few lanes with load, store, broadcast, + and fma. All targets
// compute the same bits, because each lane follows the same IEEE operations.
//
// Kernel files call no inline function of the standard library: a copy compiled here
// for a newer processor could be the one that the linker keeps for the whole program.
#pragma once

#include <stddef.h>

#include "elementary.hpp" // fma of one number
#if defined(__AVX512F__) || (defined(__AVX2__) && defined(__FMA__))
#include <immintrin.h>
#elif defined(PELLUCID_NEON) // by its target: AArch64's compilers always have it
#include <arm_neon.h>
#endif

namespace pellucid {
namespace PELLUCID_TARGET {

template <class T> struct Vec; // Vec<T>::lanes, load, store, broadcast

// Of the first cache, what a kernel may count on, in bytes.
constexpr size_t near_cache = 24 << 10;

// Rows of a product's tile, two vectors wide, whose chains all fit the registers.
#if defined(__AVX512F__) || defined(PELLUCID_NEON)
constexpr size_t tile_rows = 14; // 32 registers
#elif defined(__AVX2__) && defined(__FMA__)
constexpr size_t tile_rows = 6;
#else
constexpr size_t tile_rows = 4;
#endif

#if defined(__AVX512F__)

template <> struct Vec<float> {
    static constexpr size_t lanes = 16;
    __m512 v;
    static Vec zero() { return {_mm512_setzero_ps()}; }
    static Vec load(const float *p) { return {_mm512_loadu_ps(p)}; }
    static Vec broadcast(float s) { return {_mm512_set1_ps(s)}; }
    void store(float *p) const { _mm512_storeu_ps(p, v); }
};
inline Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) {
    return {_mm512_fmadd_ps(a.v, b.v, c.v)};
}
inline Vec<float> operator+(Vec<float> a, Vec<float> b) {
    return {_mm512_add_ps(a.v, b.v)};
}

template <> struct Vec<double> {
    static constexpr size_t lanes = 8;
    __m512d v;
    static Vec zero() { return {_mm512_setzero_pd()}; }
    static Vec load(const double *p) { return {_mm512_loadu_pd(p)}; }
    static Vec broadcast(double s) { return {_mm512_set1_pd(s)}; }
    void store(double *p) const { _mm512_storeu_pd(p, v); }
};
inline Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) {
    return {_mm512_fmadd_pd(a.v, b.v, c.v)};
}
inline Vec<double> operator+(Vec<double> a, Vec<double> b) {
    return {_mm512_add_pd(a.v, b.v)};
}

#elif defined(__AVX2__) && defined(__FMA__)

template <> struct Vec<float> {
    static constexpr size_t lanes = 8;
    __m256 v;
    static Vec zero() { return {_mm256_setzero_ps()}; }
    static Vec load(const float *p) { return {_mm256_loadu_ps(p)}; }
    static Vec broadcast(float s) { return {_mm256_set1_ps(s)}; }
    void store(float *p) const { _mm256_storeu_ps(p, v); }
};
inline Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) {
    return {_mm256_fmadd_ps(a.v, b.v, c.v)};
}
inline Vec<float> operator+(Vec<float> a, Vec<float> b) {
    return {_mm256_add_ps(a.v, b.v)};
}

template <> struct Vec<double> {
    static constexpr size_t lanes = 4;
    __m256d v;
    static Vec zero() { return {_mm256_setzero_pd()}; }
    static Vec load(const double *p) { return {_mm256_loadu_pd(p)}; }
    static Vec broadcast(double s) { return {_mm256_set1_pd(s)}; }
    void store(double *p) const { _mm256_storeu_pd(p, v); }
};
inline Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) {
    return {_mm256_fmadd_pd(a.v, b.v, c.v)};
}
inline Vec<double> operator+(Vec<double> a, Vec<double> b) {
    return {_mm256_add_pd(a.v, b.v)};
}

#elif defined(PELLUCID_NEON)

template <> struct Vec<float> {
    static constexpr size_t lanes = 4;
    float32x4_t v;
    static Vec zero() { return {vdupq_n_f32(0)}; }
    static Vec load(const float *p) { return {vld1q_f32(p)}; }
    static Vec broadcast(float s) { return {vdupq_n_f32(s)}; }
    void store(float *p) const { vst1q_f32(p, v); }
};
inline Vec<float> fma(Vec<float> a, Vec<float> b, Vec<float> c) {
    return {vfmaq_f32(c.v, a.v, b.v)};
}
inline Vec<float> operator+(Vec<float> a, Vec<float> b) {
    return {vaddq_f32(a.v, b.v)};
}

template <> struct Vec<double> {
    static constexpr size_t lanes = 2;
    float64x2_t v;
    static Vec zero() { return {vdupq_n_f64(0)}; }
    static Vec load(const double *p) { return {vld1q_f64(p)}; }
    static Vec broadcast(double s) { return {vdupq_n_f64(s)}; }
    void store(double *p) const { vst1q_f64(p, v); }
};
inline Vec<double> fma(Vec<double> a, Vec<double> b, Vec<double> c) {
    return {vfmaq_f64(c.v, a.v, b.v)};
}
inline Vec<double> operator+(Vec<double> a, Vec<double> b) {
    return {vaddq_f64(a.v, b.v)};
}

#else // portable: one lane after the other

template <class T> struct Vec {
    static constexpr size_t lanes = 4;
    T v[lanes];
    static Vec zero() { return broadcast(T(0)); }
    static Vec load(const T *p) {
        Vec r;
        for (size_t i = 0; i < lanes; ++i)
            r.v[i] = p[i];
        return r;
    }
    static Vec broadcast(T s) {
        Vec r;
        for (size_t i = 0; i < lanes; ++i)
            r.v[i] = s;
        return r;
    }
    void store(T *p) const {
        for (size_t i = 0; i < lanes; ++i)
            p[i] = v[i];
    }
};
template <class T> inline Vec<T> fma(Vec<T> a, Vec<T> b, Vec<T> c) {
    for (size_t i = 0; i < Vec<T>::lanes; ++i)
        c.v[i] = fma(a.v[i], b.v[i], c.v[i]);
    return c;
}
template <class T> inline Vec<T> operator+(Vec<T> a, Vec<T> b) {
    for (size_t i = 0; i < Vec<T>::lanes; ++i)
        a.v[i] += b.v[i];
    return a;
}

#endif

} // namespace PELLUCID_TARGET
} // namespace pellucid
