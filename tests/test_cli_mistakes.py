"""A mistake ends in one sentence; so does a full disk, an interrupt, a divergence."""

import csv
import errno
import io
import os
import pickle
import random
import re
import signal
import stat
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from command_line import MADE, refused, typed
from pellucid import InputError, Network, load_network, save_network
from pellucid.cli import predict, show
from pellucid.data import DATASETS
from pellucid.engines.native_engine import NativeEngine

posix = pytest.mark.skipif(os.name == "nt", reason="needs a terminal of POSIX")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to work in, with a network and a few more data sets."""
    monkeypatch.chdir(tmp_path)
    for name, made in MADE.items():
        monkeypatch.setitem(DATASETS, name, made)
    save_network("model", Network([64, 10]), {"name": "digits"})
    return tmp_path


MISTAKES = [
    ("train --eta fast", "eta must be a number or none; got 'fast'."),
    ("train --eta -1", "eta must be a finite number and > 0; got -1.0."),
    ("train --eta nan", "eta must be a finite number and > 0; got nan."),
    ("train --epochs 1.5", "epochs must be a whole number; got '1.5'."),
    ("train --epochs 0", "epochs must be a whole number and >= 1; got 0."),
    ("train --batch-size 0", "batch_size must be a whole number and >= 1; got 0."),
    ("train --batch-size 5000", "batch_size must be at most the number of training"),
    ("train --seed -1", "seed must be a whole number and >= 0 and <= 4,294,967,295"),
    ("train --seed x", "seed must be a whole number; got 'x'."),
    ("train --l1 a", "l1 must be a number; got 'a'."),
    ("train --l2 -1", "l2 must be a finite number and >= 0; got -1.0."),
    ("train --dropout 1", "dropout must be a finite number and >= 0 and < 1; got 1.0."),
    ("train --clip 0", "clip must be a finite number and > 0; got 0.0."),
    ("train --patience x", "patience must be a whole number or none; got 'x'."),
    ("train --patience 3 --monitor none", "patience needs a part that is monitored"),
    ("train --layers 30;20", "layers must be whole numbers such as 30 or 16,16; got"),
    ("train --layers 0,3", "every size must be 1 to 16,777,216 (limit UNITS); got 0"),
    ("train --layers 99999999", "(limit UNITS); got 99999999 in [64, 99999999, 10]"),
    ("train --layers 16000000,16000000", "(limit PARAMETERS)"),
    ("train --hidden sigmod", "Did you mean 'sigmoid'?"),
    ("train --hidden relu,relu", "for each of the 1 hidden layers; got 2."),
    ("train --hidden step", "step has no slope to descend"),
    (
        "train --optimizer lbfgs --eta 0.1",
        "lbfgs takes no learning rate and no schedule",
    ),
    ("train --output sofmax", "Did you mean 'softmax'?"),
    ("train --output sigmoid --cost cross_entropy", "needs the output softmax; got"),
    ("train --cost quadratik", "Did you mean 'quadratic'?"),
    ("train --optimizer adm", "Did you mean 'adam'?"),
    ("train --schedule cosin", "Did you mean 'cosine'?"),
    ("train --initializer hee", "Did you mean 'he'?"),
    ("train --engine numpi", "Did you mean 'numpy'? Known: auto, native, numpy."),
    ("train --monitor tset", "Did you mean 'test'?"),
    ("train --dtype float16", "dtype must be float32 or float64; got 'float16'."),
    ("train --recipe nielsen", "Did you mean 'nielsen-30'?"),
    ("train --data mnsit", "Did you mean 'mnist'? Known: digits, mnist, fashion_mnist"),
    ("train --data mnist --data-dir .", "data_dir must hold the four files of mnist"),
    ("train --data untested", "validation must have at least one row; 'untested'"),
    ("train --data waves", "cost cross_entropy needs targets that are shares"),
    ("train --runs model", "runs must be written to a folder; model can't be used: "),
    ("train --etta 3", "No such option: --etta"),
    ("train --eta", "requires an argument. See pellucid --help."),
    ("trian", "No such command 'trian'"),
    ("evaluate", "runs must hold a finished run; there is none. Train one: pellucid"),
    ("evaluate absent", "the model file must exist; nothing is at absent."),
    ("evaluate runs/absent --runs x", "the model file must exist; nothing is at runs"),
    ("evaluate .", ". must be a finished run; it has no run.json. Name another run"),
    ("evaluate model --part tset", "Did you mean 'test'?"),
    ("evaluate model --data waves", "The network takes 64 inputs and each example has"),
    ("predict model --rows x", "rows must be like 3, 0:10 or 1,5,9; got 'x'."),
    ("predict model --rows 1:2:3", "rows must be like 3, 0:10 or 1,5,9; got '1:2:3'."),
    ("predict model --rows 180", "rows must be 0 to 179, those of this part; got 180."),
    ("predict model --rows -9999999999999999:4", "rows must be 0 to 179"),
    ("predict model --rows 500:600", "rows must name at least one of 180; got '500:6"),
    ("predict model --file absent.npy", "the file of inputs must exist; nothing is at"),
    ("predict model --file model", "model must be a .npy file of one array of numbers"),
    ("inspect model --unit 1", "unit must be layer.unit, such as 1.0; got '1'."),
    (
        "inspect model --unit 0.0",
        "unit must be in a layer with weights, 1 to 1; got 0.",
    ),
    ("inspect model --unit 1.10", "unit must be 0 to 9, those of layer 1; got 10."),
    (f"inspect model --unit 1.{'9' * 5000}", "unit must be layer.unit, such as 1.0; "),
    ("inspect model --formula c", "formula must be one of the known names; got 'c'."),
    ("trace model --row -1", "rows must be 0 to 179, those of this part; got -1."),
    ("trace model --row x", "rows must be like 3, 0:10 or 1,5,9; got 'x'."),
    ("data digit", "Did you mean 'digits'?"),
]


@pytest.mark.parametrize("command, words", MISTAKES, ids=lambda text: text[:40])
def test_a_mistake_is_told_in_a_sentence(here, capsys, command, words):
    said = refused(capsys, *command.split())
    assert words in said and said.endswith((".", "]."))
    assert not os.path.exists("runs"), "nothing is left behind"


def test_formula_of_a_large_network_is_refused(here, capsys):
    save_network("large", Network([64, 100, 10]))
    words = (
        "at most 5,000 parameters (limit FORMULA_PARAMETERS); this network has 7,510"
    )
    assert words in refused(capsys, "inspect", "large", "--formula", "python")


@pytest.mark.parametrize(
    "data", [b"", b"hello", pickle.dumps([1]), b"\x80\4." * 99, bytes(999)]
)
def test_damaged_model_is_refused_by_every_command(here, capsys, data):
    (here / "model").write_bytes(data)
    for command in ("evaluate", "predict", "inspect", "trace"):
        assert "model must be a model file" in refused(capsys, command, "model")


@pytest.mark.parametrize(
    "number, words",
    [
        (errno.ENOSPC, "No space left on device"),
        (errno.EROFS, "Read-only file system"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_disk_that_fails_is_told_with_the_file(
    here, capsys, monkeypatch, number, words
):
    sync = os.fsync

    def fail(descriptor):
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(number, os.strerror(number))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fail)
    said = typed(capsys, "train", "--epochs", "1")
    assert said.status == 1 and said.err.count("\n") == 1
    assert re.match(r"pellucid: runs\W\S+\.json can't be used: " + words, said.err)


def failing(monkeypatch, error):
    """Let the digits fail with an error when they are loaded."""

    def fail(*_):
        raise error

    monkeypatch.setitem(DATASETS, "digits", replace(DATASETS["digits"], load=fail))


def test_too_little_memory_is_told(here, capsys, monkeypatch):
    failing(monkeypatch, MemoryError())
    said = typed(capsys, "train")
    assert said.status == 1 and "There is not enough memory." in said.err
    assert said.err.count("\n") == 1


def test_a_defect_of_ours_is_not_hidden(here, capsys, monkeypatch):
    failing(monkeypatch, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        typed(capsys, "train")


def left_behind():
    """History and network of the only run, which is not finished."""
    (run,) = os.listdir("runs")
    assert not os.path.exists(f"runs/{run}/run.json")
    with open(f"runs/{run}/history.csv", newline="") as file:
        history = [int(row["epoch"]) for row in csv.DictReader(file)]
    return run, history, load_network(f"runs/{run}/model.safetensors")[0]


def test_divergence_is_told_and_leaves_the_last_good_state(here, capsys):
    said = typed(
        capsys, "train", "--optimizer", "sgd", "--eta", "1e9", "--epochs", "3", "--json"
    )
    assert said.status == 1 and "{" not in said.out
    assert said.err.startswith(
        "pellucid: The cost stopped being finite in epoch 1, min"
    )
    assert ": layer 2 of 2 overflowed." in said.err and said.err.count("\n") == 1
    run, history, network = left_behind()
    assert said.err.endswith(f"History and network up to there: runs{os.sep}{run}.\n")
    assert history == [0]
    assert np.isfinite(network.parameters.theta).all()
    kept = refused(capsys, "evaluate", f"runs/{run}")
    assert "must be a finished run" in kept and "Name its model.safetensors" in kept
    assert typed(capsys, "evaluate", f"runs/{run}/model.safetensors").status == 0


@pytest.mark.parametrize("calls", [0, 1, 30])
def test_interrupt_leaves_history_and_network(here, capsys, monkeypatch, calls):
    run, made = NativeEngine.run, []

    def interrupted(engine, rows, *words):
        if len(made) == calls:
            raise KeyboardInterrupt
        made.append(len(rows))
        return run(engine, rows, *words)

    monkeypatch.setattr(NativeEngine, "run", interrupted)
    said = typed(capsys, "train", "--json")
    epoch = sum(made) // 1258
    assert said.status == 130 and "{" not in said.out
    assert said.err.startswith(f"pellucid: Interrupted after epoch {epoch}. ")
    assert said.err.count("\n") == 1
    assert left_behind()[1] == list(range(epoch + 1))


def test_interrupt_elsewhere_is_told(here, capsys, monkeypatch):
    failing(monkeypatch, KeyboardInterrupt())
    said = typed(capsys, "train")
    assert (said.status, said.err) == (130, "pellucid: Interrupted.\n")


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


X = np.random.RandomState(0).rand(3, 64)


@pytest.mark.parametrize(
    "array",
    [X, X.astype("float32"), np.asfortranarray(X), X.reshape(3, 8, 8), X.astype(">f8"),
     (X * 9).astype("uint8")],
)  # fmt: skip
def test_inputs_are_read_from_a_file(here, capsys, array):
    np.save("x.npy", array)
    said = typed(capsys, "predict", "model", "--file", "x.npy", "--json")
    assert said.status == 0 and said.err == ""
    x = np.ascontiguousarray(array.reshape(3, 64), "float32")
    assert said.json["outputs"] == load_network("model")[0](x).tolist()


def test_pixels_that_were_not_divided_are_warned_of(here, capsys):
    np.save("x.npy", (X * 255).astype("uint8"))
    said = typed(capsys, "predict", "model", "--file", "x.npy")
    assert said.status == 0 and "Divide by 255." in said.err


def header(text):
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


FLOATS = "{'descr': '<f8', 'fortran_order': False"


@pytest.mark.parametrize(
    "data, words",
    [
        (b"", "it can't be read as such"),
        (b"hello", "it can't be read as such"),
        (npy(X)[:-1], "its length is not that of its arrays"),
        (npy(X) + b"\0", "its length is not that of its arrays"),
        (npy(np.array([{}])), "it holds objects"),
        (header(f"{FLOATS}, 'shape': (9999999999999, 64)}}"), "its length is not that"),
        (header(f"{FLOATS}, 'shape': (-1, 0)}}"), "it can't be read as such"),
        (header("__import__('os').mkdir('executed')"), "it can't be read as such"),
        (header("(" * 200), "it can't be read as such"),
        (npy(X[0]), "x.npy must be (m, 64), one row an example; got (64,)."),
        (npy(X[:, :5]), "each example has 5: make the first size 5"),
        (npy(X[:0]), "x must have at least one row and one column; got (0, 64)."),
        (npy(np.where(X < 1, np.nan, X)), "x.npy must be finite; got nan at row 0"),
        (npy(X * 1e300), "x must fit float32, at most 3.4e+38"),
        (npy(X.astype(str)), "x.npy must hold numbers; got dtype <U"),
        (npy(X.astype(complex)), "x.npy must hold numbers; got dtype complex128."),
    ],
)  # fmt: skip
def test_unfit_file_of_inputs_is_told(here, capsys, data, words):
    (here / "x.npy").write_bytes(data)
    assert words in refused(capsys, "predict", "model", "--file", "x.npy")
    assert not os.path.exists("executed")


@pytest.mark.filterwarnings("ignore")  # NumPy warns of headers that Python 2 wrote
def test_mutants_of_a_file_of_inputs_are_read_or_told(tmp_path):
    path, data, read = tmp_path / "x.npy", npy(X.astype("float32")), 0
    for seed in range(1_000):
        chance = random.Random(seed)
        other = bytearray(data)
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(140)
            piece = chance.choice([b"", b"9" * 9, b"-", b"(", b"'", b"O", b"\0", b"{"])
            other[place : place + chance.choice([0, 1, 9])] = piece
        path.write_bytes(other)
        try:
            read += predict.read_npy(str(path), 64, "float32").shape[1] == 64
        except InputError as error:
            assert len(str(error)) < 400, seed
    assert 0 < read < 500


def command(*words, **more):
    arguments = [sys.executable, "-m", "pellucid", *words]
    return subprocess.Popen(arguments, **{"stderr": subprocess.PIPE, **more})


@pytest.mark.parametrize("name", ["train", "sweep", "tune", "find-eta"])
def test_data_are_named_once(name, capsys):
    assert refused(capsys, name, "digits", "--data", "mnist") == (
        "data must be named once; got digits and --data mnist."
    )


@posix
def test_progress_is_drawn_on_a_terminal_and_cleared_by_an_interrupt(tmp_path):
    import pty

    parent, child = pty.openpty()
    words = ("--engine", "numpy", "--epochs", "9999", "--layers", "300,300")
    terminal = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    with command(
        "train", *words, cwd=tmp_path, stdout=child, stderr=child, env=terminal
    ) as process:
        os.close(child)
        seen = ""
        try:
            while " left" not in seen or "examples/s" not in seen:
                seen += os.read(parent, 1 << 16).decode(errors="replace")
            process.send_signal(signal.SIGINT)
            while piece := os.read(parent, 1 << 16).decode(errors="replace"):
                seen += piece
        except OSError:  # the other side is closed
            pass
        finally:
            process.kill()
    os.close(parent)
    assert process.returncode == 130, seen
    assert "epoch " in seen and "cost " in seen and "validation " in seen
    last = seen.rpartition("\x1b[2K")[2]
    assert last.startswith("pellucid: Interrupted after epoch ")


def test_nothing_is_drawn_where_there_is_no_terminal(here, capsys, monkeypatch):
    monkeypatch.setattr(show, "PATIENCE", 0.0)
    monkeypatch.setenv("FORCE_COLOR", "1")
    said = typed(capsys, "train", "--epochs", "20", "--engine", "numpy")
    assert (said.status, said.err) == (0, "")
    assert "\x1b" not in said.out


@posix
def test_reader_who_has_seen_enough_hears_no_complaint():
    with command("data", stdout=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode != 0


def test_terminal_that_lacks_our_letters_still_gets_text():
    plain = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    with command("data", stdout=subprocess.PIPE, env=plain) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
    assert rb"handwritten digits, 8\xd78 grey pixels" in out
