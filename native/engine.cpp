#include "engine.hpp"

#include "dropout.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pellucid {
namespace {

// Above this share of non-zeros a first layer is faster as a dense product; the bits
// are the same either way.
constexpr double sparse_below = 0.45;

// Rows that go through the layers together: enough to fill the tiles, few enough for
// the cache. A larger mini-batch is taken in blocks, whose chains go on from each
// other, so the bits are those of one block and the workspace stays small.
constexpr size_t block_rows = 256;

template <class T> bool is_sparse_enough(const T *x, size_t count) {
    size_t nonzero = 0;
    for (size_t i = 0; i < count; ++i)
        nonzero += x[i] != T(0);
    return double(nonzero) < sparse_below * double(count);
}

bool adaptive(Optimizer rule) {
    return rule == Optimizer::adam || rule == Optimizer::adamw;
}

} // namespace

template <class T>
Engine<T>::Engine(Spec spec, const Kernels<T> &kernels)
    : spec_(std::move(spec)), k_(kernels) {
    const size_t padding = Kernels<T>::padding;
    size_t offset = 0, in = spec_.inputs;
    for (size_t l = 0; l < spec_.layers.size(); ++l) {
        Layer layer;
        layer.in = in;
        layer.out = spec_.layers[l].units;
        layer.ld = (layer.out + padding - 1) / padding * padding;
        layer.offset = offset;
        layer.rate = l < spec_.dropout.size() ? spec_.dropout[l] : 0;
        offset += (in + 1) * layer.ld;
        parameters_ += (in + 1) * layer.out;
        in = layer.out;
        layers_.push_back(std::move(layer));
    }
    for (size_t l = 1; l < layers_.size(); ++l)
        layers_[l].transposed.assign(layers_[l].out * layers_[l - 1].ld, T(0));
    theta_.assign(offset, T(0));
    nabla_.assign(offset, T(0));
    slot1_.assign(slots() >= 1 ? offset : 0, T(0));
    slot2_.assign(slots() >= 2 ? offset : 0, T(0));
}

template <class T> size_t Engine<T>::slots() const {
    return spec_.optimizer == Optimizer::sgd ? 0 : adaptive(spec_.optimizer) ? 2 : 1;
}

template <class T> void Engine<T>::bind(Examples<T> examples) {
    examples_ = examples;
    sparse_input_ = examples.x == nullptr ||
                    is_sparse_enough(examples.x, examples.rows * spec_.inputs);
}

template <class T> void Engine<T>::set_step(uint64_t step) {
    step_ = step;
    beta1_power_ = beta2_power_ = 1;
    for (uint64_t t = 0; adaptive(spec_.optimizer) && t < step; ++t) {
        beta1_power_ *= spec_.numbers.first;
        beta2_power_ *= spec_.numbers.second;
    }
}

// ---- layouts -----------------------------------------------------------------------

// Calls f(canonical index, storage index) for each number of a layer.
template <class T>
template <class F>
void Engine<T>::each_number(const Layer &layer, F f) const {
    size_t canonical = 0;
    for (size_t j = 0; j < layer.out; ++j)
        for (size_t k = 0; k < layer.in; ++k)
            f(canonical++, layer.offset + k * layer.ld + j);
    for (size_t j = 0; j < layer.out; ++j)
        f(canonical++, layer.offset + layer.in * layer.ld + j);
}

template <class T> void Engine<T>::get(size_t which, T *canonical) const {
    const std::vector<T> &from = which == 0 ? theta_ : which == 1 ? slot1_ : slot2_;
    for (const Layer &layer : layers_) {
        each_number(layer, [&](size_t c, size_t s) { canonical[c] = from[s]; });
        canonical += (layer.in + 1) * layer.out;
    }
}

template <class T> void Engine<T>::set(size_t which, const T *canonical) {
    std::vector<T> &to = which == 0 ? theta_ : which == 1 ? slot1_ : slot2_;
    for (const Layer &layer : layers_) {
        each_number(layer, [&](size_t c, size_t s) { to[s] = canonical[c]; });
        canonical += (layer.in + 1) * layer.out;
    }
}

// ---- one mini-batch
// ------------------------------------------------------------------

template <class T> void Engine<T>::reserve(size_t rows) {
    const size_t m = std::min(rows, block_rows);
    if (m <= capacity_)
        return;
    for (Layer &layer : layers_)
        for (std::vector<T> *v : {&layer.z, &layer.a, &layer.delta})
            v->assign(m * layer.ld, T(0));
    x_.assign(m * spec_.inputs, T(0));
    y_.assign(m * outputs(), T(0));
    share_.assign(m, T(0));
    cost_.assign(m, T(0));
    starts_.assign(m + 1, 0);
    // One place more than there are inputs: compress() writes before it knows.
    values_.assign(m * spec_.inputs + 1, T(0));
    columns_.assign(m * spec_.inputs + 1, 0);
    capacity_ = m;
}

template <class T> void Engine<T>::gather(const int64_t *rows, size_t m) {
    const size_t n = spec_.inputs;
    starts_[0] = 0;
    for (size_t i = 0; i < m; ++i) {
        const size_t row = size_t(rows[i]);
        const size_t start = size_t(starts_[i]);
        size_t count = 0;
        if (!examples_.x) {
            const int64_t from = examples_.sparse.starts[row];
            count = size_t(examples_.sparse.starts[row + 1] - from);
            std::copy_n(examples_.sparse.values + from, count, &values_[start]);
            std::copy_n(examples_.sparse.columns + from, count, &columns_[start]);
        } else if (sparse_input_) {
            count = k_.compress(n, examples_.x + row * n, &values_[start],
                                &columns_[start]);
        } else {
            std::copy_n(examples_.x + row * n, n, &x_[i * n]);
        }
        starts_[i + 1] = int64_t(start + count);
        if (examples_.y)
            std::copy_n(examples_.y + row * outputs(), outputs(), &y_[i * outputs()]);
    }
    lists_ = {values_.data(), columns_.data(), starts_.data()};
}

// Each example's weight over the mean weight of its mini-batch.
template <class T>
void Engine<T>::shares(const int64_t *rows, size_t m, double mean_weight) {
    for (size_t i = 0; i < m; ++i) {
        const double weight = double(examples_.weight[rows[i]]);
        share_[i] = mean_weight > 0 ? T(weight / mean_weight) : T(0);
    }
}

template <class T> void Engine<T>::forward(size_t first, size_t m) {
    for (size_t l = 0; l < layers_.size(); ++l) {
        Layer &layer = layers_[l];
        const T *w = &theta_[layer.offset];
        if (l == 0 && sparse_input_)
            k_.sparse_product(m, layer.ld, lists_, w, layer.z.data());
        else if (l == 0)
            k_.product(m, layer.ld, layer.in, x_.data(), layer.in, 1, w, false,
                       layer.z.data());
        else
            k_.product(m, layer.ld, layer.in, layers_[l - 1].a.data(),
                       layers_[l - 1].ld, 1, w, false, layer.z.data());
        k_.add_bias(m, layer.ld, w + layer.in * layer.ld, layer.z.data());
        const LayerSpec &spec = spec_.layers[l];
        k_.activate(spec.sigma, spec.number, m, layer.out, layer.ld, layer.z.data(),
                    layer.a.data());
        drop(l, first, m, layer.a);
    }
}

template <class T>
void Engine<T>::drop(size_t l, size_t first, size_t m, std::vector<T> &rows) {
    const Layer &layer = layers_[l];
    if (training_ && layer.rate > 0)
        k_.times_mask(portable::dropout_key(spec_.seed, step_, l + 1), layer.rate,
                      first, m, layer.out, layer.ld, rows.data());
}

// BP1; the summed cost of the block (by share, where there are weights).
template <class T> double Engine<T>::cost_and_delta(size_t m) {
    Layer &last = layers_.back();
    const LayerSpec &spec = spec_.layers.back();
    k_.cost(spec_.cost, spec_.cost_number, spec.sigma, spec.number, m, last.out,
            last.ld, last.z.data(), last.a.data(), y_.data(),
            examples_.weight ? share_.data() : nullptr, cost_.data(),
            last.delta.data());
    double sum = 0;
    for (size_t i = 0; i < m; ++i)
        sum +=
            examples_.weight ? double(share_[i]) * double(cost_[i]) : double(cost_[i]);
    return sum;
}

template <class T> void Engine<T>::backward(size_t first, size_t m) {
    const bool onto = first > 0;
    for (size_t l = layers_.size(); l-- > 0;) {
        Layer &layer = layers_[l];
        const T *delta = layer.delta.data();
        T *nabla = &nabla_[layer.offset];
        const size_t weights = layer.in * layer.ld;
        if (!onto)
            std::fill_n(nabla + weights, layer.ld, T(0));
        k_.column_sums(m, layer.ld, delta, nabla + weights); // BP3
        if (l == 0 && sparse_input_) {                       // BP4
            if (!onto)
                std::fill_n(nabla, weights, T(0));
            k_.sparse_gradient(m, layer.ld, lists_, delta, nabla);
            return;
        }
        if (l == 0) {
            k_.product(layer.in, layer.ld, m, x_.data(), 1, layer.in, delta, onto,
                       nabla);
            return;
        }
        Layer &before = layers_[l - 1];
        k_.product(layer.in, layer.ld, m, before.a.data(), 1, before.ld, delta, onto,
                   nabla);
        const T *w = &theta_[layer.offset]; // BP2
        for (size_t k = 0; k < layer.in; ++k)
            for (size_t j = 0; j < layer.out; ++j)
                layer.transposed[j * before.ld + k] = w[k * layer.ld + j];
        k_.product(m, before.ld, layer.out, delta, layer.ld, 1, layer.transposed.data(),
                   false, before.delta.data());
        drop(l - 1, first, m, before.delta);
        const LayerSpec &spec = spec_.layers[l - 1];
        k_.times_prime(spec.sigma, spec.number, m * before.ld, before.z.data(),
                       before.delta.data());
    }
}

template <class T> double Engine<T>::penalty() const {
    double sum = 0;
    for (const Layer &layer : layers_) {
        const size_t weights = layer.in * layer.ld;
        const T *w = &theta_[layer.offset];
        if (spec_.l2 > 0)
            sum += 0.5 * spec_.l2 * k_.sum_of_squares(weights, w);
        if (spec_.l1 > 0)
            sum += spec_.l1 * k_.sum_of_absolutes(weights, w);
    }
    return sum;
}

template <class T> void Engine<T>::penalize_and_clip(size_t m) {
    double squares = 0;
    for (const Layer &layer : layers_) {
        const size_t weights = layer.in * layer.ld;
        T *nabla = &nabla_[layer.offset];
        k_.mean_and_penalty(weights, layer.ld, double(m), spec_.l1, spec_.l2,
                            &theta_[layer.offset], nabla);
        if (spec_.clip > 0)
            squares += k_.sum_of_squares(weights + layer.ld, nabla);
    }
    const double norm = std::sqrt(squares);
    if (spec_.clip > 0 && norm > spec_.clip)
        k_.scale(nabla_.size(), spec_.clip / norm, nabla_.data());
}

// The mean cost with penalties; its gradient is left in nabla_.
template <class T> double Engine<T>::mini_batch(const int64_t *rows, size_t m) {
    double mean_weight = 0, cost = 0;
    for (size_t i = 0; examples_.weight && i < m; ++i)
        mean_weight += double(examples_.weight[rows[i]]) / double(m);
    training_ = true;
    for (size_t first = 0; first < m; first += block_rows) {
        const size_t count = std::min(block_rows, m - first);
        gather(rows + first, count);
        if (examples_.weight)
            shares(rows + first, count, mean_weight);
        forward(first, count);
        cost += cost_and_delta(count);
        backward(first, count);
    }
    training_ = false;
    penalize_and_clip(m);
    return cost / double(m) + penalty();
}

template <class T> void Engine<T>::apply(double eta) {
    StepNumbers numbers = spec_.numbers;
    if (adaptive(spec_.optimizer)) {
        beta1_power_ *= numbers.first;
        beta2_power_ *= numbers.second;
    }
    numbers.eta = eta;
    numbers.correction1 = 1 - beta1_power_;
    numbers.correction2 = std::sqrt(1 - beta2_power_);
    k_.update(spec_.optimizer, numbers, theta_.size(), nabla_.data(), theta_.data(),
              slot1_.data(), slot2_.data());
    ++step_;
}

// ---- what is asked of an engine
// -------------------------------------------------------

template <class T>
RunResult Engine<T>::run(const int64_t *order, size_t count, size_t batch_size,
                         const double *etas, const std::function<void()> &poll) {
    reserve(std::min(batch_size, count));
    RunResult result;
    for (size_t start = 0, batch = 0; start < count; start += batch_size, ++batch) {
        const size_t m = std::min(batch_size, count - start);
        const double cost = mini_batch(order + start, m);
        if (!std::isfinite(cost)) {
            result.bad_mini_batch = batch;
            return result;
        }
        result.cost += cost * double(m);
        apply(etas[batch]);
        poll();
    }
    return result;
}

template <class T>
double Engine<T>::gradient(const int64_t *rows, size_t count, T *nabla) {
    reserve(count);
    const double cost = mini_batch(rows, count);
    for (const Layer &layer : layers_) {
        each_number(layer, [&](size_t c, size_t s) { nabla[c] = nabla_[s]; });
        nabla += (layer.in + 1) * layer.out;
    }
    return cost;
}

template <class T> void Engine<T>::update(const T *nabla, double eta) {
    for (const Layer &layer : layers_) {
        each_number(layer, [&](size_t c, size_t s) { nabla_[s] = nabla[c]; });
        nabla += (layer.in + 1) * layer.out;
    }
    apply(eta);
}

template <class T> void Engine<T>::output(const Examples<T> &examples, T *z, T *a) {
    std::vector<int64_t> rows(block_rows);
    reserve(std::min(block_rows, examples.rows));
    const Examples<T> bound = examples_; // nothing below can fail
    const bool sparse = sparse_input_;
    examples_ = examples;
    sparse_input_ = sparse_input_ || !examples.x;
    const Layer &last = layers_.back();
    for (size_t start = 0; start < examples.rows; start += block_rows) {
        const size_t m = std::min(block_rows, examples.rows - start);
        std::iota(rows.begin(), rows.end(), int64_t(start));
        gather(rows.data(), m);
        forward(0, m);
        for (size_t i = 0; i < m; ++i, z += last.out, a += last.out) {
            std::copy_n(&last.z[i * last.ld], last.out, z);
            std::copy_n(&last.a[i * last.ld], last.out, a);
        }
    }
    examples_ = bound;
    sparse_input_ = sparse;
}

template class Engine<float>;
template class Engine<double>;

} // namespace pellucid
