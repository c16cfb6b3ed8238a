"""FIX names, tags and times: recomputed by hand, summer time included."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Sequence

import pytest

from tradealloc.errors import InputError
from tradealloc.export import FIX_COLUMNS, ChildOrder, fix_bytes

NEW_YORK = "America/New_York"
Make = Callable[..., ChildOrder]


def rows(children: Sequence[ChildOrder], zone: str = NEW_YORK) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(fix_bytes(children, zone).decode(), newline="")))


def test_a_row(child: Make) -> None:
    (row,) = rows([child()])
    assert re.fullmatch(r"[A-Z2-7]{10}-0003", row.pop("ClOrdID"))
    assert row == {
        "ClOrdLinkID": "ACME-buy-20250303T091500",
        "Symbol": "ACME",
        "Side": "1",
        "OrderQty": "250",
        "OrdType": "1",
        "TimeInForce": "6",
        "EffectiveTime": "20250303-14:32:00",
        "ExpireTime": "20250303-14:33:00",
        "Text": "ACME-buy-20250303T091500 interval 3",
    }


def test_tags() -> None:
    assert {column.name: column.tag for column in FIX_COLUMNS} == {
        "ClOrdID": 11, "ClOrdLinkID": 583, "Symbol": 55, "Side": 54, "OrderQty": 38, "OrdType": 40,
        "TimeInForce": 59, "EffectiveTime": 168, "ExpireTime": 126, "Text": 58,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("date", "zone", "utc"),
    [
        (dt.date(2025, 3, 7), NEW_YORK, "20250307-14:32:00"),
        (dt.date(2025, 3, 10), NEW_YORK, "20250310-13:32:00"),
        (dt.date(2025, 10, 31), NEW_YORK, "20251031-13:32:00"),
        (dt.date(2025, 11, 3), NEW_YORK, "20251103-14:32:00"),
        (dt.date(2025, 7, 1), "Europe/London", "20250701-08:32:00"),
        (dt.date(2025, 7, 1), "Asia/Kolkata", "20250701-04:02:00"),
        (dt.date(2025, 1, 1), "Pacific/Auckland", "20241231-20:32:00"),
        (dt.date(2025, 1, 1), "UTC", "20250101-09:32:00"),
    ],
)
def test_summer_time_and_zones(child: Make, date: dt.date, zone: str, utc: str) -> None:
    assert rows([child(date=date)], zone)[0]["EffectiveTime"] == utc


def test_past_midnight(child: Make) -> None:
    (row,) = rows([child(start=dt.time(23, 59), end=dt.time(0, 0), end_day=1)], "UTC")
    assert (row["EffectiveTime"], row["ExpireTime"]) == ("20250303-23:59:00", "20250304-00:00:00")


def test_fractions_of_a_second(child: Make) -> None:
    assert rows([child(start=dt.time(9, 32, 0, 250_000))], "UTC")[0]["EffectiveTime"] == "20250303-09:32:00.250"


def test_ids_tell_runs_dates_orders_and_intervals_apart(child: Make) -> None:
    others = [
        child(), child(interval=4), child(date=dt.date(2025, 3, 4)), child(run_at="2025-03-03 09:16:00"),
        child(order_id="B"), child(fingerprint=1.0), child(side="sell"),
    ]  # fmt: skip
    ids = [rows([one])[0]["ClOrdID"] for one in others]
    assert len(set(ids)) == len(ids)
    assert rows([child()])[0]["ClOrdID"] == ids[0], "the same export gives the same id"
    assert max(map(len, ids)) <= 20
    assert rows([child(interval=123_456)])[0]["ClOrdID"].endswith("-123456")


def test_intervals_without_shares_are_no_orders(child: Make) -> None:
    assert len(rows([child(), child(interval=4, shares=0.0)])) == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"shares": 0.5}, r"interval 3 trades 0.5 shares, and FIX takes whole ones: set a lot size of 1"),
        ({"start": None}, "has no start time.*fill the column Start"),
        ({"end": None}, "has no end time.*fill ta_window_end"),
        ({"date": None}, "--date is missing"),
        ({"symbol": None}, "has no symbol.*fill ta_symbol"),
        ({"symbol": "=A1"}, "has the symbol '=A1', which FIX can't carry"),
        ({"symbol": "тест"}, "which FIX can't carry"),
        ({"symbol": "A\x01B"}, "which FIX can't carry"),
        ({"date": dt.date(2025, 3, 9), "start": dt.time(2, 30)}, "02:30:00, which the clock of America/New_York skips"),
        ({"date": dt.date(2025, 11, 2), "start": dt.time(1, 30)}, "01:30:00, which the clock .* shows twice"),
    ],
)
def test_refusals(child: Make, fields: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        fix_bytes([child(**fields)], NEW_YORK)


def test_the_same_child_twice_is_refused(child: Make) -> None:
    with pytest.raises(InputError, match="comes out twice"):
        fix_bytes([child(), child()], NEW_YORK)


@pytest.mark.parametrize(
    ("zone", "sentence"),
    [
        ("America/NewYork", "did you mean America/New_York"),
        ("EST5PDT7", "--timezone is 'EST5PDT7'"),
        ("", "--timezone is ''"),
        ("../../etc/passwd", "--timezone is"),
        ("/etc/passwd", "--timezone is"),
    ],
)
def test_zones_that_are_none(child: Make, zone: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        fix_bytes([child()], zone)


def test_text_of_the_user_is_neutral_and_plain(child: Make) -> None:
    (row,) = rows([child(order_id="=évil")])
    assert row["ClOrdLinkID"] == "'=?vil"
    assert row["Text"] == "'=?vil interval 3"
