"""The mathematics: what the lectures write, on NumPy arrays and torch tensors.

    activations   σ and σ′ side by side
    costs         C and δ^L (BP1), and which outputs each is defined with
    optimizers    from a gradient to a step
    schedules     the learning rate as a function of the step
    initializers  the first weights
    network       Network and Parameters: one flat θ with windows w[l], b[l]
    backprop      THE page: feedforward, backprop, gradient, trace
    formula       a whole network written out as one formula

This room knows nothing of data sets, engines, files or training loops.
"""
