// The native engine: a network in training, one run of mini-batches at a time.
//
// The page again (src/pellucid/mathematics/backprop.py), over one workspace: nothing
// is allocated between mini-batches. It knows nothing of Python; the bindings hand it
// arrays whose shapes they have checked, and a function to call now and then.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "kernels.hpp"

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
    std::vector<double> dropout; // one rate a hidden layer
    double clip;                 // 0: no clipping
    uint64_t seed;
};

// Examples, either dense (x) or as lists of non-zeros. Nothing is owned.
template <class T> struct Examples {
    size_t rows = 0;
    const T *x = nullptr; // (rows, inputs)
    SparseRows<T> sparse{};
    const T *y = nullptr;      // (rows, outputs); null where only predicting
    const T *weight = nullptr; // (rows); null: all 1
};

// What a run of mini-batches gives back.
struct RunResult {
    double cost = 0;                      // summed over the examples
    std::optional<size_t> bad_mini_batch; // where the cost stopped being finite
};

template <class T> class Engine {
  public:
    Engine(Spec spec, const Kernels<T> &kernels);

    void bind(Examples<T> examples);

    // One update for each mini-batch of `order`, with its eta. Stops before the update
    // of a mini-batch whose cost is not finite. `poll` is called between mini-batches.
    RunResult run(const int64_t *order, size_t count, size_t batch_size,
                  const double *etas, const std::function<void()> &poll);

    // The mean cost of the rows and its gradient, penalties included, in canonical
    // layout: each w (out, in), then its b.
    double gradient(const int64_t *rows, size_t count, T *nabla);

    // One step with a gradient in canonical layout.
    void update(const T *nabla, double eta);

    // z and a of the last layer, each (rows, outputs).
    void output(const Examples<T> &examples, T *z, T *a);

    size_t parameters() const { return parameters_; }
    size_t slots() const;
    size_t inputs() const { return spec_.inputs; }
    size_t outputs() const { return spec_.layers.back().units; }
    size_t rows() const { return examples_.rows; }
    const char *target() const { return k_.target; }

    // theta (which = 0) or a slot (1, 2) in canonical layout, out and in.
    void get(size_t which, T *canonical) const;
    void set(size_t which, const T *canonical);
    uint64_t step() const { return step_; }
    void set_step(uint64_t step);

  private:
    struct Layer {
        size_t in, out, ld;
        size_t offset; // of its (in + 1, ld) block in theta, nabla and the slots
        std::vector<T> z, a, delta, transposed;
        double rate = 0; // of dropout
    };

    void reserve(size_t rows);
    // A block is a mini-batch, or block_rows of a large one; `first` is the number of
    // its first row in the mini-batch.
    void gather(const int64_t *rows, size_t m);
    void shares(const int64_t *rows, size_t m, double mean_weight);
    void forward(size_t first, size_t m);
    void drop(size_t l, size_t first, size_t m, std::vector<T> &rows);
    double cost_and_delta(size_t m);
    void backward(size_t first, size_t m);
    void penalize_and_clip(size_t m);
    double penalty() const;
    double mini_batch(const int64_t *rows, size_t m);
    void apply(double eta);
    template <class F> void each_number(const Layer &layer, F f) const;

    Spec spec_;
    const Kernels<T> &k_;
    Examples<T> examples_;
    std::vector<Layer> layers_;
    size_t parameters_ = 0;
    std::vector<T> theta_, nabla_, slot1_, slot2_;
    uint64_t step_ = 0;
    double beta1_power_ = 1, beta2_power_ = 1; // beta^step, by repeated multiplication

    bool training_ = false; // whether dropout is on

    // The block: its inputs (dense, or as lists), targets and shares.
    size_t capacity_ = 0;
    bool sparse_input_ = false;
    SparseRows<T> lists_{};
    std::vector<T> x_, values_, y_, share_, cost_;
    std::vector<int32_t> columns_;
    std::vector<int64_t> starts_;
};

} // namespace pellucid
