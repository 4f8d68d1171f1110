// Examples as Python hands them over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "checks.hpp"
#include "rows.hpp"

namespace pellucid {

// Examples together with the arrays that they lie in, which are kept alive. Any number
// of engines may read them.
template <class T> class Examples {
  public:
    Examples(In<T, 2> y, std::optional<In<T, 1>> weight)
        : rows(std::make_shared<Rows<T>>()), y_(y), weight_(weight) {
        rows->count = y.shape(0);
        rows->outputs = y.shape(1);
        rows->y = y.data();
        require(!weight || weight->shape(0) == rows->count, "weight does not fit y");
        rows->weight = weight ? weight->data() : nullptr;
    }

    void dense(In<T, 2> x) {
        require(x.shape(0) == rows->count, "x does not fit y");
        rows->inputs = x.shape(1);
        rows->x = x.data();
        x_ = x;
    }

    void pixels(In<uint8_t, 2> x) {
        require(x.shape(0) == rows->count, "x does not fit y");
        rows->inputs = x.shape(1);
        rows->pixels = x.data();
        pixels_ = x;
    }

    // The lists are copied by Rows::prepare, which must follow.
    void csr(size_t inputs, In<T, 1> values, In<int32_t, 1> columns, Indices starts) {
        rows->inputs = inputs;
        rows->lists = checked_csr<T>(rows->count, inputs, values, columns, starts);
    }

    std::shared_ptr<Rows<T>> rows;

  private:
    In<T, 2> x_, y_;
    In<uint8_t, 2> pixels_;
    std::optional<In<T, 1>> weight_;
};

} // namespace pellucid
