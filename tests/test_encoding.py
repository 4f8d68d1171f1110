"""Encoding: fitted on the training part only, and then the same for any raw rows."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid import InputError, Network, train
from pellucid.data.sources import inputs_with, read, read_with
from pellucid.data.splits import split_rows
from pellucid.data.tables.encoding import Encoding
from reading import ROWS, column, people, put, training_rows
from tolerances import CLOSED, PAGE, distance

pytestmark = pytest.mark.usefixtures("here")


@pytest.fixture
def data():
    return read(people(), "label")


def test_each_column_gets_its_kind_and_a_reason_where_it_is_left_out(data):
    kinds = {each.name: each.kind for each in data.encoding.columns}
    assert kinds == {
        "id": "ignored",
        "age": "numeric",
        "gaps": "numeric",
        "town": "category",
        "smokes": "boolean",
        "since": "date",
        "note": "ignored",
        "same": "ignored",
    }
    reasons = {e.name: e.why for e in data.encoding.columns if e.kind == "ignored"}
    assert reasons["id"] == "it counts the rows"
    assert reasons["note"] == "all its texts differ: it names the rows"
    assert reasons["same"] == "it holds the same everywhere"


def test_what_is_encoded_is_what_the_kinds_say(data):
    encoding, train = data.encoding, data.train
    place = {name: j for j, name in enumerate(encoding.inputs)}
    assert data.inputs == len(place)
    age = train.x[:, place["age"]].astype(float)
    assert abs(age.mean()) < 1e-6 and abs(age.std() - 1) < 1e-6
    towns = train.x[:, [place[f"town = {t}"] for t in ("Bonn", "Köln", "Ulm")]]
    assert (towns.sum(axis=1) == 1).all() and set(np.unique(towns)) == {0, 1}
    missing = train.x[:, place["gaps missing"]] == 1
    fill = np.unique(train.x[missing, place["gaps"]])
    assert 0 < missing.mean() < 1 and len(fill) == 1
    assert data.classes == ("ill", "well")


def test_a_gap_is_filled_with_the_middle_of_the_training_part(data):
    gaps = column(data.encoding, "gaps")
    values = people()["gaps"].to_numpy()
    order = training_rows()
    known = values[order][~np.isnan(values[order])]
    assert gaps.fill == np.median(known)
    assert distance(gaps.centre, known.mean()) < CLOSED
    assert distance(gaps.scale, known.std()) < CLOSED


def test_nothing_but_the_training_part_is_looked_at(data):
    """Whatever stands in the other parts, the encoding is the same to the last bit."""
    frame = people()
    others = np.setdiff1d(np.arange(ROWS), training_rows())
    frame.loc[others, ["age", "gaps"]] = 1e6
    frame.loc[others[::2], "gaps"] = np.nan
    frame.loc[others, "town"] = [f"nowhere {n}" for n in others]
    frame.loc[others, "since"] = pd.to_datetime("1999-09-09")
    frame.loc[others, "same"] = 8.0
    frame.loc[others, "smokes"] = "maybe"
    frame.loc[others, "id"] = 3
    frame.loc[others, "note"] = "the same"
    spoiled = read(frame, "label")
    assert spoiled.encoding.to_json() == data.encoding.to_json()
    assert np.array_equal(spoiled.train.x, data.train.x)


def test_neither_is_a_target_of_numbers_nor_of_labels():
    frame = people().assign(pay=people()["age"] * 250, tall=people()["age"] > 40)
    for target in (["pay"], ["pay", "age"], ["tall", "smokes"]):
        one = read(frame, target)
        order, counts = split_rows(ROWS, None, 0.1, 0.2, 0)
        others = order[counts["train"] :]
        spoiled = frame.copy()
        spoiled.loc[others, ["pay", "gaps"]] = 1e9
        if target[0] == "pay":
            spoiled.loc[others, "age"] = -1e9
        other = read(spoiled, target)
        assert other.encoding.to_json() == one.encoding.to_json()
        assert np.array_equal(other.train.y, one.train.y)


def test_a_training_value_that_changes_is_noticed(data):
    """The counter-test of the one above: it can fail."""
    frame = people()
    frame.loc[training_rows()[0], "age"] += 1
    assert read(frame, "label").encoding.to_json() != data.encoding.to_json()


@pytest.mark.parametrize("factor", [1e6, 1e-6, -1e6])
def test_a_column_in_another_unit_changes_rounding_only(factor):
    frame = people()
    frame["flag"] = (frame["age"] > 40).astype(float)
    scaled = frame.copy()
    for name in ("id", "age", "gaps", "flag", "same"):
        scaled[name] *= factor
    one, other = read(frame, "label"), read(scaled, "label")
    assert one.encoding.inputs == other.encoding.inputs
    want = one.x.copy()
    if factor < 0:  # the larger is now the smaller
        place = {name: j for j, name in enumerate(one.encoding.inputs)}
        for name in ("age", "gaps"):
            want[:, place[name]] *= -1
        want[:, place["flag"]] = 1 - want[:, place["flag"]]
    assert distance(other.x, want) < np.finfo("float32").eps


def test_so_it_changes_what_is_learned_by_rounding_only():
    frame, answers = people(), []
    for factor in (1.0, 1e6):
        data = read(frame.assign(age=frame["age"] * factor), "label")
        network = Network([data.inputs, 16, 2], seed=1)
        list(train(network, data, epochs=20))
        answers.append(network(data.x))
    assert distance(*answers) < PAGE["float32"]


def test_raw_rows_are_encoded_as_those_in_training(data):
    frame = people()
    order = training_rows()
    assert np.array_equal(data.encoding.transform(frame.iloc[order]), data.train.x)


def test_columns_may_come_in_any_order_with_others_beside_them(data):
    frame = people()
    moved = frame[frame.columns[::-1]].drop(columns=["label", "note"])
    moved["more"] = "anything"
    assert np.array_equal(
        data.encoding.transform(moved), data.encoding.transform(frame)
    )


def test_an_absent_column_is_refused_in_words(data):
    with pytest.raises(InputError, match="must have the column 'age', which the netwo"):
        data.encoding.transform(people().drop(columns=["age", "town"]))


def test_a_level_that_was_not_there_is_none_of_the_known_and_told(data):
    frame = people().head(3)
    frame.loc[[0, 2], "town"] = "Mauve"
    with pytest.warns(UserWarning, match=r"'town': 2 not met in training \('Mauve'\)"):
        x = data.encoding.transform(frame)
    towns = [j for j, n in enumerate(data.encoding.inputs) if n.startswith("town")]
    assert (x[[0, 2]][:, towns] == 0).all() and x[1, towns].sum() == 1


def test_a_gap_where_there_was_none_is_filled_and_told(data):
    frame = people().head(2)
    frame.loc[0, "age"] = np.nan
    with pytest.warns(UserWarning, match="'age': 1 missing where none was in training"):
        x = data.encoding.transform(frame)
    kind = column(data.encoding, "age")
    want = np.float32((kind.fill - kind.centre) / kind.scale)
    assert x[0, data.encoding.inputs.index("age")] == want


def test_a_text_where_a_number_should_be_is_refused_with_its_row(data):
    frame = people().head(3).astype({"age": object})
    frame["age"] = ["31", "x1", "40"]
    with pytest.raises(InputError, match=r"'age' must hold numbers.* row 2 has 'x1'"):
        data.encoding.transform(frame)


def test_dates_become_their_parts():
    days = pd.date_range("2019-12-30", periods=60, freq="31h")
    frame = pd.DataFrame({"when": days, "y": np.arange(60) % 2})
    data = read(frame, "y", validation=0, test=0)
    kind = column(data.encoding, "when")
    names = [part for part, *_ in kind.parts]
    assert names == ["year", "month", "day", "weekday", "hour"]  # the minute is 0
    x = data.encoding.transform(frame, "float64")
    for j, (name, centre, scale, _) in enumerate(kind.parts):
        assert distance(x[:, j] * scale + centre, want(days, name)) < CLOSED


def want(days, part):
    """A part of each day, by pandas."""
    return getattr(days, {"weekday": "day_of_week"}.get(part, part))


def test_kinds_can_be_said():
    frame = people()
    kinds = {"age": "ignored", "id": "numeric", "note": "category", "town": "ignored"}
    encoding = read(frame, "label", kinds=kinds).encoding
    assert {name: column(encoding, name).kind for name in kinds} == kinds
    with pytest.raises(InputError, match=r"kind must be one of.*got 'number'"):
        read(frame, "label", kinds={"age": "number"})
    with pytest.raises(InputError, match="'town' must hold numbers"):
        read(frame, "label", kinds={"town": "numeric"})


def test_numbers_to_be_predicted_come_back_in_their_own_unit():
    frame = people()
    frame["pay"] = 1000 + 250 * frame["age"]
    data = read(frame, "pay", ignore=["label"])
    assert data.classes is None
    assert abs(float(data.train.y.mean())) < 1e-6
    assert abs(float(data.train.y.std()) - 1) < 1e-6
    whole = read_with(frame, data.encoding)
    back = data.encoding.decode(whole.y)
    eps = np.finfo("float32").eps
    assert distance(back[:, 0], frame["pay"]) < eps


def test_several_targets_are_labels_or_numbers():
    frame = people()
    frame["tall"], frame["old"] = frame["age"] > 35, (frame["age"] > 50).astype(int)
    data = read(frame, ["tall", "old", "smokes"])
    assert (data.outputs, data.classes) == (3, None)
    want = np.stack([frame["tall"], frame["old"], frame["smokes"] == "yes"], axis=1)
    assert np.array_equal(read_with(frame, data.encoding).y, want)
    decoded = data.encoding.decode(np.array([[0.9, 0.1, 0.5]]))
    assert decoded.tolist() == [[1, 0, 1]]
    two = read(frame.assign(more=frame["age"] * 2), ["age", "more"])
    assert two.encoding.target.task == "numbers" and two.outputs == 2
    with pytest.raises(InputError, match="several targets must all be numbers"):
        read(frame, ["town", "age"])


def test_whole_numbers_are_classes_unless_said_otherwise():
    frame = people().assign(stars=np.arange(ROWS) % 5 + 1)
    assert read(frame, "stars").classes == ("1", "2", "3", "4", "5")
    assert read(frame, "stars", kinds={"stars": "numeric"}).classes is None


def test_rows_without_a_target_are_left_out_and_told():
    frame = people()
    frame.loc[[3, 5], "label"] = None
    data = read(frame, "label")
    assert len(data) == ROWS - 2
    assert "2 of 200 rows have no target and are left out." in data.encoding.notes


def test_a_test_file_becomes_the_test_part(tmp_path):
    lines = [f"{n},{n % 7},{'ab'[n % 2]}" for n in range(60)]
    train = put(tmp_path / "train.csv", "\n".join(lines) + "\n")
    test = put(tmp_path / "test.csv", "5,1,a.\n6,2,b.\n")  # as Adult's: a full stop
    data = read(train, "3", test_file=test)
    assert data.counts == {"train": 54, "validation": 6, "test": 2}
    assert data.test.labels.tolist() == [0, 1]
    assert list(data.files) == ["train.csv", "test.csv"]


def test_rows_without_a_header_may_come_without_the_target(tmp_path):
    lines = [f"{'ab'[n % 2]},{n * 0.5},{n % 7}" for n in range(60)]
    data = read(put(tmp_path / "a.csv", "\n".join(lines) + "\n"), "1")
    rows = put(tmp_path / "rows.csv", "0.5,1\n3.5,6\n")
    x, told = inputs_with(rows, data.encoding)
    with_target = put(tmp_path / "more.csv", "a,0.5,1\nb,3.5,6\n")
    assert np.array_equal(x, inputs_with(with_target, data.encoding)[0]) and not told
    one = put(tmp_path / "one.csv", "0.5\n")
    with pytest.raises(InputError, match="each row must have 3 or 2 cells"):
        inputs_with(one, data.encoding)


def test_levels_are_known_again_however_they_were_stored(tmp_path):
    frame = pd.DataFrame({"code": [1.0, 2.0, 3.0] * 20, "y": [0, 1] * 30})
    encoding = read(frame, "y", kinds={"code": "category"}).encoding
    text = put(tmp_path / "a.csv", "code\n2.0\n3\n")
    x, told = inputs_with(text, encoding)
    assert x.tolist() == [[0, 1, 0], [0, 0, 1]] and not told


def test_an_encoding_survives_being_written(data):
    text = json.dumps(data.encoding.to_json())
    assert Encoding.from_json(json.loads(text)) == data.encoding


SPOILERS = [None, True, 0, -1.0, 1e400, "", "x", [], ["a", "a"], {}, {"kind": "x"}]


def places(value, path=()):
    """Every place in nested plain values."""
    yield path
    if isinstance(value, dict | list):
        keys = value if isinstance(value, dict) else range(len(value))
        for key in keys:
            yield from places(value[key], (*path, key))


@pytest.fixture(scope="module")
def words():
    """An encoding as plain values."""
    return read(people(), "label").encoding.to_json()


@settings(max_examples=300, deadline=None)
@given(draw=st.data())
def test_a_spoiled_encoding_is_refused_or_still_one(words, draw):
    path = draw.draw(st.sampled_from(list(places(words))))
    whole = {"it": json.loads(json.dumps(words))}
    inside, key = whole, "it"
    for step in path:
        inside, key = inside[key], step
    spoiler = draw.draw(st.sampled_from([*SPOILERS, "remove"]))
    if spoiler == "remove":
        del inside[key]
    else:
        inside[key] = spoiler
    try:
        found = Encoding.from_json(whole.get("it"), "a file")
    except InputError as error:
        assert str(error).startswith("a file")
    else:
        assert json.loads(json.dumps(found.to_json())) == whole["it"]
