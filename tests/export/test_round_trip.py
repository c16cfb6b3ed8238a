"""What a format writes it reads back, to the last bit."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path

import pyarrow.parquet as parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tradealloc.errors import InputError, TradeallocError
from tradealloc.export import (
    EXPORT_COLUMNS,
    ChildOrder,
    csv_bytes,
    json_bytes,
    parquet_bytes,
    read_csv,
    read_json,
    read_parquet,
)

Children = Sequence[ChildOrder]
FORMATS = {
    "csv": (csv_bytes, read_csv),
    "csv with bom": (lambda rows: csv_bytes(rows, bom=True), read_csv),
    "json": (json_bytes, read_json),
    "parquet": (parquet_bytes, read_parquet),
}

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12) | st.sampled_from(
    ["=1+1", "'=1+1", "''@x", "-5", "+1", "-x", " =A1", "\t=A1", "\r", "＝cmd", 'a"b,c\r\nd', "שלום", "🚀", "'", "1,5"]
)
numbers = st.floats(allow_nan=False, allow_infinity=False).map(lambda x: x + 0.0)
filled = texts.filter(bool)
times = st.none() | st.times()
rows = st.builds(
    ChildOrder,
    order_id=st.sampled_from(["A", "=B"]),
    symbol=st.just("S"),
    side=st.just("buy"),
    interval=st.integers(1, 10_000),
    label=texts,
    date=st.none() | st.dates(),
    start=times,
    end=times,
    end_day=st.none() | st.integers(0, 1),
    shares=numbers,
    cumulative=numbers,
    participation=st.none() | numbers,
    impact=st.none() | numbers,
    cost=st.none() | numbers,
    binding=st.none() | filled,
    order_shares=st.just(1e5),
    arrival_price=st.just(0.1 + 0.2),
    impact_unit=st.just("price"),
    run_at=st.just("2025-03-03 09:15:00"),
    fingerprint=st.just(math.pi * 100),
    contract_version=st.just(2),
)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(children=st.lists(rows, min_size=1, max_size=5))
def test_any_rows(tmp_path: Path, name: str, children: list[ChildOrder]) -> None:
    write, read = FORMATS[name]
    path = tmp_path / "schedule"
    path.write_bytes(write(children))
    back = read(path)
    assert back == children
    for old, new in zip(children, back, strict=True):
        assert [type(v) for v in vars_of(old)] == [type(v) for v in vars_of(new)]


def vars_of(child: ChildOrder) -> list[object]:
    return [getattr(child, field.name) for field in fields(ChildOrder)]


def test_the_columns_are_the_fields() -> None:
    assert [column.name for column in EXPORT_COLUMNS] == [field.name for field in fields(ChildOrder)]


def test_csv_is_what_rfc_4180_says(child: Callable[..., ChildOrder]) -> None:
    content = csv_bytes([child(label='a "quoted", one', symbol="=cmd|'/c calc'!A1", impact=-0.25)])
    assert content.endswith(b"\r\n")
    assert not content.startswith(b"\xef\xbb\xbf")
    assert csv_bytes([child()], bom=True).startswith(b"\xef\xbb\xbforder_id,")
    header, row = csv.reader(io.StringIO(content.decode(), newline=""))
    found = dict(zip(header, row, strict=True))
    assert found["label"] == 'a "quoted", one'
    assert found["symbol"] == "'=cmd|'/c calc'!A1"
    assert (found["impact"], found["shares"], found["cost"]) == ("-0.25", "250", "0.30000000000000004")
    assert (found["date"], found["start"], found["end"]) == ("2025-03-03", "09:32:00", "09:33:00")


def test_json_says_run_and_order_once(child: Callable[..., ChildOrder]) -> None:
    rows = [child(interval=1), child(interval=2, shares=0.1), child(order_id="B", interval=1, symbol="OTHER")]
    content = json.loads(json_bytes(rows))
    assert content["fingerprint"] == rows[0].fingerprint
    assert [order["symbol"] for order in content["orders"]] == ["ACME", "OTHER"]
    assert [row["shares"] for row in content["orders"][0]["intervals"]] == [250, 0.1]
    assert content["units"]["shares"] == "shares"


def test_parquet_is_typed_and_says_its_units(tmp_path: Path, child: Callable[..., ChildOrder]) -> None:
    (tmp_path / "s.parquet").write_bytes(parquet_bytes([child(), child(date=None, start=None)]))
    schema = parquet.read_schema(tmp_path / "s.parquet")
    assert {name: str(schema.field(name).type) for name in ("shares", "start", "date", "interval", "symbol")} == {
        "shares": "double",
        "start": "time64[us]",
        "date": "date32[day]",
        "interval": "int32",
        "symbol": "string",
    }
    assert schema.metadata[b"tradealloc.impact_unit"] == b"price"
    assert float(schema.metadata[b"tradealloc.fingerprint"]) == child().fingerprint
    assert schema.field("cost").metadata[b"unit"] == b"currency"


@pytest.mark.parametrize(
    ("read", "content"),
    [
        (read_csv, b"a,b\r\n1,2\r\n"),
        (read_csv, b"\xff\xfe"),
        (read_csv, b""),
        (read_json, b"{"),
        (read_json, b"[]"),
        (read_json, b'{"format": "tradealloc schedule"}'),
        (read_parquet, b"PAR1"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, read: Callable[[Path], object], content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(TradeallocError, match="file"):
        read(path)


def test_a_spoilt_field_is_named(tmp_path: Path, child: Callable[..., ChildOrder]) -> None:
    path = tmp_path / "s.csv"
    path.write_bytes(csv_bytes([child()]).replace(b",250,", b",many,"))
    with pytest.raises(InputError, match=r"s.csv row 2, column shares is 'many'"):
        read_csv(path)


def test_midnight_and_microseconds(tmp_path: Path, child: Callable[..., ChildOrder]) -> None:
    rows = [child(start=dt.time(0), end=dt.time(0, 0, 0, 1), end_day=1)]
    path = tmp_path / "s.csv"
    path.write_bytes(csv_bytes(rows))
    assert read_csv(path) == rows
