"""Fourteen published tables: each trains as it lies there, and answers for raw rows."""

import gzip

import pytest

from command_line import typed

SETS = {
    "german": ("german_credit/german.csv", "21", []),
    "abalone": ("abalone/abalone.csv.gz", "9", []),
    "telco": ("telco_churn/WA_Fn-UseC_-Telco-Customer-Churn.csv.gz", "Churn", []),
    "ames": ("ames_housing/AmesHousing.csv.gz", "SalePrice", []),
    "bike": ("bike_sharing/hour.csv.gz", "cnt", ["--ignore", "casual,registered"]),
    "wine red": ("wine_quality/winequality-red.csv", "12", []),
    "wine white": ("wine_quality/winequality-white.csv.gz", "12", []),
    "spambase": ("spambase/spambase.data.gz", "-1", []),
    "letter": ("letter/letter-recognition.data.gz", "Letter", []),
    "california": ("california_housing/housing.csv.gz", "median_house_value", []),
    "diamonds": ("diamonds/diamonds.csv.gz", "price", []),
    "covertype": ("covertype_20k/covtype.20k.data.gz", "55", []),
    "adult": ("adult/adult-train.csv.gz", "15", []),
    "kddcup": ("kddcup99_10pct/kddcup.data_10_percent.gz", "42", []),
}
LEAST = {"german": 0.68, "abalone": 0.3, "telco": 0.75, "ames": 0.7}
"""Accuracy or R² that three epochs reach with room to spare."""


def trains_and_answers(name, capsys, tmp_path, data_dir):
    """Train, hand raw rows to predict, evaluate; the figure of the test part."""
    file, target, more = SETS[name]
    path = data_dir / file
    if name == "adult":
        more = ["--test-file", data_dir / "adult/adult-test.csv.gz"]
    runs = ["--runs", tmp_path / "runs"]
    words = ["train", path, "--target", target, *more, "--epochs", 3, *runs, "--json"]
    said = typed(capsys, *words)
    assert said.status == 0, said
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as source:
        lines = [next(source) for _ in range(30)]
    raw = tmp_path / "raw.csv"
    raw.write_text("".join(lines))
    answers = typed(capsys, "predict", "--file", raw, *runs, "--json")
    assert answers.status == 0, answers
    assert len(answers.json["answers"]) in (29, 30)
    part = ["--part", "test", *runs, "--json"]
    figures = typed(capsys, "evaluate", *part).json
    return figures["r2"] if figures["accuracy"] is None else figures["accuracy"]


@pytest.mark.parametrize("name", list(LEAST))
def test_a_table_trains_and_answers_for_raw_rows(
    name, capsys, tmp_path, data_dir, here
):
    assert trains_and_answers(name, capsys, tmp_path, data_dir) > LEAST[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", list(SETS))
def test_all_tables_do_and_report(name, capsys, tmp_path, data_dir):
    assert trains_and_answers(name, capsys, tmp_path, data_dir) > 0.25
    page = tmp_path / "report.html"
    said = typed(capsys, "report", "-o", page, "--runs", tmp_path / "runs")
    assert said.status == 0, said
    assert "</html>" in page.read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["german", "telco", "spambase", "california"])
def test_rows_that_were_held_out_are_answered_raw(name, capsys, tmp_path, data_dir):
    """The last rows of the file are cut off before training, and asked afterwards."""
    file, target, more = SETS[name]
    path = data_dir / file
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as source:
        lines = source.readlines()
    (tmp_path / "rest.csv").write_text("".join(lines[:-40]))
    header = [] if name == "german" else lines[:1]
    (tmp_path / "raw.csv").write_text("".join(header + lines[-40:]))
    runs = ["--runs", tmp_path / "runs"]
    words = ["--target", target, *more, "--epochs", 5, *runs]
    said = typed(capsys, "train", tmp_path / "rest.csv", *words)
    assert said.status == 0, said
    raw = ["--file", tmp_path / "raw.csv", *runs, "--json"]
    answers = typed(capsys, "predict", *raw).json["answers"]
    assert len(answers) == 40
    again = typed(capsys, "evaluate", "--data", tmp_path / "raw.csv", *runs, "--json")
    assert again.status == 0 and again.json["count"] == 40, again


def test_the_run_says_what_was_read_and_how(capsys, tmp_path, data_dir, here):
    import hashlib
    import json

    path = data_dir / SETS["german"][0]
    runs = tmp_path / "runs"
    words = ["--kinds", "2=category", "--ignore", "3,4", "--split-seed", 7]
    said = typed(capsys, "train", path, "--target", 21, *words, "--epochs", 1,
                 "--runs", runs)  # fmt: skip
    assert said.status == 0, said
    (run,) = runs.iterdir()
    settings = json.loads((run / "settings.json").read_text())
    asked = {"data": str(path), "target": ["21"], "kinds": ["2=category"],
             "ignore": ["3", "4"], "split_seed": 7, "test_file": None}  # fmt: skip
    assert {name: settings[name] for name in asked} == asked
    known = hashlib.sha256(path.read_bytes()).hexdigest()
    assert json.loads((run / "data.json").read_text())["files"] == {"german.csv": known}
    shown = " ".join(said.out.split())
    assert "2 category" in shown
    assert "3 ignored left out as asked" in shown
    verified = typed(capsys, "verify", run)
    assert verified.status == 0 and "the same bits" in verified.out


def test_a_file_that_changed_is_another_data(capsys, tmp_path, here):
    rows = "a,y\n" + "".join(f"{n * 37 % 101},{'uv'[n % 2]}\n" for n in range(60))
    path = tmp_path / "a.csv"
    path.write_text(rows)
    runs = tmp_path / "runs"
    assert typed(capsys, "train", path, "--target", "y", "--runs", runs).status == 0
    path.write_text(rows.replace("37,", "38,"))
    (run,) = runs.iterdir()
    assert "The data are not those of the run" in typed(capsys, "verify", run).out


def test_answers_for_numbers_are_in_their_own_unit(capsys, tmp_path, here):
    lines = [f"{n * 37 % 101},{1000 + 5 * (n * 37 % 101)}" for n in range(200)]
    path = tmp_path / "a.csv"
    path.write_text("a,pay\n" + "\n".join(lines) + "\n")
    runs = ["--runs", tmp_path / "runs"]
    said = typed(capsys, "train", path, "--target", "pay", "--layers", 0, "--l2", 0,
                 "--dropout", 0, "--epochs", 300, *runs)  # fmt: skip
    assert said.status == 0 and "mean absolute error" in said.out
    raw = tmp_path / "raw.csv"
    raw.write_text("a\n50\n")
    ((answer,),) = typed(capsys, "predict", "--file", raw, *runs, "--json").json[
        "answers"
    ]
    assert abs(answer - 1250) < 5
    figures = typed(capsys, "evaluate", *runs, "--json").json
    assert figures["mae"][0] < 5 and figures["r2"] > 0.999


def test_several_labels_train_and_are_told_apart(capsys, tmp_path, here):
    lines = [f"{n % 7},{n * 37 % 11},{n % 7 > 3:d},{n * 37 % 11 > 5:d}"
             for n in range(300)]  # fmt: skip
    path = tmp_path / "a.csv"
    path.write_text("a,b,p,q\n" + "\n".join(lines) + "\n")
    runs = ["--runs", tmp_path / "runs"]
    said = typed(capsys, "train", path, "--target", "p,q", *runs)
    assert "all labels right" in said.out, said
    figures = typed(capsys, "evaluate", *runs, "--json").json
    assert min(figures["label_accuracy"]) > 0.9
    raw = tmp_path / "raw.csv"
    raw.write_text("b,a\n0,6\n10,0\n")
    answers = typed(capsys, "predict", "--file", raw, *runs, "--json").json
    assert answers["answers"] == [[1, 0], [0, 1]]


def test_what_was_not_there_in_training_is_told(capsys, tmp_path, here):
    rows = "a,y\n" + "".join(f"{'rgb'[n % 3]},{'uv'[n % 2]}\n" for n in range(60))
    path = tmp_path / "a.csv"
    path.write_text(rows)
    runs = ["--runs", tmp_path / "runs"]
    assert typed(capsys, "train", path, "--target", "y", *runs).status == 0
    raw = tmp_path / "raw.csv"
    raw.write_text("a\nmauve\nr\n")
    said = typed(capsys, "predict", "--file", raw, *runs)
    assert said.status == 0
    assert "column 'a': 1 not met in training ('mauve')" in said.err
    raw.write_text("c\n1\n")
    said = typed(capsys, "predict", "--file", raw, *runs)
    assert said.status == 2 and "must have the column 'a'" in said.err
