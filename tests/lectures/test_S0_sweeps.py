"""S0: what is found by trying: the size of the hidden layer, and the learning rate."""

import csv

from command_line import typed


def lines(path):
    return list(csv.DictReader(path.read_text().splitlines()))


def test_S0_11_hidden_sizes_are_searched_and_their_time_counts(tmp_path, capsys):
    # "The design of the hidden layers is a matter of heuristics."
    words = ("--vary", "layers=2,10,50,10x10", "--seeds", 3, "--epochs", 10)
    said = typed(capsys, "sweep", *words, "--to", tmp_path / "hidden", "--json")
    assert said.status == 0, said
    found = lines(tmp_path / "hidden.csv")
    assert len(found) == 12 and {line["monitor"] for line in found} == {"validation"}
    assert all(0 < float(line["accuracy"]) <= 1 for line in found)
    assert all(float(line["seconds"]) > 0 for line in found)
    means = {str(g["values"]["layers"]): g["mean"] for g in said.json["groups"]}
    assert means["[2]"] < means["[10]"] < means["[50]"]
    assert said.json["best"] == {"layers": [50]}
    assert "seconds a run" in said.out and "parameters" in said.out


def test_S0_19_a_sweep_over_eta_records_it_with_each_run(tmp_path, capsys):
    words = ("--vary", "eta=0.001,0.1,1", "--optimizer", "sgd", "--epochs", 8)
    said = typed(capsys, "sweep", *words, "--to", tmp_path / "eta", "--json")
    assert said.status == 0, said
    found = lines(tmp_path / "eta.csv")
    assert [line["eta"] for line in found] == [*3 * ["0.001"], *3 * ["0.1"], *3 * ["1"]]
    assert [line["seed"] for line in found] == 3 * ["0", "1", "2"]
    assert said.json["best"]["eta"] > 0.001
    assert {"eta": 0.001} not in said.json["within_noise"]
    assert "Best validation accuracy with eta=" in said.out
