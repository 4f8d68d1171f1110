// The native engine: a network in training, one run of mini-batches at a time.
//
// The page again (src/pellucid/mathematics/backprop.py), over one workspace: nothing
// is allocated between mini-batches. It knows nothing of Python; the bindings hand it
// arrays whose shapes they have checked, and a function to call now and then.
//
// A mini-batch has two phases, each in pieces that threads may share. Rows: a piece of
// the examples goes forward through all layers and its errors come back. Weights: a
// piece of a layer's inputs gets its gradient and, while that is still in the cache,
// its update. Files: engine.cpp (what is asked of an engine), step.cpp (the phases).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "buffer.hpp"
#include "kernels.hpp"
#include "pace.hpp"
#include "pool.hpp"
#include "rows.hpp"

namespace pellucid {

struct LayerSpec {
    size_t units;
    Activation sigma;
    double number; // slope or alpha, where the activation has one
};

struct Spec {
    size_t inputs;
    std::vector<LayerSpec> layers;
    Cost cost;
    double cost_number;
    Optimizer optimizer;
    StepNumbers numbers; // eta and the corrections are filled in at each step
    double l1, l2;
    bool summed_penalty;         // l2 is divided by what a mini-batch counts as
    std::vector<double> dropout; // one rate a hidden layer
    double clip;                 // 0: no clipping
    uint64_t seed;
};

// What a run of mini-batches gives back.
struct RunResult {
    double cost = 0;                      // summed over the examples
    double penalty = 0;                   // its part that is the penalties'
    std::optional<size_t> bad_mini_batch; // where the cost stopped being finite
};

// What an engine keeps one of for each parameter.
enum class Numbers : size_t { theta, slot1, slot2, gradient };

using Poll = std::function<void()>; // called every now and then; may throw

template <class T> class Engine {
  public:
    Engine(Spec spec, const Kernels<T> &kernels);

    void bind(std::shared_ptr<Rows<T>> rows) { rows_ = std::move(rows); }

    // Most threads that a run may use. The bits do not depend on it.
    void set_threads(size_t threads) { threads_ = threads; }

    // One update for each mini-batch of `order`, with its eta. Stops before the update
    // of a mini-batch whose cost is not finite. The costs are added to `before` one by
    // one, so that an epoch run in pieces has the same sum.
    RunResult run(const int64_t *order, size_t count, size_t batch_size,
                  const double *etas, const Poll &poll, double before = 0) {
        return run_epochs(order, 1, count, batch_size, etas, poll, before).front();
    }

    // The same for several orders of `count` rows, one after the other: one result
    // each, as far as it came.
    std::vector<RunResult> run_epochs(const int64_t *orders, size_t epochs,
                                      size_t count, size_t batch_size,
                                      const double *etas, const Poll &poll,
                                      double before = 0);

    // The mean cost of the rows and its gradient, penalties included, in canonical
    // layout: each w (out, in), then its b.
    double gradient(const int64_t *rows, size_t count, T *nabla);

    // The same, left where `get_layer` finds it.
    double find_gradient(const int64_t *rows, size_t count);

    // One step with a gradient in canonical layout.
    void update(const T *nabla, double eta);

    // z and a of the last layer, each (rows, outputs).
    void output(const Rows<T> &rows, T *z, T *a);

    size_t parameters() const { return parameters_; }
    size_t slots() const;
    size_t inputs() const { return spec_.inputs; }
    size_t outputs() const { return spec_.layers.back().units; }
    size_t rows() const { return rows_ ? rows_->count : 0; }
    const char *target() const { return k_.target; }

    // theta (which = 0) or a slot (1, 2) in canonical layout, out and in.
    void get(size_t which, T *canonical) const;
    void set(size_t which, const T *canonical);
    // One layer of them: w (in, out) and b (out).
    void get_layer(Numbers which, size_t l, T *w, T *b) const;
    void set_layer(Numbers which, size_t l, const T *w, const T *b);
    std::pair<size_t, size_t> layer_shape(size_t l) const {
        return {layers_[l].in, layers_[l].out};
    }
    size_t layers() const { return layers_.size(); }
    uint64_t step() const { return step_; }
    void set_step(uint64_t step);

  private:
    struct Layer {
        size_t in, out;
        size_t width;  // out, rounded up to whole cache lines: what is computed
        size_t ld;     // from one row to the next
        size_t offset; // of its (in + 1, ld) block in theta, nabla and the slots
        Buffer<T> z, a, delta, transposed;
        double rate = 0; // of dropout
    };

    // Inputs [first, last) of a layer, its biases being input `in`.
    struct Piece {
        size_t layer, first, last;
    };

    // What a thread needs for itself.
    struct Desk {
        Buffer<T> sums;
        std::vector<SparseColumns<T>> parts;
    };

    // A part of a mini-batch that goes through the layers together.
    struct Block {
        const int64_t *rows;
        size_t first, m;    // its place in the mini-batch, and its rows
        double mean_weight; // of the whole mini-batch
    };

    struct Update {
        bool wanted;
        double eta;
    };

    // The mean cost of a mini-batch with its penalties, and these alone.
    struct Charge {
        double cost, penalty;
    };

    // From errors to new weights:
    //   in_place   plain gradient descent: each chain of theta goes on with the errors
    //              times -eta / m, and there is no gradient in between
    //   piecewise  a piece of the gradient, and while it is in the cache its update
    //   sums       the whole gradient in nabla_ first, since it is to be clipped, to be
    //              handed out, or comes in several blocks
    enum class Way { in_place, piecewise, sums };

    // layers.cpp
    const Buffer<T> &numbers(Numbers which) const;

    // engine.cpp
    void divide();
    void reserve(size_t rows);
    size_t useful_threads(size_t batch_size) const;
    double penalty() const; // of theta as it is, by l1 and l2_
    void begin_update(double eta);
    RunResult run_epoch(const int64_t *order, size_t count, size_t batch_size,
                        const double *etas, Team &many, const Poll &poll,
                        double before);
    template <class F> void each_number(const Layer &layer, F f) const;

    // step.cpp
    static size_t block_size(size_t rows);
    bool mini_batch(const int64_t *rows, size_t m, Charge *charge, Update update,
                    const Poll &poll);
    double row_phase(const Block &block);
    size_t row_pieces(size_t m) const;
    void fetch_next(size_t first, size_t count) const;
    void read_rows(const Block &block, size_t first, size_t count);
    void forward(size_t before, size_t first, size_t count,
                 const SparseColumns<T> *turned);
    void drop(size_t l, size_t first, size_t count, T *numbers);
    void cost_and_delta(size_t first, size_t count);
    void backward(size_t before, size_t first, size_t count);
    bool is_plain() const;
    bool is_few(size_t m) const;
    void weight_phase(const Block &block, bool onto);
    void gradient_of(const Piece &piece, const Block &block, bool onto, T *sums,
                     Desk &desk);
    SparseColumns<T> turn(size_t part, size_t first, size_t count);
    bool is_turned(size_t m) const;
    void finish(const Piece &piece, size_t m, T *sums);
    void update_piece(const Piece &piece, const T *nabla);
    void turn_weights(const Piece &piece);
    void finish_all(size_t m, bool update);
    void update_all();

    Spec spec_;
    const Kernels<T> &k_;
    std::shared_ptr<Rows<T>> rows_;
    std::vector<Layer> layers_;
    std::vector<Piece> pieces_;
    size_t parameters_ = 0, threads_ = 1;
    Buffer<T> theta_, nabla_, slot1_, slot2_;
    uint64_t step_ = 0;
    double beta1_power_ = 1, beta2_power_ = 1; // beta^step, by repeated multiplication
    StepNumbers now_{};                        // of the update under way

    bool training_ = false; // whether dropout is on
    Way way_ = Way::sums;   // of the mini-batch under way
    double l2_ = 0;         // of the mini-batch under way
    T factor_ = 0;          // of its errors, in place
    Team *team_ = nullptr;  // of the step under way
    Pace pace_;
    const int64_t *next_ = nullptr; // rows of the mini-batch after this one
    size_t next_count_ = 0;

    // The block: its inputs (dense, or as lists), targets and shares.
    size_t capacity_ = 0;
    SparseRows<T> lists_{}; // without starts: dense
    Buffer<T> x_, values_, y_, share_, cost_;
    Buffer<int32_t> columns_;
    Buffer<int64_t> starts_;
    std::vector<Desk> desks_;
    std::vector<Turned<T>> turned_;       // by piece of the row phase
    std::vector<SparseColumns<T>> parts_; // what they hold now
};

} // namespace pellucid
