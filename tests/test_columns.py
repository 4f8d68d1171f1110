"""Kinds of columns: gaps, strangers, and columns that can't be what is asked for."""

import numpy as np
import pandas as pd
import pytest

from pellucid import InputError
from pellucid.data.sources import read
from pellucid.data.tables import read_table
from reading import ROWS, column, people, training_rows

pytestmark = pytest.mark.usefixtures("here")


@pytest.fixture
def data():
    return read(people(), "label")


def test_gaps_of_every_kind_are_marked_where_there_were_any_in_training():
    frame = people()
    names = ["age", "town", "smokes", "since"]
    rows = training_rows()[:9]
    frame = frame.astype({"town": object, "smokes": object})
    for name in names:
        frame.loc[rows, name] = None
    data = read(frame, "label", ignore=["gaps"])
    marks = [n for n in data.encoding.inputs if n.endswith(" missing")]
    assert marks == [f"{name} missing" for name in names]
    x = data.encoding.transform(frame.loc[rows])
    places = [data.encoding.inputs.index(mark) for mark in marks]
    assert (x[:, places] == 1).all()
    towns = [j for j, n in enumerate(data.encoding.inputs) if n.startswith("town =")]
    assert (x[:, towns] == 0).all()


def test_gaps_that_come_later_are_told_for_every_kind(data):
    frame = people().head(4).astype({"town": object, "smokes": object})
    frame[["town", "smokes", "since"]] = None
    frame["since"] = pd.to_datetime(frame["since"])
    with pytest.warns(UserWarning) as caught:
        x = data.encoding.transform(frame)
    told = " ".join(str(each.message) for each in caught)
    for name in ("town", "smokes", "since"):
        assert f"column {name!r}: 4 missing where none was in training" in told
    assert np.isfinite(x).all()


def test_a_third_value_of_a_pair_counts_as_missing_and_is_told(data):
    frame = people().assign(flag=np.arange(ROWS) % 2).astype({"smokes": object})
    with_flag = read(frame, "label")
    frame = frame.head(4)
    frame.loc[:1, "smokes"], frame.loc[:1, "flag"] = "maybe", 7
    with pytest.warns(UserWarning) as caught:
        with_flag.encoding.transform(frame)
    told = " ".join(str(each.message) for each in caught)
    assert "'smokes': 2 not met in training ('maybe')" in told
    assert "'flag': 2 not met in training ('7')" in told


def test_a_table_that_was_read_elsewhere_is_parsed_where_it_must_be():
    frame = people()
    encoding = read(frame, "label", ignore=["since"]).encoding
    texts = {name: frame[name].astype(str) for name in ("id", "age", "town", "smokes")}
    texts["gaps"] = frame["gaps"].map(lambda v: "NA" if np.isnan(v) else repr(v))
    kinds = dict.fromkeys(texts, "category")
    raw = read_table(pd.DataFrame(texts), kinds=kinds)
    assert raw["age"].texts is not None
    assert np.array_equal(encoding.transform(raw), encoding.transform(frame))
    texts["age"] = texts["age"].where(frame.index != 4, "old")
    raw = read_table(pd.DataFrame(texts), kinds=kinds)
    with pytest.raises(InputError, match=r"'age' must hold numbers; row 5 has 'old'"):
        encoding.transform(raw)


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("age", "boolean", "must hold two values to be boolean"),
        ("town", "boolean", "must hold two values to be boolean"),
        ("town", "date", "must hold dates in one form|must hold dates written in one"),
        ("since", "numeric", "must hold numbers; it holds dates"),
        ("empty", "numeric", "must hold a number; it holds none"),
        ("empty", "date", "must hold a date; it holds none"),
        ("none", "category", "must hold a text; it holds none"),
    ],
)
def test_a_column_that_can_not_be_what_is_asked_for(name, kind, words):
    frame = people().assign(empty=np.nan, none=[None] * ROWS)
    with pytest.raises(InputError, match=words):
        read(frame, "label", kinds={name: kind})


def test_a_number_that_does_not_fit_is_named(data):
    frame = people().head(3)
    frame.loc[1, "age"] = 1e300
    with pytest.raises(
        InputError, match=r"size like those in training; row 2 has 1e\+"
    ):
        data.encoding.transform(frame)


def test_a_column_with_too_many_levels_is_left_out_unless_it_is_asked_for():
    frame = people().assign(many=[f"level {n % 90}" for n in range(ROWS)])
    kind = column(read(frame, "label").encoding, "many")
    assert kind.kind == "ignored" and "(many=category takes it" in kind.why
    asked = read(frame, "label", kinds={"many": "category"}).encoding
    assert column(asked, "many").kind == "category"


@pytest.mark.parametrize(
    ("name", "counts"),
    [("PID", True), ("customerID", True), ("row_id", True), ("Order", True),
     ("avoid", False), ("paid", False), ("gold", False), ("age", False)],
)  # fmt: skip
def test_names_of_columns_that_name_rows(name, counts):
    from pellucid.data.tables.infer import names_rows

    assert names_rows(name) is counts
