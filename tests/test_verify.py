"""verify believes nothing: every file and every figure that lies is found out."""

import hashlib
import shutil

import numpy as np
import pytest

from command_line import refused, typed
from pellucid import Dataset, InputError, load, model_file, runs, split
from pellucid.recipes import DEFAULTS
from pellucid.runs import verify

WORDS = "train --epochs 2 --layers 5 --dropout 0.1 --runs".split()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A finished run on the digits."""
    from pellucid import cli

    parent = tmp_path_factory.mktemp("runs")
    with pytest.raises(SystemExit) as end:
        cli.main([*WORDS, str(parent)])
    assert end.value.code == 0
    return runs.latest(parent)


@pytest.fixture
def run(made, tmp_path):
    """A copy that may be tampered with."""
    shutil.copytree(made, tmp_path / made.name)
    return tmp_path / made.name


def verdict(run):
    found = verify.verify(run, load("digits"))
    return found, {check.what: check for check in found.checks}


def sign(run, **result):
    """Make the manifest fit the files again, as who forges a run would."""
    manifest = runs.read_json(run / runs.MANIFEST)
    manifest["result"] |= result
    for name in runs.FILES:
        data = (run / name).read_bytes()
        manifest["sha256"][name] = hashlib.sha256(data).hexdigest()
    runs.write_json(run / runs.MANIFEST, manifest)


def test_honest_run_is_verified(run):
    found, checks = verdict(run)
    assert found.verified and found.promised
    assert list(checks) == ["files", "data", "weights", "history", "results"]


def test_follow_sees_every_report(run):
    seen = []

    def follow(reports):
        for report in reports:
            seen.append(report.epoch)
            yield report

    assert verify.verify(run, load("digits"), follow).verified
    assert {0, 1, 2} == set(seen)


@pytest.mark.parametrize("name", runs.FILES)
def test_file_that_was_changed_is_named_and_nothing_is_trained(run, name):
    if name.endswith(".json"):
        words = runs.read_json(run / name)
        runs.write_json(run / name, words | {"seed": 1} if "seed" in words else words)
    data = (run / name).read_bytes()
    (run / name).write_bytes(data + b"\n")
    found, checks = verdict(run)
    assert not found.verified and list(checks) == ["files", "data"]
    assert checks["files"].sentence == f"Changed after the run: {name}."


def test_forged_figure_is_found(run):
    sign(run, test_accuracy=0.99)
    _, checks = verdict(run)
    assert [name for name, check in checks.items() if not check.same] == ["results"]
    assert "and not 0.99" in checks["results"].sentence
    sign(run, weights_sha256="0" * 64)
    assert not verdict(run)[1]["weights"].same


def test_forged_weights_are_found(run):
    network, about = model_file.load(run / runs.MODEL)
    network.w[1][0, 0] = np.nextafter(network.w[1][0, 0], 9, dtype=np.float32)
    model_file.save(run / runs.MODEL, network, about)
    sign(run)
    _, checks = verdict(run)
    assert "others than the model file says" in checks["weights"].sentence
    sign(run, weights_sha256=network.weights_sha256())
    assert "the model file and run.json says" in verdict(run)[1]["weights"].sentence


@pytest.mark.parametrize("change", ["line", "value", "garbage", "huge"])
def test_forged_history_is_found(run, change):
    lines = (run / "history.csv").read_text().splitlines()
    text = {
        "line": lines[:-1],
        "value": [*lines[:-1], lines[-1].replace(",validation,", ",test,")],
        "garbage": ['"'],
        "huge": ["x" * 200_000],
    }[change]
    (run / "history.csv").write_text("\n".join(text) + "\n")
    sign(run)
    found, checks = verdict(run)
    assert not found.verified and not checks["history"].same
    assert checks["weights"].same and checks["results"].same


def test_seconds_may_differ(run):
    lines = (run / "history.csv").read_text().splitlines()
    place = lines[0].split(",").index("seconds")
    cells = [line.split(",") for line in lines]
    for line in cells[1:]:
        line[place] = "7.5"
    text = "\n".join(",".join(line) for line in cells) + "\n"
    (run / "history.csv").write_text(text)
    sign(run, train_seconds=7.5)
    assert verdict(run)[0].verified


def test_other_settings_make_another_network(run):
    settings = runs.read_json(run / runs.SETTINGS)
    runs.write_json(run / runs.SETTINGS, settings | {"seed": 1})
    sign(run)
    found, checks = verdict(run)
    bad = [name for name, check in checks.items() if not check.same]
    assert bad == ["weights", "history", "results"] and not found.verified


def test_other_data_are_told(run):
    whole = load("digits")
    other = split(Dataset.from_arrays(whole.x[:50], whole.labels[:50]))
    found = verify.verify(run, other)
    assert [check.same for check in found.checks] == [True, False]
    assert "so it was not made again" in found.checks[1].sentence


@pytest.mark.parametrize(
    "changes, words",
    [
        ({}, "The native engine promises the same bits"),
        ({"engine": "numpy"}, "The numpy engine is outside the promise"),
        ({"optimizer": "lbfgs:memory=3"}, "L-BFGS is outside the promise"),
    ],
)
def test_promise_says_what_it_covers(made, changes, words):
    environment = runs.read_json(made / "environment.json")
    inside, sentence = verify.promise({**DEFAULTS, **changes}, environment)
    assert inside == (not changes) and sentence.startswith(words)
    other = verify.promise({**DEFAULTS, **changes}, {"pellucid": "0.0.1"})
    assert not other[0] and other[1].startswith("It was made with pellucid 0.0.1 and")
    assert not verify.promise({**DEFAULTS, **changes}, [])[0]


@pytest.mark.parametrize("text", ["[]", "{}", '{"result": 1, "sha256": {}}'])
def test_manifest_that_is_none_is_refused(run, text):
    (run / runs.MANIFEST).write_text(text)
    with pytest.raises(InputError, match="must be a finished run"):
        verify.verify(run, load("digits"))


def test_manifest_that_names_other_files_is_found(run):
    manifest = runs.read_json(run / runs.MANIFEST)
    manifest["sha256"]["/etc/passwd"] = "0" * 64
    runs.write_json(run / runs.MANIFEST, manifest)
    assert verdict(run)[1]["files"].sentence.startswith("The manifest must name")


# At the command line.


def test_exit_status_says_it(run, capsys):
    said = typed(capsys, "verify", run, "--json")
    assert said.status == 0 and said.json["verified"] and said.json["promised"]
    assert "training again, 2 epochs of 1,258 examples" in said.out
    assert "verified: the run is what it says it is" in said.out
    sign(run, test_accuracy=1.0)
    said = typed(capsys, "verify", run, "--json")
    assert said.status == 1 and said.json["checks"]["results"] is False
    assert "NOT THE SAME  results: test_accuracy is " in said.out
    assert "not verified: the run is not what it says it is" in said.out


def test_outside_the_promise_is_said(run, capsys):
    words = runs.read_json(run / "environment.json")
    runs.write_json(run / "environment.json", words | {"pellucid": "0.0.1"})
    sign(run, test_accuracy=1.0)
    said = typed(capsys, "verify", run)
    assert said.status == 1
    assert "not verified; it is outside the promise" in said.out


def test_only_a_finished_run_can_be_verified(run, capsys):
    (run / runs.MANIFEST).unlink()
    assert "must be a finished run" in refused(capsys, "verify", run)
    assert "77 must be a run" in refused(capsys, "verify", "77")
    assert "must hold a finished run" in refused(capsys, "verify", "--runs", run)


def cut_off(capsys, monkeypatch, parent, *more):
    """A run that fails to write its end."""

    def fail(*_):
        raise OSError(28, "No space left on device", "model")

    with monkeypatch.context() as patch:
        patch.setattr(runs, "write_end", fail)
        words = [*WORDS, parent, "--checkpoint-every", "0", *more]
        said = typed(capsys, *words)
    assert said.status == 1, said
    return said.err


def test_resumed_run_is_verified(tmp_path, capsys, monkeypatch):
    said = cut_off(capsys, monkeypatch, tmp_path)
    assert said.endswith(
        "pellucid: model can't be used: No space left on device. The last checkpoint, "
        f"at step 80, is whole. Go on with: pellucid train --resume {tmp_path}"
        "/0001-digits\n"
    )
    said = typed(capsys, "train", "--resume", "--runs", tmp_path)
    assert said.status == 0 and "promise" not in said.err
    assert f"going on with {tmp_path}/0001-digits from step 80, after" in said.out
    assert typed(capsys, "verify", "--runs", tmp_path, "--json").json["verified"]


@pytest.mark.parametrize(
    "words, begins, sentence",
    [
        (
            ["--engine", "numpy"],
            "from step 80, after epoch 2",
            "The numpy engine is out",
        ),
        (
            ["--optimizer", "lbfgs", "--dropout", "0"],
            "begins again",
            "L-BFGS is outside",
        ),
    ],
)
def test_what_is_outside_the_promise_is_said_when_it_goes_on(
    tmp_path, capsys, monkeypatch, words, begins, sentence
):
    cut_off(capsys, monkeypatch, tmp_path, *words)
    said = typed(capsys, "train", "--resume", "--runs", tmp_path, "--json")
    assert said.status == 0
    assert begins in said.out and f"warning: {sentence}" in said.err
    assert typed(capsys, "verify", "--runs", tmp_path, "--json").json["verified"]
