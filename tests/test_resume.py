"""A training goes on from any Report, and a run after any kill, with the same bits."""

import os
import shutil
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from command_line import typed
from faults.machine import SHORT, Machine, Whole, hurt
from pellucid import OPTIMIZERS, InputError, Network, load, runs, train
from pellucid.runs import index

DATA = load("digits")
DATA = replace(DATA.rows(np.arange(300)), counts={"train": 200, "validation": 100})
WORDS = {"epochs": 4, "batch_size": 30, "dropout": 0.2, "schedule": "one_cycle"}


def fresh() -> Network:
    return Network([64, 8, 10], seed=3)


def timeless(reports):
    """Reports without what a clock measured."""
    return [replace(report, seconds=0.0) for report in reports]


def resumed(place: int, **words):
    """All Reports and the network of a training that was left at one Report."""
    found, state = [], None
    for report in train(fresh(), DATA, **words):
        found.append(report)
        if len(found) == place + 1:
            state = {name: array.copy() for name, array in report.state().items()}
            break
    network = fresh()
    return [*found, *train(network, DATA, resume=state, **words)], network


@pytest.mark.parametrize("engine", ["native", "numpy"])
@pytest.mark.parametrize("optimizer", [name for name in OPTIMIZERS if name != "lbfgs"])
@pytest.mark.parametrize("patience", [None, 1])
def test_training_goes_on_from_any_report(optimizer, engine, patience):
    words = {**WORDS, "optimizer": optimizer, "engine": engine, "patience": patience}
    whole = fresh()
    reports = list(train(whole, DATA, every=3, **words))
    for place in (0, 1, 5, len(reports) - 1):
        again, network = resumed(place, every=3, **words)
        assert timeless(again) == timeless(reports)
        assert network.weights_sha256() == whole.weights_sha256()


def test_state_is_what_the_report_saw():
    states = [report.state() for report in train(fresh(), DATA, **WORDS)]
    assert [int(state["step"][0]) for state in states] == [0, 7, 14, 21, 28]
    assert states[0]["theta"].tobytes() == fresh().parameters.theta.tobytes()


def refused(change=lambda state: None, network=None, **words) -> str:
    """The sentence about going on with this state."""
    first = next(iter(train(fresh(), DATA, **WORDS)))
    state = first.state()
    change(state)
    with pytest.raises(InputError) as error:
        train(network or fresh(), DATA, **{**WORDS, **words}, resume=state)
    return str(error.value)


def test_state_of_another_training_is_refused():
    assert refused(optimizer="lbfgs", dropout=0.0, schedule=None).startswith(
        "lbfgs must begin at the beginning; got a state to resume from."
    )
    said = refused(optimizer="momentum")
    assert said.startswith(
        "resume must hold best_epoch, best_score, seconds, step, summed, th"
    )
    assert said.endswith("Go on with the settings that the state was made with.")
    assert "best_theta" in refused(patience=2)
    other = Network([64, 9, 10])
    assert "It is the state of another network." in refused(network=other)
    assert "float64" in refused(network=Network([64, 8, 10], dtype="float64"))


def test_state_that_makes_no_sense_is_refused():
    def set_to(name, value):
        return lambda state: state[name].fill(value)

    assert "must be at step 0 ... 28; got 29" in refused(set_to("step", 29))
    assert "must be at step 0 ... 28; got -1" in refused(set_to("step", -1))
    for name in ("theta", "seconds"):
        assert f"{name} has others" in refused(set_to(name, np.nan))
    assert "got nothing" in refused(dict.clear)


# Whole processes; tests/faults does the same at length.


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    made = Machine(tmp_path_factory.mktemp("machine"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def whole(machine, tmp_path_factory) -> Whole:
    return Whole(machine, tmp_path_factory.mktemp("whole"), SHORT)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_hurt_at_a_random_instant_and_resumed(whole, tmp_path, number, seed):
    child = whole.start(tmp_path / "runs")
    hurt(child, Random(seed), whole, tmp_path / "runs", number)
    ended = child.wait()
    if number == signal.SIGINT and ended.status:
        assert ended.status == 130, ended
    whole.check(whole.recover(tmp_path / "runs"), tmp_path / "runs")


@pytest.mark.parametrize(
    "number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_interrupt_says_how_to_go_on(whole, tmp_path, number, status):
    child = whole.start(tmp_path)
    while not any(tmp_path.glob("*/checkpoint-*")):
        time.sleep(0.001)
    child.hurt(number)
    ended = child.wait()
    (folder,) = tmp_path.glob("*")
    assert ended.status == status
    assert ended.err.endswith(f"Go on with: pellucid train --resume {folder}\n")
    assert {"history.csv", runs.MODEL} <= {path.name for path in folder.iterdir()}
    whole.check(whole.recover(tmp_path), tmp_path)


def test_signal_outside_of_training_has_its_own_status(capsys, monkeypatch):
    def ask(*_):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)

    monkeypatch.setattr(index, "entries", ask)
    said = typed(capsys, "runs")
    assert (said.status, said.err) == (143, "pellucid: Asked to end.\n")


def test_second_process_is_refused(whole, tmp_path):
    child = whole.start(tmp_path)
    while not any(tmp_path.glob("*/checkpoint-*")):
        time.sleep(0.001)
    child.hurt(signal.SIGSTOP)
    (folder,) = tmp_path.glob("*")
    second = whole.machine.run("train", "--resume", runs=tmp_path)
    assert second.status == 2
    assert second.sentences == [
        f"pellucid: only one process may work on {folder}, and one does already. Wait "
        "until it ends, or begin another run."
    ]
    listed = whole.machine.run("runs", "--json", runs=tmp_path)
    assert [one["status"] for one in listed.result["runs"]] == ["running"]
    child.hurt(signal.SIGCONT)
    whole.check(child.wait(), tmp_path)


@pytest.fixture(scope="module")
def clockwork(tmp_path_factory):
    """A machine whose processes can be put into another time."""
    folder = tmp_path_factory.mktemp("clock")
    compiler = shutil.which("cc") or pytest.skip("no C compiler here")
    source = Path(__file__).parent / "faults" / "clock.c"
    library = folder / "clock.so"
    words = ["-shared", "-fPIC", "-o", str(library), str(source), "-ldl"]
    subprocess.run([compiler, *words], check=True)
    machine = Machine(folder, preload=str(library))
    yield machine
    machine.close()


@pytest.mark.parametrize(
    "begun, seconds",
    [
        pytest.param("1970-01-01", -time.time(), id="1970"),
        pytest.param("21", 1 << 32, marks=pytest.mark.slow, id="2106"),
    ],
)
def test_clock_that_is_set(clockwork, whole, tmp_path, begun, seconds):
    child = clockwork.start(*whole.words, runs=tmp_path, shift=(0.0, seconds + 3_600))
    while not any(tmp_path.glob("*/checkpoint-*")):
        time.sleep(0.001)
    child.hurt(signal.SIGKILL)
    child.wait()
    whole.check(whole.recover(tmp_path), tmp_path)
    assert index.entries(tmp_path)[0].started.startswith(begun)
