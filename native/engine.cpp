// What is asked of an engine, and the layouts of what it keeps.

#include "engine.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pellucid {
namespace {

// Inputs of a dense layer whose gradient makes one piece: whole cache lines of W^T.
constexpr size_t piece_inputs = 32;

// The same of a first layer, which may be sparse; and no more pieces than can be told
// apart cheaply.
constexpr size_t first_inputs = 128, most_pieces = 64;

// Multiply-adds of a step (an update of one parameter counts as so many) from which on
// a second thread pays.
constexpr double worth_a_thread = 5e5;

// For so few rows, a weight that meets a zero is not worth being fetched.
constexpr size_t few_answers = 8;

bool adaptive(Optimizer rule) {
    return rule == Optimizer::adam || rule == Optimizer::adamw;
}

// Two neighbours in a column should not always meet in the same set of the cache, so
// the lines of a wide row are odd in number.
size_t leading(size_t width, size_t line) {
    const size_t lines = width / line;
    return lines >= 8 && lines % 2 == 0 ? width + line : width;
}

} // namespace

template <class T>
Engine<T>::Engine(Spec spec, const Kernels<T> &kernels)
    : spec_(std::move(spec)), k_(kernels) {
    const size_t line = Kernels<T>::padding;
    size_t offset = 0, in = spec_.inputs;
    for (size_t l = 0; l < spec_.layers.size(); ++l) {
        Layer layer{};
        layer.in = in;
        layer.out = spec_.layers[l].units;
        layer.width = (layer.out + line - 1) / line * line;
        layer.ld = leading(layer.width, line);
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
    divide();
}

template <class T> size_t Engine<T>::slots() const {
    return spec_.optimizer == Optimizer::sgd ? 0 : adaptive(spec_.optimizer) ? 2 : 1;
}

// Into the pieces of the weight phase; the last one of a layer has its biases too.
template <class T> void Engine<T>::divide() {
    for (size_t l = 0; l < layers_.size(); ++l) {
        const size_t in = layers_[l].in;
        const size_t size =
            l == 0 ? std::max(first_inputs, in / most_pieces / 2 * 2) : piece_inputs;
        for (size_t first = 0; first < in; first += size) {
            const size_t last = std::min(first + size, in);
            pieces_.push_back({l, first, last + (last == in)});
        }
    }
}

template <class T> void Engine<T>::set_step(uint64_t step) {
    step_ = step;
    beta1_power_ = beta2_power_ = 1;
    for (uint64_t t = 0; adaptive(spec_.optimizer) && t < step; ++t) {
        beta1_power_ *= spec_.numbers.first;
        beta2_power_ *= spec_.numbers.second;
    }
}

template <class T> void Engine<T>::begin_update(double eta) {
    now_ = spec_.numbers;
    if (adaptive(spec_.optimizer)) {
        beta1_power_ *= now_.first;
        beta2_power_ *= now_.second;
    }
    now_.eta = eta;
    now_.correction1 = 1 - beta1_power_;
    now_.correction2 = std::sqrt(1 - beta2_power_);
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
    const Buffer<T> &from = which == 0 ? theta_ : which == 1 ? slot1_ : slot2_;
    for (const Layer &layer : layers_) {
        each_number(layer, [&](size_t c, size_t s) { canonical[c] = from[s]; });
        canonical += (layer.in + 1) * layer.out;
    }
}

template <class T> void Engine<T>::set(size_t which, const T *canonical) {
    Buffer<T> &to = which == 0 ? theta_ : which == 1 ? slot1_ : slot2_;
    for (const Layer &layer : layers_) {
        each_number(layer, [&](size_t c, size_t s) { to[s] = canonical[c]; });
        canonical += (layer.in + 1) * layer.out;
    }
    if (which == 0)
        for (const Piece &piece : pieces_)
            turn_weights(piece);
}

template <class T> void Engine<T>::reserve(size_t rows) {
    const size_t m = block_size(rows), members = std::max<size_t>(threads_, 1);
    if (desks_.size() < members) {
        size_t most = 0;
        for (const Piece &piece : pieces_)
            most = std::max(most, (piece.last - piece.first) * layers_[piece.layer].ld);
        std::vector<Desk> desks(members); // all or none: memory may be short
        for (Desk &desk : desks)
            desk.sums.resize(most);
        desks_ = std::move(desks);
    }
    if (m <= capacity_)
        return;
    for (Layer &layer : layers_)
        for (Buffer<T> *v : {&layer.z, &layer.a, &layer.delta})
            v->assign(m * layer.ld, T(0));
    x_.assign(m * spec_.inputs, T(0));
    y_.assign(m * outputs(), T(0));
    share_.assign(m, T(0));
    cost_.assign(m, T(0));
    capacity_ = m;
}

template <class T> double Engine<T>::penalty() const {
    double sum = 0;
    for (const Layer &layer : layers_) {
        const size_t weights = layer.in * layer.ld;
        const T *w = &theta_[layer.offset];
        if (l2_ > 0)
            sum += 0.5 * l2_ * k_.sum_of_squares(weights, w);
        if (spec_.l1 > 0)
            sum += spec_.l1 * k_.sum_of_absolutes(weights, w);
    }
    return sum;
}

template <class T> size_t Engine<T>::useful_threads(size_t batch_size) const {
    double work = 0, sparse = 1;
    if (rows_->sparse())
        sparse = double(rows_->lists.starts[rows_->count]) /
                 (double(rows_->count) * double(rows_->lists.groups(spec_.inputs)));
    for (size_t l = 0; l < layers_.size(); ++l) {
        const double weights = double(layers_[l].in) * double(layers_[l].width);
        const double products = l == 0 ? 2 * sparse : 3;
        work += weights * (products * double(batch_size) + 3.0 * double(slots()));
    }
    return work < worth_a_thread ? 1 : threads_;
}

// ---- what is asked of an engine -----------------------------------------------------

template <class T>
std::vector<RunResult> Engine<T>::run_epochs(const int64_t *orders, size_t epochs,
                                             size_t count, size_t batch_size,
                                             const double *etas, const Poll &poll,
                                             double before) {
    reserve(std::min(batch_size, count));
    Team many(useful_threads(std::min(batch_size, count)));
    pace_.resume();
    const size_t batches = (count + batch_size - 1) / batch_size;
    std::vector<RunResult> results;
    for (size_t epoch = 0; epoch < epochs; ++epoch) {
        results.push_back(run_epoch(orders + epoch * count, count, batch_size,
                                    etas + epoch * batches, many, poll,
                                    epoch == 0 ? before : 0));
        if (results.back().bad_mini_batch)
            break;
    }
    return results;
}

template <class T>
RunResult Engine<T>::run_epoch(const int64_t *order, size_t count, size_t batch_size,
                               const double *etas, Team &many, const Poll &poll,
                               double before) {
    Team alone(1);
    RunResult result;
    result.cost = before;
    for (size_t start = 0, batch = 0; start < count; start += batch_size, ++batch) {
        const size_t m = std::min(batch_size, count - start), end = start + m;
        next_ = order + end;
        next_count_ = std::min(batch_size, count - end);
        team_ = many.size() > 1 && pace_.together() ? &many : &alone;
        Charge charge{};
        if (!mini_batch(order + start, m, &charge, {true, etas[batch]}, poll)) {
            result.bad_mini_batch = batch;
            return result;
        }
        result.cost += charge.cost * double(m);
        result.penalty += charge.penalty * double(m);
        poll();
    }
    return result;
}

template <class T> double Engine<T>::find_gradient(const int64_t *rows, size_t count) {
    reserve(count);
    Team team(useful_threads(count));
    team_ = &team;
    Charge charge{};
    next_count_ = 0;
    mini_batch(rows, count, &charge, {false, 0}, [] {});
    return charge.cost;
}

template <class T>
double Engine<T>::gradient(const int64_t *rows, size_t count, T *nabla) {
    const double cost = find_gradient(rows, count);
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
    Team alone(1);
    team_ = &alone;
    begin_update(eta);
    update_all();
    ++step_;
}

template <class T> void Engine<T>::output(const Rows<T> &rows, T *z, T *a) {
    const size_t most = block_size(rows.count), n = spec_.inputs;
    reserve(most);
    training_ = false; // also after a run that failed
    const bool dense = !rows.lists.starts;
    const bool compress =
        dense && (rows.count <= few_answers || (rows_ && rows_->sparse()));
    if (compress) {
        values_.resize(std::max(values_.size(), most * n));
        columns_.resize(std::max(columns_.size(), most * n));
        starts_.resize(std::max(starts_.size(), most + 1));
    }
    const Layer &last = layers_.back();
    for (size_t start = 0; start < rows.count; start += most) {
        const size_t m = std::min(most, rows.count - start);
        if (compress) {
            for (size_t i = 0; i < m; ++i) {
                const auto at = size_t(starts_[i]);
                const T *row = rows.x + (start + i) * n;
                if (rows.pixels)
                    rows.read(start + i, x_.data()), row = x_.data();
                starts_[i + 1] =
                    int64_t(at + k_.compress(n, row, &values_[at], &columns_[at]));
            }
            lists_ = {};
            lists_.values = values_.data();
            lists_.wide = columns_.data();
            lists_.starts = starts_.data();
        } else if (dense) {
            for (size_t i = 0; i < m; ++i)
                rows.read(start + i, &x_[i * n]);
            lists_ = {};
        } else {
            lists_ = rows.lists.from(start);
        }
        forward(0, 0, m, nullptr);
        for (size_t i = 0; i < m; ++i, z += last.out, a += last.out) {
            std::copy_n(&last.z[i * last.ld], last.out, z);
            std::copy_n(&last.a[i * last.ld], last.out, a);
        }
    }
}

template class Engine<float>;
template class Engine<double>;

} // namespace pellucid
