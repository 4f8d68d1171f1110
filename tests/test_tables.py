"""Tables: what stands in files and frames, as it stands there."""

import csv
import io

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pellucid import InputError
from pellucid.data.tables import find_column, read_table
from reading import put

pytestmark = pytest.mark.usefixtures("here")

TEXT = "age,town,born,weight\n31,Bonn,1990-05-17,70.5\n?,Köln,,\n29,NA,1992-02-29,81\n"


def cells(column):
    """A column's values as Python's; None where missing."""
    if column.texts is not None:
        return [None if code < 0 else column.texts[code] for code in column.values]
    if column.is_date:
        return [None if np.isnat(v) else str(v) for v in column.values]
    return [None if np.isnan(v) else float(v) for v in column.values.astype(float)]


@pytest.fixture
def table(tmp_path):
    return read_table(put(tmp_path / "people.csv", TEXT))


def test_numbers_texts_and_dates_are_told_apart_and_gaps_are_kept(table):
    assert cells(table["age"]) == [31, None, 29]
    assert cells(table["town"]) == ["Bonn", "Köln", "NA"]
    born = ["1990-05-17T00:00:00", None, "1992-02-29T00:00:00"]
    assert cells(table["born"]) == born and table["born"].form == "%Y-%m-%d"
    assert cells(table["weight"]) == [70.5, None, 81]
    assert (table.rows, table.name) == (3, "people")


def test_the_file_is_known_by_its_hash(tmp_path, table):
    import hashlib

    known = hashlib.sha256((tmp_path / "people.csv").read_bytes()).hexdigest()
    assert table.files == {"people.csv": known}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_the_delimiter_is_found_out(tmp_path, table, delimiter, packed):
    text = TEXT.replace(",", delimiter)
    path = put(tmp_path / f"people.{'csv.gz' if packed else 'csv'}", text, packed)
    found = read_table(path)
    assert list(found.columns) == list(table.columns)
    for name in table.columns:
        assert cells(found[name]) == cells(table[name])


def test_blanks_around_cells_a_mark_at_the_start_and_windows_ends_do_not_matter(
    tmp_path, table
):
    text = "\ufeff" + TEXT.replace(",", " , ").replace("\n", "\r\n")
    found = read_table(put(tmp_path / "a.csv", text))
    for name in table.columns:
        assert cells(found[name]) == cells(table[name])


def test_a_cell_in_quotes_may_hold_delimiters_quotes_and_ends_of_lines(tmp_path):
    path = put(tmp_path / "a.csv", 'n,word\n1,"a, ""b""\nc"\n2,d\n3,e\n')
    assert cells(read_table(path)["word"]) == ['a, "b"\nc', "d", "e"]


def test_a_decimal_comma_is_read_where_commas_do_not_delimit(tmp_path):
    path = put(tmp_path / "a.csv", "a;b\n1,5;x\n-2,25;y\n3;z\n")
    assert cells(read_table(path)["a"]) == [1.5, -2.25, 3]


def test_numbers_with_leading_zeros_are_codes(tmp_path):
    path = put(tmp_path / "a.csv", "zip,n\n01067,1\n53113,2\n")
    assert cells(read_table(path)["zip"]) == ["01067", "53113"]
    numeric = read_table(path, kinds={"zip": "numeric"})
    assert cells(numeric["zip"]) == [1067, 53113]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a,b\n1,2\n3,4\n", ["a", "b"]),
        ("1,2\n3,4\n", ["1", "2"]),
        ("M,0.5,0.4\nF,0.3,0.2\n", ["1", "2", "3"]),
        ("Letter,1,2,3\nT,2,8,3\nI,5,12,3\n", ["Letter", "1", "2", "3"]),
        ("x,y,z\nred,big,old\nblue,big,new\n", ["x", "y", "z"]),
        ("red,big\nblue,big\nred,small\n", ["1", "2"]),
        (",b\n1,2\n3,4\n", ["column 1", "b"]),
        ("5.1,3.5,setosa\n4.9,3.0,setosa\n", ["1", "2", "3"]),
        ("0,1,2\n5,6,7\n8,9,1\n", ["0", "1", "2"]),
    ],
)
def test_a_header_is_told_from_data(tmp_path, text, names):
    assert list(read_table(put(tmp_path / "a.csv", text)).columns) == names


def test_header_can_be_said(tmp_path):
    path = put(tmp_path / "a.csv", "x,y\nred,1\nx,2\n")
    assert list(read_table(path, header="yes").columns) == ["x", "y"]
    path = put(tmp_path / "b.csv", "x,y\nred,blue\n")
    assert list(read_table(path, header="no").columns) == ["1", "2"]


@pytest.mark.parametrize(
    "form",
    ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S.123Z"],
)
def test_dates_are_read_in_the_usual_forms(tmp_path, form):
    days = pd.date_range("2019-12-30", periods=40, freq="D") + pd.Timedelta("5h30min")
    lines = "\n".join(f"{day.strftime(form)},{n}" for n, day in enumerate(days))
    column = read_table(put(tmp_path / "a.csv", f"day,n\n{lines}\n"))["day"]
    unit = "m" if "%H" in form else "D"
    want = days.to_numpy().astype(f"M8[{unit}]")
    assert np.array_equal(column.values, want.astype("M8[s]"))


FRAME = {"n": [1.5, None, 3.0], "s": ["x", None, "y"], "b": [True, False, None]}


@pytest.mark.parametrize(
    "make",
    [
        lambda: pd.DataFrame({**FRAME, "b": pd.array(FRAME["b"], dtype="boolean")}),
        lambda: pl.DataFrame(FRAME),
        lambda: pa.table(FRAME),
    ],
    ids=["pandas", "polars", "pyarrow"],
)
def test_any_data_frame_is_the_same_table(make):
    table = read_table(make())
    assert cells(table["n"]) == FRAME["n"]
    assert cells(table["s"]) == FRAME["s"]
    assert cells(table["b"]) == ["True", "False", None]


def test_parquet_is_the_same_table_whatever_its_types(tmp_path):
    when = pd.to_datetime(["2020-01-01 10:00", None, "2021-06-05 00:00"])
    whole = pa.table(
        {
            **FRAME,
            "i": pa.array([1, None, 300], pa.int64()),
            "small": pa.array([1, 2, 3], pa.uint8()),
            "d": pa.array(when),
            "c": pa.array(["u", "v", "u"]).dictionary_encode(),
            "money": pa.array([1, None, 2], pa.decimal128(9, 2)),
            "list": pa.array([[1], [2], []]),
            "none": pa.nulls(3),
        }
    )
    pq.write_table(whole, tmp_path / "a.parquet")
    table = read_table(tmp_path / "a.parquet")
    assert cells(table["i"]) == [1, None, 300] and cells(table["small"]) == [1, 2, 3]
    times = ["2020-01-01T10:00:00", None, "2021-06-05T00:00:00"]
    assert cells(table["d"]) == times
    assert cells(table["c"]) == ["u", "v", "u"] and cells(table["s"]) == FRAME["s"]
    assert cells(table["money"]) == [1, None, 2]
    assert cells(table["none"]) == [None] * 3
    assert "type list" in table["list"].why


def test_whole_numbers_are_kept_as_small_as_they_are(tmp_path):
    lines = "\n".join(f"{n},{300 * n},{n + 0.5},{n * 70000}" for n in range(100))
    table = read_table(put(tmp_path / "a.csv", f"a,b,c,d\n{lines}\n"))
    sizes = [table[name].values.dtype.itemsize for name in "abcd"]
    assert sizes == [1, 2, 8, 4]


def test_a_column_of_too_many_texts_is_left_behind(tmp_path, monkeypatch):
    from pellucid import _limits

    monkeypatch.setattr(_limits, "LEVELS", 50)
    lines = "\n".join(f"{n},text {n}" for n in range(60))
    table = read_table(put(tmp_path / "a.csv", f"n,t\n{lines}\n"))
    assert table["t"].why == "holds more than 50 different texts (limit LEVELS)"


cell = st.one_of(
    st.integers(-(10**6), 10**6).map(str),
    st.text(
        st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories="C"),
        min_size=1,
        max_size=8,
    ).map(str.strip),
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.tuples(cell, cell), min_size=1, max_size=20), st.data())
def test_what_is_written_is_read(tmp_path, rows, data):
    delimiter = data.draw(st.sampled_from([",", ";", "\t", "|"]))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("first", "second"), *rows])
    path = put(tmp_path / "a.csv", text.getvalue())
    both = {"first": "category", "second": "category"}
    table = read_table(path, kinds=both, delimiter=delimiter, header="yes")
    for place, name in enumerate(both):
        assert cells(table[name]) == [row[place] or None for row in rows]


@pytest.mark.parametrize(
    ("asked", "found"), [("b", "b"), ("1", "a"), ("-1", "c"), ("3", "c")]
)
def test_a_column_is_found_by_name_or_number(asked, found):
    assert find_column(asked, ["a", "b", "c"]) == found


def test_a_name_goes_before_a_number():
    assert find_column("1", ["Letter", "1", "2"]) == "1"


def test_a_column_that_is_not_there_is_told_with_the_nearest():
    with pytest.raises(InputError, match=r"got 'incom'\. Did you mean 'income'\?"):
        find_column("incom", ["age", "income"])
    with pytest.raises(InputError, match=r"got '4'\. There are: age, income"):
        find_column("4", ["age", "income"])
