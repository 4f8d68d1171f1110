// Trains small networks of many kinds and prints a hash of each one's weights: for
// processors that only an emulator is there for, so without Python.
//
//     hashes TARGET THREADS
//
// The lines must be the same for every target and on every processor. It computes with
// integers and exact fractions alone, so only the engine could differ.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "engine.hpp"

using namespace pellucid;

namespace {

uint64_t state;

uint64_t draw() { // splitmix64
    uint64_t v = state += 0x9E3779B97F4A7C15u;
    v = (v ^ (v >> 30)) * 0xBF58476D1CE4E5B9u;
    v = (v ^ (v >> 27)) * 0x94D049BB133111EBu;
    return v ^ (v >> 31);
}
double share() { return double(draw() >> 11) / double(uint64_t(1) << 53); }

uint64_t hash(const void *from, size_t bytes, uint64_t h = 0xcbf29ce484222325u) {
    for (size_t i = 0; i < bytes; ++i) // FNV-1a
        h = (h ^ static_cast<const unsigned char *>(from)[i]) * 0x100000001b3u;
    return h;
}

// How the inputs come: numbers, or what Rows::prepare makes lists of every form of.
enum class Kind { dense, values, codes, pairs, wide, pixels, csr };
constexpr const char *kinds[] = {"dense", "values", "codes", "pairs",
                                 "wide",  "pixels", "csr"};

// Examples of one kind, and what they lie in.
template <class T> struct Examples {
    std::vector<T> x, y, weight, values;
    std::vector<uint8_t> pixels;
    std::vector<int32_t> columns;
    std::vector<int64_t> starts{0};
    std::shared_ptr<Rows<T>> rows = std::make_shared<Rows<T>>();

    Examples(Kind kind, size_t count, size_t inputs, size_t outputs, Cost cost,
             bool weighted) {
        const bool coded =
            kind == Kind::codes || kind == Kind::pairs || kind == Kind::pixels;
        for (size_t r = 0; r < count; ++r) {
            bool lit = false;
            for (size_t k = 0; k < inputs; ++k) {
                const double chance = kind == Kind::dense   ? 1
                                      : kind == Kind::wide  ? 3.0 / double(inputs)
                                      : kind == Kind::pairs ? (lit ? 0.8 : 0.1)
                                                            : 0.2;
                lit = share() < chance;
                const auto level = uint8_t(lit ? 1 + draw() % 255 : 0);
                pixels.push_back(level);
                x.push_back(coded ? T(level) / T(255)
                            : lit ? T(2 * share() - 1)
                                  : T(0));
                if (x.back() != 0) {
                    values.push_back(x.back());
                    columns.push_back(int32_t(k));
                }
            }
            starts.push_back(int64_t(values.size()));
            const size_t label = draw() % outputs;
            for (size_t j = 0; j < outputs; ++j)
                y.push_back(cost == Cost::hinge     ? T(j == label ? 1 : -1)
                            : cost == Cost::poisson ? T(draw() % 4)
                                                    : T(j == label));
            weight.push_back(T(0.25) + T(share()));
        }
        rows->count = count;
        rows->inputs = inputs;
        rows->outputs = outputs;
        rows->y = y.data();
        rows->weight = weighted ? weight.data() : nullptr;
        if (kind == Kind::pixels) {
            rows->pixels = pixels.data();
        } else if (kind == Kind::csr) {
            rows->lists.values = values.data();
            rows->lists.wide = columns.data();
            rows->lists.starts = starts.data();
        } else {
            rows->x = x.data();
        }
    }
};

struct Case {
    Kind kind;
    Activation hidden, output;
    Cost cost;
    Optimizer optimizer;
    size_t batch;
    bool weighted, penalized;
};

template <class T>
uint64_t trained(const Case &c, const Kernels<T> &kernels, size_t threads) {
    const size_t inputs = c.kind == Kind::wide ? 70001 : 61;
    const size_t count = c.kind == Kind::wide ? 40 : 330, outputs = 5;
    Examples<T> examples(c.kind, count, inputs, outputs, c.cost, c.weighted);
    examples.rows->prepare(kernels, threads);
    Spec spec{};
    spec.inputs = inputs;
    const bool wide = c.kind == Kind::wide;
    spec.layers = {{wide ? 9u : 150u, c.hidden, 0.1},
                   {wide ? 7u : 37u, c.hidden, 0.1},
                   {outputs, c.output, 0.1}};
    spec.cost = c.cost;
    spec.cost_number = 0.75;
    spec.optimizer = c.optimizer;
    spec.numbers = {0, 0.9, 0.999, 1e-8, 0.01, 1, 1, false};
    spec.l1 = c.penalized ? 1e-4 : 0;
    spec.l2 = c.penalized ? 1e-3 : 0;
    spec.clip = c.penalized && c.batch % 2 ? 0.5 : 0;
    spec.dropout = {c.weighted ? 0.25 : 0.0, 0.0};
    spec.seed = 7;
    Engine<T> engine(spec, kernels);
    engine.set_threads(threads);
    engine.bind(examples.rows);
    std::vector<T> theta(engine.parameters());
    for (T &number : theta)
        number = T((2 * share() - 1) / 8);
    engine.set(0, theta.data());
    std::vector<int64_t> order;
    for (size_t i = 0; i < 2 * count; ++i)
        order.push_back(int64_t(draw() % count));
    const std::vector<double> etas((order.size() + c.batch - 1) / c.batch, 1.0 / 512);
    const RunResult told =
        engine.run(order.data(), order.size(), c.batch, etas.data(), [] {});
    engine.get(0, theta.data());
    std::vector<T> z(count * outputs), a(z.size());
    engine.output(*examples.rows, z.data(), a.data());
    if (told.bad_mini_batch)
        std::printf("(not finite) ");
    uint64_t h = hash(theta.data(), theta.size() * sizeof(T));
    h = hash(&told.cost, sizeof told.cost, h);
    return hash(a.data(), a.size() * sizeof(T), h);
}

template <class T>
void elementary(const char *type, const Kernels<T> &kernels, const char *name) {
    std::vector<T> x, out(20000);
    for (size_t i = 0; i < out.size(); ++i) { // any bits, and numbers of daily use
        const uint64_t bits = draw();
        T number;
        std::memcpy(&number, &bits, sizeof number);
        x.push_back(i % 2 ? number : T(40 * share() - 20));
    }
    kernels.elementary(name, x.size(), x.data(), out.data());
    std::printf("%s %s %016llx\n", type, name,
                (unsigned long long)hash(out.data(), out.size() * sizeof(T)));
}

template <class T> bool all(const char *type, const char *target, size_t threads) {
    const Kernels<T> *kernels = choose_kernels<T>(target);
    if (!kernels)
        return false;
    state = 1;
    for (const char *name : {"exp", "expm1", "log", "log1p", "sigmoid", "tanh",
                             "softplus", "normal_cdf", "normal_pdf"})
        elementary(type, *kernels, name);
    constexpr struct {
        Cost cost;
        Activation output;
    } ends[] = {{Cost::cross_entropy, Activation::softmax},
                {Cost::binary_cross_entropy, Activation::sigmoid},
                {Cost::quadratic, Activation::sigmoid},
                {Cost::mean_absolute_error, Activation::identity},
                {Cost::huber, Activation::tanh},
                {Cost::hinge, Activation::identity},
                {Cost::poisson, Activation::exponential},
                {Cost::quantile, Activation::identity}};
    constexpr size_t batches[] = {10, 33, 300};
    size_t n = 0; // with it all choices go round, at periods that have no factor
    for (int kind = 0; kind <= int(Kind::csr); ++kind)
        for (int rule = 0; rule <= int(Optimizer::adamw); ++rule)
            for (size_t batch : batches) {
                if (Kind(kind) == Kind::wide && rule % 5) // it takes an emulator long
                    continue;
                const auto &end = ends[n % 8];
                const auto hidden = Activation(1 + n % 11); // all that are not outputs'
                const Case c{Kind(kind),      hidden, end.output, end.cost,
                             Optimizer(rule), batch,  n % 3 == 2, n % 5 > 1};
                state = 1000 + n++;
                const uint64_t h = trained<T>(c, *kernels, threads);
                std::printf("%s %s optimizer %d, hidden %d, cost %d, %zu a batch "
                            "%016llx\n",
                            type, kinds[kind], rule, int(hidden), int(end.cost), batch,
                            (unsigned long long)h);
            }
    return true;
}

} // namespace

int main(int count, char **words) {
    const char *target = count > 1 ? words[1] : "auto";
    const size_t threads = count > 2 ? size_t(std::atol(words[2])) : 1;
    if (all<float>("float32", target, threads) &&
        all<double>("float64", target, threads))
        return 0;
    std::fprintf(stderr, "no target %s here\n", target);
    return 2;
}
