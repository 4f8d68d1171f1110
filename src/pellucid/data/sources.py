"""read(): one door for files, folders, data frames and arrays of any kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .._errors import InputError
from .assemble import Split, assemble, from_images, from_table, labelled, room
from .dataset import Dataset
from .images.folder import SUFFIXES, decode_images, read_images
from .inputs import float_type
from .numpy_files import MAGIC, read_arrays, read_numpy
from .published.idx_folder import idx_files, read_idx_folder
from .reader import Progress
from .tables import Table, check_file, find_column, head_of, is_path, read_table
from .tables.encoding import Encoding

IMAGE = (b"\x89PNG", b"\xff\xd8\xff", b"BM", b"GIF8")
OFFICE = (".xlsx", ".xls", ".ods", ".xlsm")


def read(
    source: Any,
    target: str | Sequence[str] | None = None,
    *,
    test_file: Any = None,
    kinds: Mapping[str, str] | None = None,
    ignore: Sequence[str] = (),
    delimiter: str | None = None,
    header: str = "auto",
    size: tuple[int, int] | None = None,
    colour: bool = False,
    validation: float = 0.1,
    test: float = 0.2,
    seed: int = 0,
    dtype: Any = "float32",
    progress: Progress | None = None,
) -> Dataset:
    """A Dataset from a table, a folder of images, IDX or NumPy files, or a data frame.

    It is split first, by class where there are classes; then the encoding is fitted to
    the training part, and all parts are encoded. What was found out on the way is in
    `encoding.notes`.

    Args:
        source: a CSV, TSV or Parquet file (text may be packed with gzip), a .npy or
            .npz file, a folder of images with one subfolder a class, a folder with the
            four IDX files, a data frame (pandas, polars, pyarrow ...), a dictionary of
            columns or a 2-D array.
        target: the column to be predicted, by name or number (from 1; -1 is the last),
            or several; for a .npy file that of its targets.
        test_file: another source of the same columns that becomes the test part.
        kinds: column to "numeric", "category", "boolean", "date" or "ignored", where
            what it looks like is not what it is. A target: "numeric" or "category".
        ignore: columns to leave out.
        delimiter: between the cells of a text file, where it can't be found out.
        header: "yes" or "no", where that can't be found out.
        size: (height, width) that images are brought to; None: the most common one.
        colour: red, green and blue of each pixel instead of its grey.
        validation: share or number of rows for the validation part.
        test: share or number of rows for the test part.
        seed: of the split.
        dtype: "float32" or "float64".
        progress: is told the share of a file that is read.

    Raises:
        InputError: it can't be read, or is not what it must be.
    """
    split = Split(validation, test, seed)
    kind = float_type(dtype)
    if is_path(source) and Path(source).is_dir():
        if target is not None:
            raise InputError(
                "a folder of images names its classes by its folders; leave target out."
            )
        folder = Path(source)
        if files := idx_files(folder):
            return read_idx_folder(folder, files, split, kind)
        images = read_images(folder, size, colour, progress)
        return from_images(images, split, kind, folder.resolve().name)
    options: dict[str, Any] = {"delimiter": delimiter, "header": header}
    if is_path(source):
        path = check_file(source)
        head = head_of(path)
        _refuse_others(path, head)
        if head.startswith(MAGIC):
            return read_numpy(path, target, kinds or {}, split, kind)
    table, names = _open(source, target, kinds or {}, ignore, progress, options)
    return from_table(table, names, kinds or {}, split, kind, test_file, options)


def _open(
    source: Any,
    target: str | Sequence[str] | None,
    kinds: Mapping[str, str],
    ignore: Sequence[str],
    progress: Progress | None,
    options: Mapping[str, Any],
) -> tuple[Table, list[str]]:
    """The table, and the names of its targets."""
    table = read_table(source, kinds=kinds, ignore=ignore, progress=progress, **options)
    there = table.names or tuple(table.columns)
    if target is None or not len(target):
        raise InputError(
            "target must name the column to be predicted (--target); got none. There "
            f"are: {', '.join(there[:30]):.500}."
        )
    asked = [target] if isinstance(target, str) else [str(each) for each in target]
    names = [find_column(each, there) for each in asked]
    resolved = {find_column(name, there): kind for name, kind in kinds.items()}
    left_out = [find_column(name, there) for name in ignore]
    if len(set(names)) < len(names) or set(names) & set(left_out):
        raise InputError("targets must differ, and none of them may be ignored.")
    if resolved != dict(kinds) or left_out != list(ignore):  # numbers were given
        return _open(source, names, resolved, left_out, progress, options)
    return table, names


def read_with(source: Any, encoding: Encoding, **options: Any) -> Dataset:
    """Labelled rows, encoded as those in training were; without parts.

    Args:
        source: as for `read`.
        encoding: of the network.
        options: delimiter and header, as for `read`.

    Raises:
        InputError: it has no targets, or can't be encoded.
    """
    if encoding.pixels is not None:
        raise InputError("images with labels are read by read(); name their folder.")
    table = encoding.read(source, **options)
    rows = labelled(table, encoding)
    return assemble([(table, rows)], encoding, [], {}, np.dtype("float32"))


def inputs_with(
    source: Any, encoding: Encoding, dtype: Any = "float32", **options: Any
) -> tuple[np.ndarray, list[str]]:
    """Raw rows or images as inputs, and sentences on what was not there in training.

    Args:
        source: rows as for `Encoding.transform`; an image, a folder of images, a .npy
            file or an array where the network was trained on images.
        encoding: of the network.
        dtype: "float32" or "float64".
        options: delimiter and header, as for `read`.

    Raises:
        InputError: it can't be read or encoded.
    """
    kind = float_type(dtype)
    if encoding.pixels is None:
        table = encoding.read(source, **options)
        x = room(table.rows, encoding.width, kind)
        return x, encoding.write(table, np.arange(table.rows), x)
    if not is_path(source):
        return encoding.scale_pixels(source, kind), []
    path = Path(source)
    if path.is_dir():
        paths = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES)
        if not paths:
            raise InputError(f"{source} must hold images; it holds none.")
    elif head_of(check_file(source)).startswith(MAGIC):
        return encoding.scale_pixels(read_arrays(path)[0]["x"], kind), []
    else:
        paths = [path]
    pixels = encoding.pixels
    shape, colour = (pixels.height, pixels.width), pixels.channels == 3
    raw, notes, _ = decode_images(paths, shape, colour, None, str(source))
    scale = raw * (pixels.scale / 255.0)  # a file's pixels go from 0 to 255
    return encoding.scale_pixels(scale.reshape(len(raw), -1), kind), notes


def _refuse_others(path: Path, head: bytes) -> None:
    """Say what to do with files that are often met and not read."""
    if path.suffix.lower() in OFFICE:
        raise InputError(
            f"{path} must be a CSV or Parquet file; spreadsheets are not read. Save it "
            "as CSV (UTF-8)."
        )
    if head.startswith(IMAGE):
        raise InputError(
            f"{path} is one image; give a folder with a subfolder of images for each "
            "class."
        )
    if head[:2] == b"\0\0" and len(head) > 2 and head[2] in range(8, 15):
        raise InputError(
            f"{path} is an IDX file; give the folder that holds the four of them."
        )
