"""Parquet: typed columns, with unit and meaning of each in its metadata, and the run's in the file's."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tradealloc.errors import InputError, WorkbookError

from .child import ChildOrder
from .columns import EXPORT_COLUMNS, Level, Type, child_of


def parquet_bytes(children: Sequence[ChildOrder]) -> bytes:
    """The rows as a Parquet file; at least one row.

    Text is string, numbers double, whole numbers int32, dates date32, times time64[us]. The file's metadata hold
    ``tradealloc.impact_unit``, ``.run_at``, ``.fingerprint`` and ``.contract_version``; each column's ``unit``
    and ``help``.
    """
    arrow = _arrow()
    import pyarrow.parquet as parquet

    types = {
        Type.TEXT: arrow.string(),
        Type.INTEGER: arrow.int32(),
        Type.NUMBER: arrow.float64(),
        Type.DATE: arrow.date32(),
        Type.TIME: arrow.time64("us"),
    }
    fields = [
        arrow.field(c.name, types[c.type], nullable=c.blank, metadata={"unit": c.unit, "help": c.help})
        for c in EXPORT_COLUMNS
    ]
    run = [column.name for column in EXPORT_COLUMNS if column.level is Level.RUN]
    metadata = {f"tradealloc.{name}": str(getattr(children[0], name)) for name in run}
    columns = {c.name: [getattr(child, c.name) for child in children] for c in EXPORT_COLUMNS}
    table = arrow.Table.from_pydict(columns, schema=arrow.schema(fields, metadata=metadata))
    buffer = io.BytesIO()
    parquet.write_table(table, buffer)
    return buffer.getvalue()


def read_parquet(path: Path) -> list[ChildOrder]:
    """The rows of a file that `parquet_bytes` made.

    Raises
    ------
    WorkbookError
        The file can't be read.
    InputError
        It isn't such a file.
    """
    arrow = _arrow()
    import pyarrow.parquet as parquet

    try:
        table: Any = parquet.read_table(path)
    except (OSError, arrow.ArrowException) as error:
        raise WorkbookError(f"{path} can't be read as Parquet ({error}): export it again") from None
    names = [column.name for column in EXPORT_COLUMNS]
    if table.column_names != names:
        raise InputError("doesn't have the columns of an export: see tradealloc export --columns", where=path.name)
    return [child_of(row) for row in table.to_pylist()]


def _arrow() -> Any:
    try:
        import pyarrow
    except ImportError:
        raise InputError('needs pyarrow: pip install "tradealloc[market]"', where="--parquet") from None
    return pyarrow
