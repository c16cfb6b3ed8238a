"""Book events out to files: LOBSTER pairs and MBP-10, so that every command can be tried without bought data."""

from __future__ import annotations

import contextlib
import datetime as dt
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from tradealloc.errors import InputError, WorkbookError

from .book import BookChunk, BookSource
from .readers.lobster import ABSENT, SCALE
from .readers.mbp10 import LEVELS
from .readers.stream import file_reason
from .session import SECOND, nanoseconds

if TYPE_CHECKING:
    import pyarrow as pa


def write_lobster(source: BookSource, folder: Path, *, compressed: bool = True) -> tuple[Path, Path]:
    """Write a day as a LOBSTER message and order book file, named as LOBSTER names them.

    Trades become executions (type 4; type 5 where the side is unknown), all other events new orders of the best bid.

    Returns
    -------
    message, orderbook
        The paths.

    Raises
    ------
    WorkbookError
        The folder can't be written; nothing is left half-written.
    """
    session = source.session
    milliseconds = [nanoseconds(time) // 1_000_000 for time in (session.open, session.close)]
    suffix = ".csv.gz" if compressed else ".csv"
    message, orderbook = (
        folder / f"{source.symbol}_{session.date}_{milliseconds[0]}_{milliseconds[1]}_{kind}_{source.levels}{suffix}"
        for kind in ("message", "orderbook")
    )
    with _new_file(message) as messages, _new_file(orderbook) as books:
        halted, order = False, 1
        for chunk in source.chunks():
            _write(messages, _lobster_messages(chunk, order, halted), header=False)
            _write(books, _lobster_books(chunk), header=False)
            order += len(chunk)
            halted = bool(chunk.halted[-1]) if len(chunk) else halted
    return message, orderbook


def write_mbp10(source: BookSource, path: Path) -> Path:
    """Write a day as a Databento MBP-10 CSV file; a path that ends in .gz is compressed.

    Raises
    ------
    InputError
        The book has more than ten levels, or halts, which the format can't say.
    WorkbookError
        The file can't be written; nothing is left half-written.
    """
    if source.levels > LEVELS:
        raise InputError(f"has {source.levels} levels: MBP-10 holds {LEVELS}", argument="source")
    with _new_file(path) as stream:
        header, sequence = True, 1
        for chunk in source.chunks():
            if chunk.halted.any():
                raise InputError("has halts, which MBP-10 can't say: write LOBSTER files", argument="source")
            _write(stream, _mbp10_rows(source, chunk, sequence), header=header)
            header, sequence = False, sequence + len(chunk)
    return path


def _lobster_messages(chunk: BookChunk, order: int, halted: bool) -> dict[str, Any]:
    is_trade, turns = chunk.trade_size > 0, np.diff(chunk.halted, prepend=halted)
    kind = np.where(is_trade, np.where(chunk.trade_side != 0, 4, 5), 1)
    price = np.where(is_trade, chunk.trade_price, np.nan_to_num(chunk.bid_price[:, 0]))
    size = np.where(is_trade, chunk.trade_size, np.maximum(chunk.bid_size[:, 0], 1))
    scaled = np.rint(price * SCALE).astype(np.int64)
    return {
        "time": _decimal_seconds(chunk.time),
        "type": np.where(turns, 7, kind),
        "order": np.where(turns, 0, order + np.arange(len(chunk))),
        "size": np.where(turns, 0, np.rint(size).astype(np.int64)),
        "price": np.where(turns, np.where(chunk.halted, -1, 1), scaled),
        "direction": np.where(turns, -1, np.where(chunk.trade_side > 0, -1, 1)),
    }


def _decimal_seconds(times: np.ndarray[Any, np.dtype[np.int64]]) -> list[str]:
    return [f"{time // SECOND}.{time % SECOND:09d}" for time in times.tolist()]


def _lobster_books(chunk: BookChunk) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for level in range(chunk.levels):
        for side, absent in (("ask", ABSENT), ("bid", -ABSENT)):
            price, size = getattr(chunk, f"{side}_price")[:, level], getattr(chunk, f"{side}_size")[:, level]
            scaled = np.where(np.isnan(price), absent, np.rint(np.nan_to_num(price) * SCALE))
            columns[f"{side}_price_{level}"] = scaled.astype(np.int64)
            columns[f"{side}_size_{level}"] = np.rint(size).astype(np.int64)
    return columns


def _mbp10_rows(source: BookSource, chunk: BookChunk, sequence: int) -> dict[str, Any]:
    import pyarrow as pa

    is_trade = chunk.trade_size > 0
    best = np.maximum(chunk.bid_size[:, 0], 1)
    side = np.where(is_trade, np.where(chunk.trade_side > 0, "B", np.where(chunk.trade_side < 0, "A", "N")), "B")
    columns: dict[str, Any] = {
        "ts_event": _iso(source, chunk),
        "action": np.where(is_trade, "T", "A"),
        "side": side,
        "price": _optional(pa, np.where(is_trade, chunk.trade_price, chunk.bid_price[:, 0])),
        "size": np.rint(np.where(is_trade, chunk.trade_size, best)).astype(np.int64),
        "sequence": sequence + np.arange(len(chunk)),
    }
    absent = np.full(len(chunk), np.nan)
    for level in range(LEVELS):
        is_there = level < chunk.levels
        for what in ("bid_px", "ask_px"):
            price = getattr(chunk, f"{what[:3]}_price")[:, level] if is_there else absent
            columns[f"{what}_{level:02d}"] = _optional(pa, price)
        for what in ("bid_sz", "ask_sz"):
            size = getattr(chunk, f"{what[:3]}_size")[:, level] if is_there else np.zeros(len(chunk))
            columns[f"{what}_{level:02d}"] = np.rint(size).astype(np.int64)
            columns[f"{what[:3]}_ct_{level:02d}"] = (size > 0).astype(np.int64)
    columns["symbol"] = [source.symbol] * len(chunk)
    return columns


def _iso(source: BookSource, chunk: BookChunk) -> list[str]:
    epoch = dt.datetime(1970, 1, 1)
    seconds, rest = np.divmod(source.session.to_utc(chunk.time), SECOND)
    return [
        f"{(epoch + dt.timedelta(seconds=second)).isoformat()}.{nanosecond:09d}Z"
        for second, nanosecond in zip(seconds.tolist(), rest.tolist(), strict=True)
    ]


def _optional(pa: Any, prices: np.ndarray[Any, np.dtype[np.float64]]) -> pa.Array:
    return pa.array(np.round(prices, 9), from_pandas=True)


def _write(stream: IO[bytes], columns: dict[str, Any], *, header: bool) -> None:
    import pyarrow as pa
    from pyarrow import csv

    csv.write_csv(pa.table(columns), stream, csv.WriteOptions(include_header=header, quoting_style="none"))


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    """The file beside its place until it is whole; gone again after an error."""
    import gzip

    temporary = path.with_name(f".tradealloc-{secrets.token_hex(6)}.tmp")
    try:
        with temporary.open("xb") as raw:
            if path.suffix == ".gz":
                # Without name and time: the same day gives the same file.
                with gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as stream:
                    yield stream  # type: ignore[misc]
            else:
                yield raw
        temporary.replace(path)
    except OSError as error:
        raise WorkbookError(f"{path} can't be written ({file_reason(error)}): check the folder") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
