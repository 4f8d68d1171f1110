// What Python sees of the engine: checks of every shape and index, the release of the
// interpreter lock, and Ctrl-C. No arithmetic.

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/unique_ptr.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "checks.hpp"
#include "engine.hpp"
#include "examples.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace pellucid {
namespace {

// How often a run looks for Ctrl-C.
constexpr auto poll_interval = std::chrono::milliseconds(50);

// An engine, and the examples that it keeps alive.
template <class T> class Bound {
  public:
    Bound(Spec spec, const Kernels<T> &kernels) : engine_(std::move(spec), kernels) {}

    void bind(nb::handle_t<Examples<T>> given) {
        Busy busy(busy_);
        const auto *examples = nb::cast<Examples<T> *>(given);
        require(examples->rows->inputs == engine_.inputs(),
                "x does not fit the network");
        require(examples->rows->outputs == engine_.outputs(),
                "y does not fit the network");
        examples_ = nb::borrow(given);
        engine_.bind(examples->rows);
    }

    // Cost, penalties' part of it, and the mini-batch that was not finite.
    using Ran = std::tuple<double, double, std::optional<size_t>>;

    // The costs are added to `before`, so that an epoch run in pieces has the same sum.
    Ran run(Indices order, size_t batch_size, In<double, 1> etas, double before) {
        return advance(order.data(), 1, order.shape(0), batch_size, etas, before)
            .front();
    }

    // The same for the orders of several epochs, a row each, as far as they came.
    nb::list run_epochs(In<int64_t, 2> orders, size_t batch_size, In<double, 1> etas) {
        require(orders.shape(0) > 0, "there must be an epoch");
        nb::list ran;
        for (const Ran &each :
             advance(orders.data(), orders.shape(0), orders.shape(1), batch_size, etas))
            ran.append(nb::cast(each));
        return ran;
    }

    double gradient(Indices rows, Out<T, 1> nabla) {
        Busy busy(busy_);
        require(rows.shape(0) > 0, "a gradient needs at least one row");
        require(nabla.shape(0) == engine_.parameters(), "nabla has another size");
        check_rows(rows.data(), rows.shape(0), engine_.rows());
        nb::gil_scoped_release release;
        return engine_.gradient(rows.data(), rows.shape(0), nabla.data());
    }

    double find_gradient(Indices rows) {
        Busy busy(busy_);
        require(rows.shape(0) > 0, "a gradient needs at least one row");
        check_rows(rows.data(), rows.shape(0), engine_.rows());
        nb::gil_scoped_release release;
        return engine_.find_gradient(rows.data(), rows.shape(0));
    }

    void update(In<T, 1> nabla, double eta) {
        Busy busy(busy_);
        require(nabla.shape(0) == engine_.parameters(), "nabla has another size");
        nb::gil_scoped_release release;
        engine_.update(nabla.data(), eta);
    }

    void output_dense(In<T, 2> x, Out<T, 2> z, Out<T, 2> a) {
        Busy busy(busy_);
        require(x.shape(1) == engine_.inputs(), "x does not fit the network");
        require(is_aligned(x.data()), "x lies at an odd address");
        Rows<T> rows;
        rows.count = x.shape(0);
        rows.inputs = x.shape(1);
        rows.x = x.data();
        output(rows, z, a);
    }

    void output_pixels(In<uint8_t, 2> x, Out<T, 2> z, Out<T, 2> a) {
        Busy busy(busy_);
        require(x.shape(1) == engine_.inputs(), "x does not fit the network");
        Rows<T> rows;
        rows.count = x.shape(0);
        rows.inputs = x.shape(1);
        rows.pixels = x.data();
        output(rows, z, a);
    }

    void output_csr(In<T, 1> values, In<int32_t, 1> columns, Indices starts,
                    Out<T, 2> z, Out<T, 2> a) {
        Busy busy(busy_);
        Rows<T> rows;
        rows.count = z.shape(0);
        rows.lists =
            checked_csr<T>(rows.count, engine_.inputs(), values, columns, starts);
        output(rows, z, a);
    }

    void get(size_t which, Out<T, 1> out) {
        Busy busy(busy_);
        check_state(which, out.shape(0));
        engine_.get(which, out.data());
    }

    void set(size_t which, In<T, 1> in) {
        Busy busy(busy_);
        check_state(which, in.shape(0));
        engine_.set(which, in.data());
    }

    void get_layer(size_t which, size_t layer, Out<T, 2> w, Out<T, 1> b) {
        Busy busy(busy_);
        check_layer(which, layer, w.shape(0), w.shape(1), b.shape(0));
        engine_.get_layer(Numbers(which), layer, w.data(), b.data());
    }

    void set_layer(size_t which, size_t layer, In<T, 2> w, In<T, 1> b) {
        Busy busy(busy_);
        check_layer(which, layer, w.shape(0), w.shape(1), b.shape(0));
        engine_.set_layer(Numbers(which), layer, w.data(), b.data());
    }

    void set_threads(size_t threads) {
        Busy busy(busy_);
        check_threads(threads);
        engine_.set_threads(threads);
    }

    size_t slots() const { return engine_.slots(); }
    uint64_t step() const { return engine_.step(); }
    void set_step(uint64_t step) {
        Busy busy(busy_);
        engine_.set_step(step);
    }
    const char *target() const { return engine_.target(); }

  private:
    std::vector<Ran> advance(const int64_t *orders, size_t epochs, size_t count,
                             size_t batch_size, const In<double, 1> &etas,
                             double before = 0) {
        Busy busy(busy_);
        require(batch_size > 0, "batch_size must be at least 1");
        const size_t batches = count / batch_size + (count % batch_size != 0);
        require(etas.shape(0) == epochs * batches, "each mini-batch needs one eta");
        check_rows(orders, epochs * count, engine_.rows());
        auto last = std::chrono::steady_clock::now();
        auto poll = [&last] {
            const auto now = std::chrono::steady_clock::now();
            if (now - last < poll_interval)
                return;
            last = now;
            nb::gil_scoped_acquire gil;
            if (PyErr_CheckSignals() != 0)
                throw nb::python_error();
        };
        nb::gil_scoped_release release;
        std::vector<Ran> results;
        for (const RunResult &each : engine_.run_epochs(
                 orders, epochs, count, batch_size, etas.data(), poll, before))
            results.emplace_back(each.cost, each.penalty, each.bad_mini_batch);
        return results;
    }

    void output(const Rows<T> &rows, Out<T, 2> &z, Out<T, 2> &a) {
        for (const Out<T, 2> *out : {&z, &a})
            require(out->shape(0) == rows.count && out->shape(1) == engine_.outputs(),
                    "z and a do not fit x and the network");
        nb::gil_scoped_release release;
        engine_.output(rows, z.data(), a.data());
    }

    void check_state(size_t which, size_t size) const {
        require(which <= engine_.slots(), "there is no such slot");
        require(size == engine_.parameters(), "another number of parameters");
    }

    void check_layer(size_t which, size_t layer, size_t in, size_t out,
                     size_t biases) const {
        require(which <= engine_.slots() || Numbers(which) == Numbers::gradient,
                "there is no such slot");
        require(layer < engine_.layers(), "there is no such layer");
        require(engine_.layer_shape(layer) == std::pair(in, out) && biases == out,
                "w and b do not fit the layer");
    }

    Engine<T> engine_;
    std::atomic_flag busy_ = ATOMIC_FLAG_INIT;
    nb::object examples_;
};

template <class T> const Kernels<T> &kernels_for(const std::string &target) {
    const Kernels<T> *kernels = choose_kernels<T>(target.c_str());
    if (!kernels)
        throw std::invalid_argument("This processor or build has no native target '" +
                                    target + "'. Use 'auto'.");
    return *kernels;
}

// (units, activation, its number) of one layer.
using LayerTuple = std::tuple<size_t, int, double>;

// What is in a list. (nanobind's own conversion ends the process where memory is
// short.)
template <class V> std::vector<V> all_of(const nb::list &list) {
    std::vector<V> found;
    found.reserve(nb::len(list));
    for (nb::handle each : list)
        found.push_back(nb::cast<V>(each));
    return found;
}

template <class T>
std::unique_ptr<Bound<T>>
start(size_t inputs, const nb::list &layers, int cost, double cost_number,
      int optimizer, const nb::list &rule, double l1, double l2, bool summed_penalty,
      const nb::list &dropout, double clip, uint64_t seed, const std::string &target) {
    const std::vector<double> numbers = all_of<double>(rule);
    require(inputs > 0 && nb::len(layers) > 0, "a network needs inputs and layers");
    require(cost >= 0 && cost <= int(Cost::quantile), "unknown cost");
    require(optimizer >= 0 && optimizer <= int(Optimizer::adamw), "unknown optimizer");
    require(numbers.size() == 5, "an optimizer has five numbers");
    Spec spec{};
    spec.inputs = inputs;
    for (const auto &[units, sigma, number] : all_of<LayerTuple>(layers)) {
        require(units > 0, "a layer needs units");
        require(sigma >= 0 && sigma <= int(Activation::softmax), "unknown activation");
        spec.layers.push_back({units, Activation(sigma), number});
    }
    spec.cost = Cost(cost);
    spec.cost_number = cost_number;
    spec.optimizer = Optimizer(optimizer);
    spec.numbers = {0,          numbers[0], numbers[1], numbers[2],
                    numbers[3], 1,          1,          numbers[4] != 0};
    spec.l1 = l1;
    spec.l2 = l2;
    spec.summed_penalty = summed_penalty;
    spec.dropout = all_of<double>(dropout);
    spec.clip = clip;
    spec.seed = seed;
    return std::make_unique<Bound<T>>(std::move(spec), kernels_for<T>(target));
}

template <class T>
void elementary(const std::string &name, In<T, 1> x, Out<T, 1> out,
                const std::string &target) {
    require(out.shape(0) == x.shape(0), "x and out must have the same size");
    require(kernels_for<T>(target).elementary(name.c_str(), x.shape(0), x.data(),
                                              out.data()),
            "unknown elementary function");
}

// Examples, prepared by up to so many threads.
template <class T, class Read>
std::unique_ptr<Examples<T>> prepared(In<T, 2> y, std::optional<In<T, 1>> weight,
                                      const std::string &target, size_t threads,
                                      const Read &read) {
    check_threads(threads);
    auto examples = std::make_unique<Examples<T>>(y, weight);
    read(*examples);
    nb::gil_scoped_release release;
    examples->rows->prepare(kernels_for<T>(target), threads);
    return examples;
}

template <class T>
std::unique_ptr<Examples<T>> dense(In<T, 2> x, In<T, 2> y,
                                   std::optional<In<T, 1>> weight,
                                   const std::string &target, size_t threads) {
    return prepared<T>(y, weight, target, threads, [&](auto &to) { to.dense(x); });
}

template <class T>
std::unique_ptr<Examples<T>> pixels(In<uint8_t, 2> x, In<T, 2> y,
                                    std::optional<In<T, 1>> weight,
                                    const std::string &target, size_t threads) {
    return prepared<T>(y, weight, target, threads, [&](auto &to) { to.pixels(x); });
}

template <class T>
std::unique_ptr<Examples<T>>
csr(size_t inputs, In<T, 1> values, In<int32_t, 1> columns, Indices starts, In<T, 2> y,
    std::optional<In<T, 1>> weight, const std::string &target, size_t threads) {
    return prepared<T>(y, weight, target, threads,
                       [&](auto &to) { to.csr(inputs, values, columns, starts); });
}

// Seconds for so many floating-point operations on registers alone: the ceiling that
// the engine's kernels are measured against.
template <class T>
std::pair<double, double> peak(size_t times, const std::string &target) {
    const Kernels<T> &kernels = kernels_for<T>(target);
    nb::gil_scoped_release release;
    const auto begin = std::chrono::steady_clock::now();
    kernels.peak(times);
    const std::chrono::duration<double> spent =
        std::chrono::steady_clock::now() - begin;
    return {spent.count(), 2.0 * double(kernels.peak_chains) * double(times)};
}

template <class T> void define(nb::module_ &m, const char *name) {
    using B = Bound<T>;
    const std::string kind = name;
    // What is written to is never converted: the answers would be in the copy.
    nb::class_<Examples<T>>(m, (kind + "_examples").c_str());
    nb::class_<B>(m, name)
        .def("bind", &B::bind, "examples"_a)
        .def("run", &B::run, "order"_a, "batch_size"_a, "etas"_a, "before"_a = 0.0)
        .def("run_epochs", &B::run_epochs, "orders"_a, "batch_size"_a, "etas"_a)
        .def("gradient", &B::gradient, "rows"_a, "nabla"_a.noconvert())
        .def("find_gradient", &B::find_gradient, "rows"_a)
        .def("update", &B::update, "nabla"_a, "eta"_a)
        .def("output_dense", &B::output_dense, "x"_a, "z"_a.noconvert(),
             "a"_a.noconvert())
        .def("output_pixels", &B::output_pixels, "x"_a, "z"_a.noconvert(),
             "a"_a.noconvert())
        .def("output_csr", &B::output_csr, "values"_a, "columns"_a, "starts"_a,
             "z"_a.noconvert(), "a"_a.noconvert())
        .def("get", &B::get, "which"_a, "out"_a.noconvert())
        .def("set", &B::set, "which"_a, "values"_a)
        .def("get_layer", &B::get_layer, "which"_a, "layer"_a, "w"_a.noconvert(),
             "b"_a.noconvert())
        .def("set_layer", &B::set_layer, "which"_a, "layer"_a, "w"_a, "b"_a)
        .def("set_step", &B::set_step, "step"_a)
        .def("set_threads", &B::set_threads, "threads"_a)
        .def_prop_ro("step", &B::step)
        .def_prop_ro("slots", &B::slots)
        .def_prop_ro("target", &B::target);
    m.def(("start_" + kind).c_str(), &start<T>, "inputs"_a, "layers"_a, "cost"_a,
          "cost_number"_a, "optimizer"_a, "numbers"_a, "l1"_a, "l2"_a,
          "summed_penalty"_a, "dropout"_a, "clip"_a, "seed"_a, "target"_a);
    m.def(("dense_" + kind).c_str(), &dense<T>, "x"_a, "y"_a, "weight"_a.none(),
          "target"_a, "threads"_a);
    m.def(("pixels_" + kind).c_str(), &pixels<T>, "x"_a, "y"_a, "weight"_a.none(),
          "target"_a, "threads"_a);
    m.def(("csr_" + kind).c_str(), &csr<T>, "inputs"_a, "values"_a, "columns"_a,
          "starts"_a, "y"_a, "weight"_a.none(), "target"_a, "threads"_a);
    m.def(("peak_" + kind).c_str(), &peak<T>, "times"_a, "target"_a);
    m.def("elementary_into", &elementary<T>, "name"_a, "x"_a, "out"_a.noconvert(),
          "target"_a);
}

} // namespace
} // namespace pellucid

NB_MODULE(_native, m) {
    m.doc() = "The compiled engine. Use it through pellucid.engines.";
    pellucid::define<float>(m, "float32");
    pellucid::define<double>(m, "float64");
}
