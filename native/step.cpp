// One mini-batch: the row phase and the weight phase. See engine.hpp.

#include "dropout.hpp"
#include "engine.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid {
namespace {

// Rows that go through the layers together: enough to fill the tiles, few enough for
// the cache. A larger mini-batch is taken in blocks, whose chains go on from each
// other, so the bits are those of one block and the workspace stays small.
constexpr size_t block_rows = 256;

// Fewer rows than this are not worth a piece of their own.
constexpr size_t least_rows = 16;

// Up to so many sparse rows it is quicker to scatter a gradient than to sort its parts
// by column.
constexpr size_t few_rows = 32;

// From so many on it is quicker to go forward by columns, too.
constexpr size_t many_rows = 24;

} // namespace

template <class T> size_t Engine<T>::block_size(size_t rows) {
    return std::min(rows, block_rows);
}

template <class T>
bool Engine<T>::mini_batch(const int64_t *rows, size_t m, Charge *charge, Update update,
                           const Poll &poll) {
    const bool one_block = update.wanted && m <= block_rows && spec_.clip == 0;
    way_ = !one_block ? Way::sums : is_plain() ? Way::in_place : Way::piecewise;
    factor_ = T(-update.eta / double(m));
    double mean_weight = 0;
    for (size_t i = 0; rows_->weight && i < m; ++i)
        mean_weight += double(rows_->weight[rows[i]]) / double(m);
    const double counted = double(m) * (rows_->weight ? mean_weight : 1.0);
    l2_ = !spec_.summed_penalty ? spec_.l2 : counted > 0 ? spec_.l2 / counted : 0;
    double sum = 0;
    for (size_t first = 0; first < m; first += block_rows) {
        const Block block{rows + first, first, std::min(block_rows, m - first),
                          mean_weight};
        sum += row_phase(block);
        if (way_ == Way::sums)
            weight_phase(block, first > 0);
        poll();
    }
    charge->penalty = penalty();
    charge->cost = sum / double(m) + charge->penalty;
    if (update.wanted && !std::isfinite(charge->cost))
        return false;
    if (update.wanted)
        begin_update(update.eta);
    if (way_ == Way::sums)
        finish_all(m, update.wanted);
    else
        weight_phase({rows, 0, m, mean_weight}, way_ == Way::in_place);
    step_ += update.wanted;
    return true;
}

// Gradient descent and nothing else: then theta itself takes up the sums.
template <class T> bool Engine<T>::is_plain() const {
    return spec_.optimizer == Optimizer::sgd && spec_.l1 == 0 && spec_.l2 == 0;
}

// ---- rows ----

// The summed cost of the block (by share, where there are weights); the errors of all
// layers are left in their delta.
template <class T> double Engine<T>::row_phase(const Block &block) {
    training_ = true;
    lists_ = rows_->lists;
    lists_.rows = block.rows;
    const size_t m = block.m, pieces = row_pieces(m);
    parts_.resize(is_turned(m) ? pieces : 0);
    turned_.resize(std::max(turned_.size(), parts_.size()));
    for (Desk &desk : desks_) // now, so that no weight phase fails half way
        desk.parts.reserve(parts_.size());
    team_->each(pieces, [&](size_t piece, size_t) {
        const size_t first = piece * m / pieces;
        const size_t count = (piece + 1) * m / pieces - first;
        const bool turned = !parts_.empty();
        if (!turned) // it fetches for itself: a large step uses the cache for much else
            fetch_next(block.first + first, count);
        read_rows(block, first, count);
        if (turned)
            parts_[piece] = turn(piece, first, count);
        forward(block.first, first, count, turned ? &parts_[piece] : nullptr);
        cost_and_delta(first, count);
        backward(block.first, first, count);
        if (way_ == Way::in_place)
            for (Layer &layer : layers_)
                k_.scale(count * layer.ld, factor_, &layer.delta[first * layer.ld]);
    });
    training_ = false;
    double sum = 0;
    for (size_t i = 0; i < m; ++i)
        sum += rows_->weight ? double(share_[i]) * double(cost_[i]) : double(cost_[i]);
    return sum;
}

template <class T> size_t Engine<T>::row_pieces(size_t m) const {
    const size_t members = team_->size();
    return members == 1 ? 1 : std::clamp<size_t>(m / least_rows, 1, 2 * members);
}

// Rows of the next mini-batch, while this one is worked on: else a small step would
// wait for the far memory that they lie in, row by row.
template <class T> void Engine<T>::fetch_next(size_t first, size_t count) const {
    for (size_t i = first; i < std::min(first + count, next_count_); ++i)
        rows_->fetch(size_t(next_[i]));
}

// Inputs where they are dense, targets, and shares: each example's weight over the mean
// weight of its mini-batch.
template <class T>
void Engine<T>::read_rows(const Block &block, size_t first, size_t count) {
    const size_t n = spec_.inputs, out = outputs();
    for (size_t i = first; i < first + count; ++i) {
        const size_t row = size_t(block.rows[i]);
        if (!rows_->sparse())
            rows_->read(row, &x_[i * n]);
        std::copy_n(rows_->y + row * out, out, &y_[i * out]);
        if (rows_->weight) {
            const double weight = double(rows_->weight[row]), mean = block.mean_weight;
            share_[i] = mean > 0 ? T(weight / mean) : T(0);
        }
    }
}

// `before`: rows of the mini-batch before the block. `turned`: the lists of the rows,
// turned over, or null.
template <class T>
void Engine<T>::forward(size_t before, size_t first, size_t count,
                        const SparseColumns<T> *turned) {
    for (size_t l = 0; l < layers_.size(); ++l) {
        Layer &layer = layers_[l];
        const T *w = &theta_[layer.offset], *bias = w + layer.in * layer.ld;
        T *z = &layer.z[first * layer.ld];
        if (l == 0 && turned && count >= many_rows) {
            k_.turned_product(first, count, layer.width, lists_.groups(layer.in),
                              *turned, w, layer.ld, bias, layer.z.data());
        } else if (l == 0 && lists_.starts) {
            k_.sparse_product(count, layer.width, lists_.from(first), w, layer.ld, bias,
                              z);
        } else {
            const T *a = l == 0 ? &x_[first * layer.in]
                                : &layers_[l - 1].a[first * layers_[l - 1].ld];
            const size_t a_ld = l == 0 ? layer.in : layers_[l - 1].ld;
            k_.product({count, layer.width, layer.in, a, a_ld, 1, w, layer.ld, bias,
                        false, z, layer.ld});
        }
        const LayerSpec &spec = spec_.layers[l];
        T *a = &layer.a[first * layer.ld];
        k_.activate(spec.sigma, spec.number, count, layer.out, layer.ld, z, a);
        drop(l, before + first, count, a);
    }
}

template <class T>
void Engine<T>::drop(size_t l, size_t first, size_t count, T *numbers) {
    const Layer &layer = layers_[l];
    if (training_ && layer.rate > 0)
        k_.times_mask(portable::dropout_key(spec_.seed, step_, l + 1), layer.rate,
                      first, count, layer.out, layer.ld, numbers);
}

// BP1
template <class T> void Engine<T>::cost_and_delta(size_t first, size_t count) {
    Layer &last = layers_.back();
    const LayerSpec &spec = spec_.layers.back();
    const size_t at = first * last.ld;
    k_.cost(spec_.cost, spec_.cost_number, spec.sigma, spec.number, count, last.out,
            last.ld, &last.z[at], &last.a[at], &y_[first * last.out],
            rows_->weight ? &share_[first] : nullptr, &cost_[first], &last.delta[at]);
}

// BP2
template <class T> void Engine<T>::backward(size_t before, size_t first, size_t count) {
    for (size_t l = layers_.size(); l-- > 1;) {
        const Layer &layer = layers_[l];
        Layer &below = layers_[l - 1];
        T *delta = &below.delta[first * below.ld];
        k_.product({count, below.width, layer.out, &layer.delta[first * layer.ld],
                    layer.ld, 1, layer.transposed.data(), below.ld, nullptr, false,
                    delta, below.ld});
        drop(l - 1, before + first, count, delta);
        const LayerSpec &spec = spec_.layers[l - 1];
        k_.times_prime(spec.sigma, spec.number, count * below.ld,
                       &below.z[first * below.ld], delta);
    }
}

// ---- weights ----

// Whether the first layer's gradient is scattered into its weights.
template <class T> bool Engine<T>::is_few(size_t m) const {
    return rows_->sparse() && way_ == Way::in_place && m <= few_rows &&
           team_->size() == 1;
}

// BP3 and BP4, and the update unless the sums are to be left in nabla_. `onto`: they
// are added to what is there.
template <class T> void Engine<T>::weight_phase(const Block &block, bool onto) {
    const bool few = is_few(block.m);
    if (few)
        k_.scatter_gradient(block.m, layers_[0].width, lists_, layers_[0].delta.data(),
                            layers_[0].ld, theta_.data());
    team_->each(pieces_.size(), [&](size_t number, size_t member) {
        Piece piece = pieces_[number];
        const Layer &layer = layers_[piece.layer];
        if (few && piece.layer == 0) // what is left of the layer: the biases
            piece.first = layer.in;
        if (piece.first >= piece.last)
            return;
        const size_t at = layer.offset + piece.first * layer.ld;
        Desk &desk = desks_[member];
        T *sums = way_ == Way::sums       ? &nabla_[at]
                  : way_ == Way::in_place ? &theta_[at]
                                          : desk.sums.data();
        gradient_of(piece, block, onto, sums, desk);
        if (way_ == Way::piecewise)
            finish(piece, block.m, sums);
        else if (way_ == Way::in_place)
            turn_weights(piece);
    });
}

// The sums over the block's rows for the inputs of a piece, (inputs, ld).
template <class T>
void Engine<T>::gradient_of(const Piece &piece, const Block &block, bool onto, T *sums,
                            Desk &desk) {
    const Layer &layer = layers_[piece.layer];
    const T *delta = layer.delta.data();
    const size_t end = std::min(piece.last, layer.in), count = end - piece.first;
    if (count == 0) {
        // the biases alone
    } else if (piece.layer == 0 && lists_.starts) {
        std::vector<SparseColumns<T>> &parts = desk.parts;
        parts = parts_;
        for (SparseColumns<T> &part : parts)
            part.starts += lists_.groups(piece.first);
        k_.sparse_gradient(lists_.groups(count), layer.width, parts.data(),
                           parts.size(), delta, layer.ld, onto, sums);
    } else {
        const T *a = piece.layer == 0 ? x_.data() : layers_[piece.layer - 1].a.data();
        const size_t a_ld = piece.layer == 0 ? layer.in : layers_[piece.layer - 1].ld;
        k_.product({count, layer.width, block.m, a + piece.first, 1, a_ld, delta,
                    layer.ld, nullptr, onto, sums, layer.ld});
    }
    if (piece.last > layer.in)
        k_.column_sums(block.m, layer.width, delta, layer.ld, onto,
                       sums + count * layer.ld);
}

// Whether the lists of a block are turned over.
template <class T> bool Engine<T>::is_turned(size_t m) const {
    return rows_->sparse() && !is_few(m);
}

template <class T>
SparseColumns<T> Engine<T>::turn(size_t part, size_t first, size_t count) {
    turned_[part].turn(lists_, spec_.inputs, first, count,
                       [this](size_t row) { rows_->fetch(row); });
    return turned_[part].view();
}

// From sums over m rows to the update.
template <class T> void Engine<T>::finish(const Piece &piece, size_t m, T *sums) {
    Layer &layer = layers_[piece.layer];
    const size_t end = std::min(piece.last, layer.in);
    const size_t weights = (end - piece.first) * layer.ld;
    const size_t biases = (piece.last - end) * layer.ld;
    const size_t at = layer.offset + piece.first * layer.ld;
    for (size_t row = 0; row < piece.last - piece.first; ++row) // else of other pieces
        std::fill_n(sums + row * layer.ld + layer.width, layer.ld - layer.width, T(0));
    k_.mean_and_penalty(weights, biases, double(m), spec_.l1, l2_, &theta_[at], sums);
    update_piece(piece, sums);
}

template <class T> void Engine<T>::update_piece(const Piece &piece, const T *nabla) {
    Layer &layer = layers_[piece.layer];
    const size_t at = layer.offset + piece.first * layer.ld;
    k_.update(spec_.optimizer, now_, (piece.last - piece.first) * layer.ld, nabla,
              &theta_[at], slot1_.empty() ? nullptr : &slot1_[at],
              slot2_.empty() ? nullptr : &slot2_[at]);
    turn_weights(piece);
}

// Keeps W^T, which BP2 needs, up with a piece of W.
template <class T> void Engine<T>::turn_weights(const Piece &piece) {
    if (piece.layer == 0)
        return;
    Layer &layer = layers_[piece.layer];
    const size_t count = std::min(piece.last, layer.in) - piece.first;
    k_.transpose(count, layer.out, &theta_[layer.offset + piece.first * layer.ld],
                 layer.ld, &layer.transposed[piece.first], layers_[piece.layer - 1].ld);
}

// The mean over m rows with penalties, clipped, is left in nabla_; then the update.
template <class T> void Engine<T>::finish_all(size_t m, bool update) {
    double squares = 0;
    for (const Layer &layer : layers_) {
        const size_t weights = layer.in * layer.ld;
        T *nabla = &nabla_[layer.offset];
        k_.mean_and_penalty(weights, layer.ld, double(m), spec_.l1, l2_,
                            &theta_[layer.offset], nabla);
        if (spec_.clip > 0)
            squares += k_.sum_of_squares(weights + layer.ld, nabla);
    }
    const double norm = std::sqrt(squares);
    if (spec_.clip > 0 && norm > spec_.clip)
        k_.scale(nabla_.size(), spec_.clip / norm, nabla_.data());
    if (update)
        update_all();
}

template <class T> void Engine<T>::update_all() {
    team_->each(pieces_.size(), [&](size_t number, size_t) {
        const Piece &piece = pieces_[number];
        const Layer &layer = layers_[piece.layer];
        update_piece(piece, &nabla_[layer.offset + piece.first * layer.ld]);
    });
}

template class Engine<float>;
template class Engine<double>;

} // namespace pellucid
