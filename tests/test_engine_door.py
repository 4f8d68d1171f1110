"""Whatever is handed to an engine is refused in words or works; nothing crashes."""

import numpy as np
import pytest

from engine_cases import data_for
from pellucid import COSTS, OPTIMIZERS, Dataset, InputError, Network, Predictor
from pellucid.engines import ENGINES, start
from tolerances import PAGE, distance

SIZES = [6, 5, 3]
DATA = data_for("cross_entropy", 20, SIZES, dtype="float32")
WORDS = {"cost": COSTS["cross_entropy"](), "optimizer": OPTIMIZERS["adam"]()}


def begin(data=DATA, sizes=SIZES, engine="native", **words):
    return start(Network(sizes), data, engine=engine, **{**WORDS, **words})


def ended(data) -> str:
    engine = begin(data)
    engine.run(np.arange(20), 8)
    engine.output(data.x)
    return engine.snapshot().weights_sha256()


def read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


def odd_address(array):
    return (
        np.frombuffer(b"!" + array.tobytes(), "u1")[1:]
        .view("f4")
        .reshape(-1, array.shape[1])
    )


@pytest.mark.parametrize(
    "change",
    [
        read_only,
        np.asfortranarray,
        lambda a: np.repeat(a, 2, axis=0)[::2],
        lambda a: a[::-1][::-1],
        lambda a: np.repeat(a, 3, axis=1)[:, ::3],
        lambda a: a.astype("float64"),
        lambda a: a.astype(">f4"),
        odd_address,
    ],
)
def test_arrays_of_any_layout_are_the_same_examples(change):
    assert ended(Dataset(change(DATA.x), change(DATA.y))) == ended(DATA)


def test_answers_to_rows_at_an_odd_address_are_the_same():
    engine, x = begin(), odd_address(DATA.x[:3])
    assert not x.flags.aligned
    np.testing.assert_array_equal(engine.output(x)[1], engine.output(DATA.x[:3])[1])
    predict = Predictor(engine.snapshot())
    np.testing.assert_array_equal(predict(x), predict(DATA.x[:3]))


@pytest.mark.parametrize("name", ENGINES)
def test_an_empty_order_is_no_step(name):
    engine = begin(engine=name)
    before = engine.snapshot().weights_sha256()
    for order in (np.arange(0), [], np.empty(0, np.float32)):
        assert engine.run(order, 4) == 0.0
    assert engine.step == 0 and engine.snapshot().weights_sha256() == before
    z, a = engine.output(DATA.x[:0])
    assert z.shape == a.shape == (0, 3)


def test_what_is_asked_of_the_kernels_is_refused_in_words():
    engine = begin()
    native, order = engine._native, np.arange(8)
    etas, theta = np.full(2, 0.1), np.zeros(53, np.float32)
    z = np.zeros((20, 3), np.float32)
    for error, words, call in [
        (ValueError, "batch_size must be at least 1",
         lambda: native.run(order, 0, etas)),
        (ValueError, "each mini-batch needs one eta",
         lambda: native.run(order, 3, etas)),
        (ValueError, "out of range", lambda: native.run(order + 13, 4, etas)),
        (ValueError, "out of range", lambda: native.run(order - 1, 4, etas)),
        (ValueError, "out of range",
         lambda: native.run(np.full(8, -(2**63)), 4, etas)),
        (TypeError, "incompatible", lambda: native.run(order, -1, etas)),
        (TypeError, "incompatible", lambda: native.run(order, 2**64, etas)),
        (TypeError, "incompatible", lambda: native.run(order[:, None], 4, etas)),
        (TypeError, "incompatible", lambda: native.run(None, 4, etas)),
        (TypeError, "incompatible", lambda: native.bind(None)),
        (TypeError, "incompatible", lambda: native.bind(native)),
        (ValueError, "needs at least one row", lambda: engine.gradient(order[:0])),
        (ValueError, "out of range", lambda: engine.gradient(order + 13)),
        (ValueError, "another size", lambda: native.gradient(order, theta[1:])),
        (ValueError, "another size", lambda: native.update(theta[1:], 0.1)),
        (TypeError, "incompatible", lambda: native.gradient(order, read_only(theta))),
        (TypeError, "incompatible", lambda: native.gradient(order, theta.astype("f8"))),
        (TypeError, "incompatible", lambda: native.get(0, read_only(theta))),
        (TypeError, "incompatible", lambda: native.get(0, np.repeat(theta, 2)[::2])),
        (ValueError, "no such slot", lambda: native.get(3, theta)),
        (ValueError, "number of parameters", lambda: native.set(0, theta[1:])),
        (ValueError, "threads are out of range", lambda: native.set_threads(0)),
        (ValueError, "threads are out of range", lambda: native.set_threads(257)),
        (ValueError, "z and a do not fit",
         lambda: native.output_dense(DATA.x, z[1:], z.copy())),
        (ValueError, "x does not fit",
         lambda: native.output_dense(DATA.x[:, 1:].copy(), z, z.copy())),
        (TypeError, "incompatible",
         lambda: native.output_dense(DATA.x, read_only(z), z)),
    ]:  # fmt: skip
        with pytest.raises(error, match=words):
            call()
    assert engine.step == 0
    assert ended(DATA) == ended(DATA)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ENGINES)
def test_numbers_that_are_none_are_refused(name, value):
    x, y = DATA.x.copy(), DATA.y.copy()
    x[3, 1] = value
    with pytest.raises(InputError, match="x must be finite"):
        begin(Dataset(x, y), engine=name)
    y[4, 0] = value
    with pytest.raises(InputError, match="y must be finite"):
        begin(Dataset(DATA.x, y), engine=name)


def test_layers_of_no_units_are_refused():
    for sizes in ([6, 0, 3], [0, 3], [6, 0]):
        with pytest.raises(InputError, match="every size must be 1 to"):
            Network(sizes)


@pytest.mark.parametrize("batch", [1, 7, 20])
@pytest.mark.parametrize("sizes", [[1, 1], [2, 100_000], [3, 20_000, 1]])
def test_narrow_and_very_wide_layers(sizes, batch):
    """Both engines step alike, however many outputs or hidden units there are."""
    random, found = np.random.RandomState(0), []
    data = Dataset(random.rand(20, sizes[0]), random.rand(20, sizes[-1]))
    for name in ENGINES:
        network = Network(sizes, "tanh", "sigmoid", dtype="float64")
        words = {"cost": COSTS["quadratic"](), "optimizer": OPTIMIZERS["sgd"](0.1)}
        engine = start(network, data, engine=name, threads=2, **words)
        engine.run(np.arange(20), batch)
        found.append(engine.snapshot().parameters.theta)
    assert distance(found[0], found[1]) < PAGE["float64"]


@pytest.mark.slow
def test_more_hidden_units_than_a_phase_has_pieces():
    """Shared by two threads, they take several."""
    random, hashes = np.random.RandomState(0), set()
    data = Dataset(random.rand(4, 1), random.rand(4, 1))
    for threads in (1, 2):
        network = Network([1, 2_200_000, 1], "relu", "sigmoid")
        words = {"cost": COSTS["quadratic"](), "optimizer": OPTIMIZERS["momentum"]()}
        engine = start(network, data, threads=threads, **words)
        engine.run(np.tile(np.arange(4), 8), 4)
        hashes.add(engine.snapshot().weights_sha256())
    assert len(hashes) == 1


@pytest.mark.parametrize("batch_size", [0, -1])
@pytest.mark.parametrize("name", ENGINES)
def test_a_mini_batch_of_none_is_refused_in_words(name, batch_size):
    engine = begin(engine=name)
    with pytest.raises(InputError, match="batch_size must be 1 example or more"):
        engine.run(np.arange(8), batch_size)
