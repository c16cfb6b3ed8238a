"""A CSV file as typed columns, block by block; what can't be read is said with file and row.

pyarrow reads and converts. It doesn't say where it stumbled, so after an error the file is read once more, slowly, to
find the row.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InputError, TradeallocError, WorkbookError

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK_BYTES = 2 << 20
"""Bytes of text read at a time. pyarrow reads about 32 blocks ahead, so this is what bounds the memory."""

_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column and what it holds: ``int``, ``float``, ``text``, ``utc`` (ISO time with zone), ``local`` (without) or
    ``clock`` (HH:MM:SS).

    Blank cells are read as missing where `blank` allows them: NaN for float, "" for text.
    """

    name: str
    holds: str
    blank: bool = False


def file_reason(error: BaseException) -> str:
    """What the system says, without its numbers."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of the file, decompressed by its suffix (.gz, .zst)."""
    import pyarrow as pa

    if path.is_dir():
        raise WorkbookError(f"{path} is a folder: give the path of a file of market data")
    try:
        if path.suffix == ".gz":
            with gzip.open(path) as stream:
                yield stream  # type: ignore[misc]
            return
        with pa.input_stream(str(path), compression=_COMPRESSIONS.get(path.suffix)) as stream:
            yield stream
    except FileNotFoundError as error:
        raise WorkbookError(f"{path} doesn't exist: check the path") from error
    except (EOFError, zlib.error, OSError) as error:
        raise _unreadable(path, error) from error


def first_rows(path: Path, count: int = 2) -> list[list[str]]:
    """The first rows that aren't blank, as text."""
    with opened(path) as stream:
        text = io.TextIOWrapper(stream, "utf-8-sig", newline="")
        try:
            rows = []
            for row in csv.reader(text):
                if any(cell.strip() for cell in row):
                    rows.append([cell.strip() for cell in row])
                if len(rows) == count:
                    break
            return rows
        except (UnicodeDecodeError, csv.Error) as error:
            raise InputError(f"isn't a CSV file in UTF-8 ({error}): export it as CSV", where=path.name) from error


def blocks(path: Path, columns: Sequence[Column], *, header: bool, width: int) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Typed blocks of a file, in its order.

    Parameters
    ----------
    path
        The file, plain, .gz or .zst.
    columns
        The columns to read; without a header their names are ``f0``, ``f1``, ...
    header
        Whether the first row names the columns.
    width
        Number of columns in the file.

    Yields
    ------
    row, batch
        Row of the file (from 1) in which the block begins, and its columns.

    Raises
    ------
    WorkbookError
        The file is missing, truncated or its compression is corrupt.
    InputError
        A cell isn't what its column holds, or a row has too few or too many cells: with file, row and column.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    row = 2 if header else 1
    try:
        with pa.input_stream(str(path), compression=_COMPRESSIONS.get(path.suffix)) as stream:
            reader = arrow_csv.open_csv(
                stream,
                read_options=arrow_csv.ReadOptions(
                    block_size=BLOCK_BYTES, autogenerate_column_names=not header, use_threads=True
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types={column.name: _arrow_type(pa, column.holds) for column in columns},
                    include_columns=[column.name for column in columns],
                    null_values=["", "NaN", "nan"] if any(column.blank for column in columns) else [],
                    strings_can_be_null=False,
                ),
            )
            for batch in reader:
                if batch.num_rows:
                    _refuse_blanks(path, row, batch, columns)
                    yield row, batch
                row += batch.num_rows
    except FileNotFoundError as error:
        raise WorkbookError(f"{path} doesn't exist: check the path") from error
    except TradeallocError:
        raise
    except (OSError, ValueError) as error:  # ArrowInvalid is a ValueError
        _verify(path)
        _find_bad_cell(path, columns, header=header, width=width)
        raise InputError(f"can't be read as CSV ({_one_line(error)}): export it again", where=path.name) from error


def floats(batch: pa.RecordBatch, name: str) -> NDArray[np.float64]:
    """A numeric column; NaN where blank."""
    return np.asarray(batch.column(name).to_numpy(zero_copy_only=False), dtype=np.float64)


def texts(batch: pa.RecordBatch, name: str) -> tuple[NDArray[np.int64], list[str]]:
    """A text column as codes and the texts they stand for."""
    column = batch.column(name)
    return column.indices.to_numpy(zero_copy_only=False).astype(np.int64), [
        str(text) for text in column.dictionary.to_pylist()
    ]


def times(batch: pa.RecordBatch, name: str) -> NDArray[np.int64]:
    """A column of times as int64 nanoseconds: after 1970 where it holds dates, after midnight where it doesn't."""
    import pyarrow as pa

    return np.asarray(batch.column(name).cast(pa.int64()).to_numpy(zero_copy_only=False), dtype=np.int64)


def refuse_rows(path: Path, row: int, bad: NDArray[np.bool_], problem: Callable[[int], str]) -> None:
    """InputError at the first row that is bad; `problem` says what is wrong with element i."""
    if bad.any():
        index = int(np.argmax(bad))
        raise InputError(problem(index), where=f"{path.name} row {row + index:,}")


def refuse_below(path: Path, row: int, values: NDArray[np.float64], name: str, *, zero_too: bool) -> None:
    """InputError at the first value that is negative (or 0); NaN passes."""
    bad = values <= 0 if zero_too else values < 0
    wanted = "above 0" if zero_too else "of at least 0"
    refuse_rows(path, row, bad, lambda i: f"has {values[i]:g} in column {name}: give a number {wanted}")


def _arrow_type(pa: Any, holds: str) -> Any:
    return {
        "int": pa.int64(),
        "float": pa.float64(),
        "text": pa.dictionary(pa.int32(), pa.string()),
        "utc": pa.timestamp("ns", tz="UTC"),
        "local": pa.timestamp("ns"),
        "clock": pa.time64("ns"),
    }[holds]


def _refuse_blanks(path: Path, row: int, batch: pa.RecordBatch, columns: Sequence[Column]) -> None:
    for column in columns:
        values = batch.column(column.name)
        if not column.blank and values.null_count:
            missing = values.is_null().to_numpy(zero_copy_only=False)
            problem = f"has nothing in column {column.name}: fill it in"
            refuse_rows(path, row, missing, partial(_same, problem))


def _same(problem: str, _: int) -> str:
    return problem


def _unreadable(path: Path, error: BaseException) -> WorkbookError:
    if isinstance(error, EOFError):
        return WorkbookError(f"{path.name} is truncated: its compressed data end too early; copy or download it again")
    if path.suffix in _COMPRESSIONS and not getattr(error, "errno", None):
        return WorkbookError(
            f"{path.name} is damaged: its compressed data can't be unpacked ({_one_line(error)}); "
            "copy or download it again"
        )
    return WorkbookError(f"{path.name} can't be read ({file_reason(error)}): check the file")


def _verify(path: Path) -> None:
    """Read the file to its end: damaged compression is the cause, whatever the parser made of the garbage."""
    with opened(path) as stream:
        while stream.read(1 << 20):
            pass


def _find_bad_cell(path: Path, columns: Sequence[Column], *, header: bool, width: int) -> None:
    """InputError at the first row that isn't what it should be."""
    by_position: Mapping[int, Column] = {}
    with opened(path) as stream:
        text = io.TextIOWrapper(stream, "utf-8-sig", newline="")
        reader = csv.reader(text)
        try:
            for cells in reader:
                where = f"{path.name} row {reader.line_num:,}"
                if not cells:
                    continue
                if not by_position:
                    names = cells if header else [f"f{index}" for index in range(len(cells))]
                    by_position = {names.index(column.name): column for column in columns if column.name in names}
                    if header:
                        continue
                if len(cells) != width:
                    raise InputError(f"has {len(cells)} cells where {width} are expected: repair the row", where=where)
                for position, column in by_position.items():
                    if problem := _cell_problem(cells[position], column):
                        label = column.name if header else str(position + 1)
                        raise InputError(problem, where=f"{where}, column {label}")
        except (UnicodeDecodeError, csv.Error) as error:
            raise InputError(
                f"isn't CSV in UTF-8 ({_one_line(error)}): export it again",
                where=f"{path.name} row {reader.line_num:,}",
            ) from error


def _cell_problem(text: str, column: Column) -> str:
    cell = text.strip()
    if not cell:
        return "" if column.blank else "is blank: fill it in"
    if column.holds == "text":
        return ""
    try:
        if column.holds == "int":
            int(cell)
        elif column.holds == "float":
            float(cell)
        elif column.holds == "clock":
            dt.time.fromisoformat(cell)
        else:
            moment = dt.datetime.fromisoformat(cell)
            has_zone = moment.tzinfo is not None
            if has_zone != (column.holds == "utc"):
                return f"is {cell!r}, {'with' if has_zone else 'without'} a time zone where the others aren't: mend it"
    except ValueError:
        wanted = {"int": "a whole number", "float": "a number", "clock": "a time such as 09:30:00"}
        return f"is {cell[:40]!r}: give {wanted.get(column.holds, 'an ISO time such as 2025-06-02T13:30:00Z')}"
    return ""


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
