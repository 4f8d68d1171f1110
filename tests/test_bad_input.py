"""Bad input is refused in a sentence: what must hold, what came and what to do."""

import numpy as np
import pytest
import scipy.sparse

from pellucid import Dataset, InputError, Network, split, trace, train
from pellucid._arrays import check_number, choose, join
from pellucid.engines import start
from pellucid.evaluation import evaluate
from pellucid.mathematics.costs import COSTS, CrossEntropy
from pellucid.mathematics.optimizers import SGD

X = np.random.RandomState(0).standard_normal((12, 4)).astype("float32")
LABELS = np.arange(12) % 3
Y = np.eye(3, dtype="float32")[LABELS]
DATA = Dataset(X, Y, ("a", "b", "c"))
NETWORK = Network([4, 5, 3])


def with_value(array, place, value):
    array = array.copy()
    array[place] = value
    return array


def arrays(x, y):
    """From arrays to the first Report, as a user would."""
    next(train(NETWORK.copy(), Dataset.from_arrays(x, y)))


def learned(x=X, y=Y, **words):
    """The same for arrays that are already a Dataset."""
    train(NETWORK.copy(), Dataset(x, y), **words)


def told(call):
    with pytest.raises(InputError) as error:
        call()
    return str(error.value)


CSR = scipy.sparse.csr_array(with_value(X, (3, 1), np.inf))

ABOUT_X = [
    (lambda: learned(with_value(X, (2, 1), np.nan)),
     "x must be finite; got nan at row 2, column 1 (1 in all). Remove these rows or"),
    (lambda: learned(with_value(X, (slice(None), 3), -np.inf)),
     "x must be finite; got -inf at row 0, column 3 (12 in all)."),
    (lambda: learned(CSR), "x must be finite; got inf at row 3, column 1 (1 in all)."),
    (lambda: arrays(with_value(X, (2, 1), np.nan), LABELS), "x must be finite; got na"),
    (lambda: NETWORK(with_value(X, (2, 1), np.inf)), "x must be finite; got inf at ro"),
    (lambda: NETWORK(X[0]),
     "x must be (m, 4), one row an example; got (4,). For one example pass x[None]."),
    (lambda: arrays(X[:, 0], LABELS), "for one number an example pass x[:, None]."),
    (lambda: NETWORK(X.T), "got (4, 12). It looks transposed: pass x.T."),
    (lambda: NETWORK(X[:, :3]),
     "got (12, 3). The network takes 4 inputs and each example has 3: make the first "
     "size 3, or choose the columns."),
    (lambda: NETWORK(X.reshape(12, 2, 2)), "Pass x.reshape(len(x), -1)."),
    (lambda: NETWORK(X.reshape(12, 2, 2, 1)), "Pass x.reshape(len(x), -1)."),
    (lambda: NETWORK(np.float32(3)), "got (). Pass a 2-D array."),
    (lambda: NETWORK([[1, 2, 3, 4]]), "x must be (m, 4), one row an example; got ()."),
    (lambda: NETWORK(X.astype(str)), "x must hold numbers; got dtype <U"),
    (lambda: NETWORK(X.astype(complex)), "x must hold numbers; got dtype complex"),
    (lambda: learned(X[:, :2]), "The network takes 4 inputs and each example has 2"),
    (lambda: arrays(X[:0], LABELS[:0]), "x must have at least one row"),
    (lambda: learned(X[:0], Y[:0]), "data must hold at least one example; 'arrays'"),
    (lambda: learned(X.astype("float64") * 1e300, Y.astype("float64")),
     "x must fit float32, at most 3.4e+38; got a size of 2."),
]  # fmt: skip

ABOUT_Y = [
    (lambda: learned(y=with_value(Y, (7, 0), np.nan)),
     "y must be finite; got nan at row 7, column 0 (1 in all)."),
    (lambda: learned(y=Y[:, :2]),
     "y must be (12, 3), one row an example; got (12, 2). The network has 3 outputs "
     "and each target has 2: make the last size 2."),
    (lambda: trace(NETWORK, CrossEntropy(), X, Y[:5]),
     "There are 12 examples and 5 targets: each example needs one."),
    (lambda: trace(NETWORK, CrossEntropy(), X, Y.T), "It looks transposed: pass y.T."),
    (lambda: trace(NETWORK, CrossEntropy(), X, LABELS),
     "For class labels build the data with Dataset.from_arrays(x, y); for one number"),
    (lambda: trace(NETWORK, CrossEntropy(), X, Y[None]), "Pass a 2-D array."),
    (lambda: trace(NETWORK, "crossentropy", X, Y), "Did you mean 'cross_entropy'?"),
    (lambda: trace(NETWORK, 3, X, Y), "cost must be a name or one of pellucid's own"),
    (lambda: Dataset.from_arrays(X, LABELS[:5]), "y must have one row for each of the"),
    (lambda: Dataset.from_arrays(X, LABELS, classes=["0", "1"]),
     "y must be among the classes; got '2'. Known: 0, 1."),
    (lambda: Dataset.from_arrays(X, np.zeros(12, int)),
     "y needs at least two classes; got only 0 in all 12 rows."),
    (lambda: learned(y=Y * 2), "needs targets that are shares of the classes: >= 0"),
    (lambda: learned(y=-Y), "got values from -1 to -0"),
]  # fmt: skip

WORDS = [
    ({"cost": "cross_entropi"}, "cost must be one of the known names; got "
     "'cross_entropi'. Did you mean 'cross_entropy'? Known: quadratic, "),
    ({"cost": "poisson"}, "cost poisson needs the output exponential; got output "
     "'softmax'. Choose that output, or cost 'cross_entropy'."),
    ({"cost": "quadratic"}, "cost quadratic needs the output identity, sigmoid, "),
    ({"cost": 3}, "cost must be a name or one of pellucid's own; got 3."),
    ({"optimizer": "addam"}, "optimizer must be one of the known names; got 'addam'. "
     "Did you mean 'adam'?"),
    ({"optimizer": "momentum:mu"}, "'momentum:mu' can't be read at 'mu': it takes mu"),
    ({"optimizer": "momentum:1.5"}, "momentum mu must be a finite number and >= 0 and"),
    ({"schedule": "cosin"}, "schedule must be one of the known names; got 'cosin'. "
     "Did you mean 'cosine'?"),
    ({"schedule": "cosine", "eta": lambda step: 1.0}, "A function is a schedule al"),
    ({"engine": "numpi"}, "engine must be one of the known names; got 'numpi'. Did you "
     "mean 'numpy'? Known: auto, native, numpy."),
    ({"monitor": "trian"}, "monitor must be one of the known names; got 'trian'. Did "
     "you mean 'train'? Known: auto, validation, test, train, none."),
    ({"monitor": "test"}, "'arrays' must have parts to give test; it has none."),
    ({"eta": 0}, "eta must be a finite number and > 0; got 0."),
    ({"eta": -0.5}, "eta must be a finite number and > 0; got -0.5."),
    ({"eta": np.inf}, "eta must be a finite number and > 0; got inf."),
    ({"eta": "0.1"}, "eta must be a finite number and > 0; got '0.1'."),
    ({"batch_size": 0}, "batch_size must be a whole number and >= 1; got 0."),
    ({"batch_size": 2.5}, "batch_size must be a whole number and >= 1; got 2.5."),
    ({"batch_size": 13}, "batch_size must be at most the number of training examples, "
     "12; got 13. For one update an epoch pass batch_size=12."),
    ({"epochs": 0}, "epochs must be a whole number and >= 1; got 0."),
    ({"epochs": True}, "epochs must be a whole number and >= 1; got True."),
    ({"every": 0}, "every must be a whole number and >= 1; got 0."),
    ({"patience": 0}, "patience must be a whole number and >= 1; got 0."),
    ({"patience": 2}, "patience needs a part that is monitored; got none."),
    ({"seed": -1}, "seed must be a whole number and >= 0 and <= 4,294,967,295; got"),
    ({"seed": 2**32}, "and <= 4,294,967,295; got 4294967296."),
    ({"l1": -1}, "l1 must be a finite number and >= 0; got -1."),
    ({"l2": np.nan}, "l2 must be a finite number and >= 0; got nan."),
    ({"clip": 0}, "clip must be a finite number and > 0; got 0."),
    ({"dropout": 1}, "dropout must be a finite number and >= 0 and < 1; got 1."),
    ({"dropout": [0.1, 0.2]}, "one for each of the 1 hidden layers; got 2."),
    ({"dropout": None}, "dropout must be a finite number and >= 0 and < 1; got None."),
    ({"dropout": "0.5"}, "dropout must be a finite number and >= 0 and < 1; got '0.5"),
    ({"optimizer": "lbfgs", "dropout": 0.5}, "lbfgs needs the same cost at every look"),
    ({"optimizer": "lbfgs", "eta": 0.1}, "lbfgs takes no learning rate and no"),
    ({"optimizer": "lbfgs", "schedule": "cosine"}, "Leave eta and schedule out."),
]  # fmt: skip


@pytest.mark.parametrize("call, words", ABOUT_X + ABOUT_Y)
def test_unfit_arrays_are_told(call, words):
    assert words in told(call)


@pytest.mark.parametrize("words, sentence", WORDS, ids=lambda case: str(case)[:40])
def test_unfit_words_are_told(words, sentence):
    said = told(lambda: learned(**words))
    assert sentence in said
    assert said.endswith(".")


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_engines_are_started_with_the_same_checks(engine):
    def begin(**words):
        start(
            NETWORK, DATA, cost=CrossEntropy(), optimizer=SGD(), engine=engine, **words
        )

    assert "seed must be a whole number" in told(lambda: begin(seed=0.5))
    assert "l1 must be a finite number" in told(lambda: begin(l1="x"))


def test_what_is_no_network_or_no_data_is_told():
    assert told(lambda: train(NETWORK, (X, Y))) == (
        "data must be a Dataset; got a tuple. Build one with Dataset.from_arrays(x, y)."
    )
    assert told(lambda: train([4, 3], DATA)) == (
        "network must be a Network; got a list. Build one: Network([784, 30, 10])."
    )


def test_monitored_part_is_checked_too():
    data = split(Dataset(X, Y), validation=3, test=3)
    data.x[7, 2] = np.nan
    assert "x must be finite; got nan at row 1" in told(lambda: train(NETWORK, data))


@pytest.mark.parametrize(
    "weight, words",
    [
        (np.ones(5, "float32"), "weights must be as many as rows, 12; got 5."),
        (
            -np.ones(12, "float32"),
            "weight must be >= 0 with at least one > 0; got a sm",
        ),
        (np.zeros(12, "float32"), "weight must be >= 0 with at least one > 0"),
        (np.full(12, np.nan, "float32"), "weight must be finite; got nan at row 0 (12"),
        (np.ones((12, 1), "float32"), "weight must be (12,), one number an example"),
    ],
)
def test_unfit_weights_are_told(weight, words):
    assert words in told(lambda: train(NETWORK, Dataset(X, Y, weight=weight)))


def test_step_cannot_be_trained():
    network = Network([4, 5, 3], "step")
    assert "step has no slope to descend" in told(lambda: train(network, DATA))


@pytest.mark.parametrize("cost", COSTS)
def test_cost_with_an_output_it_is_not_defined_for_is_told(cost):
    member = COSTS[cost]()
    wrong = "softmax" if "tanh" in member.outputs else "tanh"
    network = Network([4, 3], output=wrong)
    said = f"cost {cost} needs the output "
    assert said in told(lambda: train(network, DATA, cost=cost))
    assert said in told(lambda: evaluate(network, DATA, member))
    assert said in told(lambda: trace(network, member, X, Y))
    assert f"got output '{wrong}'. Choose that output" in told(
        lambda: member.check(network.sigma[-1])
    )


@pytest.mark.parametrize(
    "asked, near",
    [
        ("relu6", "relu"),
        ("ReLU", "relu"),
        ("leaky-relu", "leaky_relu"),
        ("SIGMOID", "sigmoid"),
        ("tahn", "tanh"),
        ("soft max", "softmax"),
    ],
)
def test_nearest_name_is_suggested(asked, near):
    said = told(lambda: Network([2, 1], output=asked))
    assert f"got {asked!r}. Did you mean {near!r}? Known: step, identity, " in said


@pytest.mark.parametrize("name", [None, 3, "", "zzzz", ("relu",), ["a"]])
def test_name_without_a_near_one_only_lists_the_known(name):
    said = told(lambda: choose("thing", name, {"good": 1, "better": 2}))
    assert said == (
        f"thing must be one of the known names; got {name!r}. Known: good, better."
    )


@pytest.mark.parametrize(
    "value", [None, "1", [1], True, np.nan, np.inf, 1j, np.array(1.0), np.array([1, 2])]
)
def test_what_is_no_number_is_told(value):
    assert told(lambda: check_number("eta", value)).startswith(
        "eta must be a finite number; got "
    )


@pytest.mark.parametrize("value", [1, 1.0, np.int64(1), np.float32(1), np.uint8(1)])
def test_numbers_of_all_kinds_are_taken(value):
    check_number("eta", value, above=0, least=1, most=1, below=2)


def test_words_are_joined_as_in_a_sentence():
    assert join("abc") == "a, b or c" and join("a") == "a"
    assert join(["x", "y"], "and") == "x and y"
