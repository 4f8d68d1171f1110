"""`pellucid plot`: every kind of figure of a run, and what is refused."""

import os

import pytest

from command_line import MADE, refused, typed
from pellucid import Network, save_network
from pellucid.cli import plot
from pellucid.data import DATASETS
from pellucid.plots import Display
from reading import decoding_here

SMALL = {"graph"}  # needs a smaller network than the run has


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("plots")


@pytest.fixture
def here(folder, monkeypatch):
    """A folder to work in, with a few more data sets; files are decoded here, too."""
    monkeypatch.chdir(folder)
    for name, made in MADE.items():
        monkeypatch.setitem(DATASETS, name, made)
    with decoding_here():
        yield folder


@pytest.fixture
def run(here, capsys):
    """A small run on the digits, made once for all tests of this file."""
    if not (here / "runs").is_dir():
        typed(capsys, "train", "--layers", "6", "--epochs", "3", "--json")
    return "runs/0001-digits"


def test_every_kind_of_figure_comes_with_its_numbers_in_words(run, capsys, monkeypatch):
    listed = typed(capsys, "plot", "--list", "--json")
    assert listed.json["kinds"] == list(plot.KINDS)
    saved = []
    monkeypatch.setattr(Display, "save", lambda self, path, dpi: saved.append(self))
    for kind in set(plot.KINDS) - SMALL:
        said = typed(capsys, "plot", run, kind, "-o", "it.svg", "--json")
        assert said.status == 0, said.err
        assert said.json == {"file": "it.svg", "kind": kind, "alt": saved[-1].alt}
        assert saved[-1].alt in said.out.replace("\n", " ")
    assert len({type(display) for display in saved}) >= len(saved) - 1


def test_the_latest_run_and_the_kinds_name_are_taken_where_nothing_is_said(
    run, here, capsys
):
    said = typed(capsys, "plot", "confusion", "--dpi", "30")
    assert said.status == 0 and said.out.endswith("written to confusion.png\n")
    assert (here / "confusion.png").read_bytes().startswith(b"\x89PNG")


def test_a_surface_ends_at_the_network_of_the_run(run, capsys):
    said = typed(capsys, "plot", run, "surface", "--dpi", "30")
    assert said.status == 0 and "the path of 4 points" in said.out
    assert "warning" not in said.err  # the same bits once more


def test_a_run_that_can_not_be_made_again_says_so(run, here, capsys):
    settings = here / run / "settings.json"
    text = settings.read_text()
    settings.write_text(text.replace('"seed": 0', '"seed": 1'))
    said = typed(capsys, "plot", run, "surface", "--dpi", "30")
    settings.write_text(text)
    assert said.status == 0 and "did not give the same weights" in said.err


def test_a_model_file_alone_has_random_directions_and_no_curves(here, capsys):
    about = {"name": "digits", "classes": list("0123456789"), "image_shape": [8, 8]}
    save_network("alone.safetensors", Network([64, 5, 10]), about)
    said = typed(capsys, "plot", "alone.safetensors", "surface", "--dpi", "30")
    assert said.status == 0 and "random direction 1" in said.out
    sentence = refused(capsys, "plot", "alone.safetensors", "curves")
    assert "curves need the folder of a run" in sentence


def test_a_run_that_diverged_still_has_its_curves(here, capsys):
    words = ("--optimizer", "sgd", "--eta", "1e30", "--hidden", "relu", "--epochs", "3")
    said = typed(capsys, "train", "--runs", "lost", "--cost", "quadratic",
                 "--output", "identity", *words)  # fmt: skip
    assert said.status == 1
    (lost,) = os.listdir("lost")
    said = typed(capsys, "plot", f"lost/{lost}", "curves", "--dpi", "30")
    assert said.status == 0 and said.out.startswith("Curves over 0 epochs")
    assert "must be a finished run" in refused(capsys, "plot", f"lost/{lost}", "roc")


def test_two_features_have_a_boundary_and_a_small_network_a_graph(here, capsys):
    save_network("tiny.safetensors", Network([3, 2, 2], "tanh", "identity"))
    words = ("plot", "tiny.safetensors", "graph", "--data", "waves", "--dpi", "30")
    said = typed(capsys, *words)
    assert said.status == 0 and "∂C/∂w¹₀₁ = " in said.out
    sentence = refused(capsys, *words[:2], "boundary", "--data", "waves")
    assert "need classes" in sentence


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "plot must be given a run"),
        (("a", "b", "c"), "got 3 words"),
        (("confusoin",), "Did you mean 'confusion'"),
        (("confusion", "-o", "a.jpg"), "must end in .png, .svg or .pdf; got 'a.jpg'"),
        (("boundary", "--features", "x"), "two numbers of columns such as 0,1"),
        (("boundary", "--features", "1,1"), "two of the columns 0 to 63"),
        (("weights", "--layer", "9"), "layer must be 1 to 2"),
        (("unit", "--unit", "6"), "unit must be a whole number"),
        (("images", "--row", "999"), "rows must be 0 to 179"),
        (("confusion", "--part", "tset"), "Did you mean 'test'"),
        (("graph",), "at most 80 nodes of a graph"),
    ],
)
def test_mistakes_are_told_in_a_sentence(run, words, sentence, capsys):
    assert sentence in refused(capsys, "plot", *words)


def test_a_folder_that_is_not_there_leaves_nothing_behind(run, here, capsys):
    before = sorted(os.listdir(here))
    said = typed(capsys, "plot", "roc", "-o", "nowhere/roc.png", "--dpi", "30")
    assert said.status == 1 and "nowhere/roc.png can't be used" in said.err
    assert sorted(os.listdir(here)) == before


def test_names_of_classes_do_not_steer_the_terminal(here, capsys):
    typed(capsys, "train", "--data", "letters", "--layers", "4", "--epochs", "1",
          "--runs", "others")  # fmt: skip
    said = typed(capsys, "plot", "--runs", "others", "roc", "--dpi", "30")
    assert said.status == 0 and "\x1b" not in said.out


def test_the_columns_of_a_table_are_called_by_their_names(here, capsys, tmp_path):
    lines = [f"{n % 13},{n * 37 % 11},{'uv'[n % 13 > 6]}" for n in range(200)]
    (tmp_path / "a.csv").write_text("age,pay,y\n" + "\n".join(lines) + "\n")
    runs = ["--runs", str(tmp_path / "runs")]
    words = ["--target", "y", "--layers", "4", "--epochs", "2", *runs]
    assert typed(capsys, "train", str(tmp_path / "a.csv"), *words).status == 0
    figure = ["-o", str(tmp_path / "a.svg"), *runs]
    for features in ("1,0", "pay,age"):
        said = typed(capsys, "plot", "boundary", "--features", features, *figure)
        assert said.out.startswith("Decision regions over pay and age; share")
    said = typed(capsys, "plot", "boundary", "--features", "pay,wage", *figure)
    assert said.status == 2 and "or names of inputs such as age,pay; got" in said.err
    shown = typed(capsys, "inspect", *runs, "--json")
    assert shown.json["inputs"] == ["age", "pay"]
    lines = [line.split()[:2] for line in shown.out.splitlines()]
    assert ["age", "numeric"] in lines and ["y", "target"] in lines
