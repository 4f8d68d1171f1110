"""A network that reads handwritten digits: chapter 1 of the lectures, as a script.

    python examples/nielsen.py                            learns: about 95% are right
    python examples/nielsen.py --hidden 100 --eta 0.001   η too low: it crawls
    python examples/nielsen.py --eta 100                  η too high: it is stuck

The network has one hidden layer of sigmoid neurons, starts with random weights from
N(0, 1) and learns by stochastic gradient descent on the quadratic cost:

    C = 1/(2n) Σ_x ‖y(x) - a‖²,   w → w - η ∂C/∂w,   b → b - η ∂C/∂b,

with ∂C estimated from mini-batches of 10 images. Printed is how many of the 10,000
test images are right, before the first step (epoch 0) and after each epoch.

Source: Nielsen, "Neural Networks and Deep Learning", ch. 1.
"""

import argparse
from collections.abc import Iterator

from pellucid import Dataset, Network, Report, load, train


def build(data: Dataset, hidden: int = 30, seed: int = 0) -> Network:
    """784-hidden-10 with random weights and biases, for these data."""
    sizes = [data.inputs, hidden, data.outputs]
    return Network(sizes, "sigmoid", "sigmoid", initializer="nielsen", seed=seed)


def learn(
    network: Network, data: Dataset, eta: float = 3.0, epochs: int = 30, seed: int = 0
) -> Iterator[Report]:
    """Train the network; a Report before the first step and after each epoch.

    Args:
        network: what is trained.
        data: images with their digits, in parts.
        eta: the learning rate η.
        epochs: how often every training image is used.
        seed: of the order of the images.
    """
    return train(
        network,
        data,
        cost="quadratic",
        optimizer="sgd",
        eta=eta,
        batch_size=10,
        epochs=epochs,
        seed=seed,
        # As the lectures do. What is chosen by the test part looks too good: choose
        # by the validation part, which is what train does unless it is told.
        monitor="test",
    )


def main() -> None:
    """Read the options and print `Epoch k: c / 10000`."""
    options = argparse.ArgumentParser(description="Learn to read handwritten digits.")
    options.add_argument("--eta", type=float, default=3.0, help="learning rate η")
    options.add_argument("--hidden", type=int, default=30, help="hidden neurons")
    options.add_argument("--epochs", type=int, default=30, help="passes over the data")
    options.add_argument("--seed", type=int, default=0, help="of everything drawn")
    options.add_argument("--data-dir", help="folder with mnist/; else downloaded")
    chosen = options.parse_args()
    data = load("mnist", data_dir=chosen.data_dir)
    network = build(data, chosen.hidden, chosen.seed)
    for report in learn(network, data, chosen.eta, chosen.epochs, chosen.seed):
        print(report, flush=True)


if __name__ == "__main__":
    main()
