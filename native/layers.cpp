// Layers in and out as (in, out) weights and (out) biases: the order that they are
// kept in, so that a row is a copy. (`get` and `set` turn each layer over.)

#include "engine.hpp"

#include <algorithm>

namespace pellucid {

template <class T> const Buffer<T> &Engine<T>::numbers(Numbers which) const {
    return which == Numbers::theta   ? theta_
           : which == Numbers::slot1 ? slot1_
           : which == Numbers::slot2 ? slot2_
                                     : nabla_;
}

template <class T>
void Engine<T>::get_layer(Numbers which, size_t l, T *w, T *b) const {
    const Layer &layer = layers_[l];
    const T *from = &numbers(which)[layer.offset];
    for (size_t k = 0; k < layer.in; ++k, from += layer.ld)
        std::copy_n(from, layer.out, w + k * layer.out);
    std::copy_n(from, layer.out, b);
}

template <class T>
void Engine<T>::set_layer(Numbers which, size_t l, const T *w, const T *b) {
    const Layer &layer = layers_[l];
    T *to = const_cast<T *>(&numbers(which)[layer.offset]);
    for (size_t k = 0; k < layer.in; ++k, to += layer.ld)
        std::copy_n(w + k * layer.out, layer.out, to);
    std::copy_n(b, layer.out, to);
    if (which != Numbers::theta)
        return;
    for (const Piece &piece : pieces_)
        if (piece.layer == l)
            turn_weights(piece);
}

template class Engine<float>;
template class Engine<double>;

} // namespace pellucid
