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
from typing import IO, TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InputError, TradeallocError, WorkbookError

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK_BYTES = 2 << 20
"""Bytes of text read at a time. pyarrow reads about 32 blocks ahead, so this is what bounds the memory."""

_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}

OTHER_FORMATS = {
    b"PK\x03\x04": "is a workbook or zip archive: unpack it, or save it as CSV UTF-8",
    b"\xd0\xcf\x11\xe0": "is an old Excel workbook (.xls): save it as CSV UTF-8",
    b"PAR1": "is a Parquet file: export it as CSV",
    b"\x1f\x8b": "is compressed: give its name the ending .gz, or unpack it",
    b"\x28\xb5\x2f\xfd": "is compressed: give its name the ending .zst, or unpack it",
    b"\xff\xfe": "is in UTF-16: save it as CSV UTF-8",
    b"\xfe\xff": "is in UTF-16: save it as CSV UTF-8",
}
"""First bytes of files that are taken for CSV, and what to say of them."""


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
    """The first rows that aren't blank, as text.

    Raises
    ------
    InputError
        The file isn't CSV in UTF-8: what it is instead, where that can be seen.
    """
    return [[cell.strip() for cell in row] for row in _first_rows(path, count)]


def _first_rows(path: Path, count: int) -> list[list[str]]:
    with opened(path) as stream:
        first = stream.read(4)
    for magic, problem in OTHER_FORMATS.items():
        if first.startswith(magic):
            raise InputError(problem, where=path.name)
    with opened(path) as stream:
        rows: list[list[str]] = []
        for _, row in _rows(path, stream):
            if any(cell.strip() for cell in row):
                rows.append(row)
            if len(rows) == count:
                break
        return rows


def _rows(path: Path, stream: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line of the file in which it begins; InputError with that line where it isn't CSV in UTF-8."""
    line, begin = 0, 1

    def decoded() -> Iterator[str]:
        nonlocal line
        # Line by line: a decoder that reads ahead couldn't say in which line it stumbled.
        for raw in io.BufferedReader(cast(io.RawIOBase, stream)):
            line += 1
            yield raw.decode("utf-8-sig" if line == 1 else "utf-8")

    try:
        for row in csv.reader(decoded()):
            yield begin, row
            begin = line + 1
    except UnicodeDecodeError as error:
        where = f"{path.name} row {line:,}"
        raise InputError(f"isn't text in UTF-8 ({error.reason}): export it as CSV UTF-8", where=where) from error
    except csv.Error as error:
        problem = f"begins what isn't CSV ({_one_line(error)}): mend its quotes or export it again"
        raise InputError(problem, where=f"{path.name} row {begin:,}") from error


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
    in_file = _names_in_file(path, columns) if header else {column.name: column.name for column in columns}
    try:
        with pa.input_stream(str(path), compression=_COMPRESSIONS.get(path.suffix)) as stream:
            reader = arrow_csv.open_csv(
                stream,
                read_options=arrow_csv.ReadOptions(
                    block_size=BLOCK_BYTES, autogenerate_column_names=not header, use_threads=True
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types={in_file[column.name]: _arrow_type(pa, column.holds) for column in columns},
                    include_columns=[in_file[column.name] for column in columns],
                    null_values=["", "NaN", "nan"] if any(column.blank for column in columns) else [],
                    strings_can_be_null=False,
                ),
            )
            for batch in reader:
                if batch.num_rows:
                    named = batch.rename_columns([column.name for column in columns])
                    _refuse_blanks(path, row, named, columns)
                    yield row, named
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
    """InputError at the first value that is negative (or 0) or infinite; NaN passes."""
    bad = (values <= 0 if zero_too else values < 0) | np.isinf(values)
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


def _names_in_file(path: Path, columns: Sequence[Column]) -> dict[str, str]:
    """How the header writes the names, spaces around them included; InputError where one stands there twice."""
    header = _first_rows(path, 1)[0]
    names: dict[str, str] = {}
    for written in header:
        name = written.strip()
        if name in names and any(column.name == name for column in columns):
            raise InputError(f"has two columns {name}: keep one", where=path.name)
        names[name] = written
    return names


def _find_bad_cell(path: Path, columns: Sequence[Column], *, header: bool, width: int) -> None:
    """InputError at the first row that isn't what it should be."""
    by_position: Mapping[int, Column] = {}
    with opened(path) as stream:
        for row, cells in _rows(path, stream):
            where = f"{path.name} row {row:,}"
            if not any(cell.strip() for cell in cells):
                continue
            if not by_position:
                names = [cell.strip() for cell in cells] if header else [f"f{index}" for index in range(len(cells))]
                by_position = {names.index(column.name): column for column in columns if column.name in names}
                if header:
                    continue
            if len(cells) != width:
                raise InputError(f"has {len(cells)} cells where {width} are expected: repair the row", where=where)
            for position, column in by_position.items():
                if problem := _cell_problem(cells[position], column):
                    label = column.name if header else str(position + 1)
                    raise InputError(problem, where=f"{where}, column {label}")


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
