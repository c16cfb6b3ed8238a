"""`tradealloc export`: what is written, what is told, and what is refused."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from blotter_desk import blotter_book
from desk_books import desk_book
from openpyxl import load_workbook
from openpyxl.workbook.defined_name import DefinedName

from tradealloc.export import EXPORT_COLUMNS, FIX_COLUMNS, read_csv, read_json, read_parquet

Call = Callable[..., Any]
STARTS = ["09:30", "09:31", "09:32", "09:33"]
FIX = ("--fix-csv", "--date", "2025-03-03", "--timezone", "America/New_York")


@pytest.fixture
def ran(tradealloc: Call, day: Path) -> Path:
    """A workbook after a run; the third interval doesn't trade."""
    settings = {"symbol": "ACME", "arrival_price": 50.0, "lot_size": 1}
    desk_book(day, settings, {"Start": STARTS, "MaxShares": [None, None, 0, None]})
    assert tradealloc("run", day).status == 0
    day.with_name("day.xlsx.bak").unlink()
    return day


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_all_formats_at_once(tradealloc: Call, ran: Path) -> None:
    original = ran.read_bytes()
    outcome = tradealloc("export", ran, "--csv", "--json", "--parquet", *FIX)
    assert outcome.status == 0, outcome.err
    assert outcome.err == ""
    folder = ran.parent
    assert files(folder) == [
        "day-schedule.csv", "day-schedule.fix.csv", "day-schedule.json", "day-schedule.parquet", "day.xlsx",
    ]  # fmt: skip
    assert f"{folder / 'day-schedule.csv'}: 3 rows, 1,000 shares in 1 order" in outcome.out
    children = read_csv(folder / "day-schedule.csv")
    assert read_json(folder / "day-schedule.json") == children == read_parquet(folder / "day-schedule.parquet")
    sheet = load_workbook(ran)["Schedule"]
    rows = list(sheet.iter_rows(values_only=True))
    at = rows[0].index("Allocation")
    assert [(c.interval, c.shares) for c in children] == [(t, row[at]) for t, row in enumerate(rows[1:], 1) if row[at]]
    assert (folder / "day-schedule.fix.csv").read_bytes().count(b"\r\n") == 1 + 3
    assert ran.read_bytes() == original


def test_all_intervals(tradealloc: Call, ran: Path) -> None:
    assert tradealloc("export", ran, "--csv", "--all", *FIX).status == 0
    children = read_csv(ran.with_name("day-schedule.csv"))
    assert [child.shares > 0 for child in children] == [True, True, False, True]
    assert ran.with_name("day-schedule.fix.csv").read_bytes().count(b"\r\n") == 1 + 3


def test_a_second_export_replaces_the_first_and_is_the_same(tradealloc: Call, ran: Path, tmp_path: Path) -> None:
    out = tmp_path / "orders.csv"
    contents = []
    for _ in range(2):
        assert tradealloc("export", ran, *FIX, "-o", out).status == 0
        contents.append(out.read_bytes())
    assert contents[0] == contents[1]
    assert files(tmp_path) == ["day.xlsx", "orders.csv"]


@pytest.mark.parametrize("formats", [("--csv", "--json"), ("--csv",)])
@pytest.mark.parametrize("is_there", [True, False])
def test_into_a_folder(tradealloc: Call, ran: Path, tmp_path: Path, formats: Sequence[str], is_there: bool) -> None:
    outbox = tmp_path / "outbox" / "monday"
    if is_there:
        outbox.mkdir(parents=True)
    assert tradealloc("export", ran, *formats, "-o", outbox).status == 0
    assert files(outbox) == [f"day-schedule.{form.lstrip('-')}" for form in formats]


def test_a_folder_made_for_an_export_that_fails_is_gone_again(
    tradealloc: Call, ran: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    refused(tradealloc("export", ran, "--csv", "-o", tmp_path / "outbox" / "monday"), 4, "No space left on device")
    assert files(tmp_path) == ["day.xlsx"]


@pytest.mark.parametrize(
    ("arguments", "sentence", "status"),
    [
        ([], "give --csv, --parquet, --json, --fix-csv, one or several", 2),
        (["--fix-csv"], "--date is missing", 2),
        (["--fix-csv", "--date", "2025-03-03"], "--timezone is missing", 2),
        (["--fix-csv", "--date", "03/03/2025", "--timezone", "UTC"], "--date is '03/03/2025': write the day as", 2),
        (["--fix-csv", "--date", "2025-03-03", "--timezone", "Mars"], "--timezone is 'Mars'", 2),
        (["--csv", "-o", "day.xlsx"], "must end in .csv for --csv", 2),
        (["--csv", "--json", "-o", "plan.csv"], "isn't a folder, and several formats need one", 2),
        (["--csv", "-o", "day.xlsx/plan.csv"], "the folder day.xlsx can't be made", 4),
        (["--xml"], "No such option", 2),
    ],
)
def test_refusals(
    tradealloc: Call, ran: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str, status: int
) -> None:
    monkeypatch.chdir(ran.parent)
    original = ran.read_bytes()
    refused(tradealloc("export", ran, *arguments), status, sentence)
    assert files(ran.parent) == ["day.xlsx"]
    assert ran.read_bytes() == original


def refused(outcome: Any, status: int, sentence: str) -> None:
    assert outcome.status == status, outcome
    assert sentence in outcome.err
    assert outcome.err.count("\n") == 1, "one line"
    assert outcome.out == ""


def test_the_workbook_is_never_replaced(tradealloc: Call, ran: Path) -> None:
    link = ran.with_name("link.csv")
    link.symlink_to(ran)
    original = ran.read_bytes()
    refused(tradealloc("export", ran, "--csv", "-o", link), 2, "is what is exported")
    assert ran.read_bytes() == original


def test_no_workbook(tradealloc: Call, tmp_path: Path) -> None:
    refused(tradealloc("export", "--csv"), 2, "WORKBOOK is missing")
    refused(tradealloc("export", tmp_path / "nowhere.xlsx", "--csv"), 4, "doesn't exist")


def test_run_first(tradealloc: Call, day: Path) -> None:
    refused(tradealloc("export", desk_book(day), "--csv"), 2, "day.xlsx has no results yet: run it first")
    assert files(day.parent) == ["day.xlsx"]


def test_stale(tradealloc: Call, ran: Path) -> None:
    book = load_workbook(ran)
    book["Order"]["B1"] = 1001
    book.save(ran)
    refused(tradealloc("export", ran, "--csv"), 2, "day.xlsx holds STALE results")


def test_fractional_shares_need_a_lot_size_for_fix_only(tradealloc: Call, day: Path) -> None:
    desk_book(day, {"symbol": "ACME"}, {"Start": STARTS})
    tradealloc("run", day)
    refused(tradealloc("export", day, "--csv", *FIX), 2, "set a lot size of 1")
    assert "day-schedule.csv" not in files(day.parent), "all or none"
    assert tradealloc("export", day, "--csv").status == 0


def test_a_weekend_is_told(tradealloc: Call, ran: Path) -> None:
    outcome = tradealloc("export", ran, "--csv", "--date", "2025-03-08")
    assert outcome.status == 0
    assert "2025-03-08 is a Saturday" in outcome.err


def test_text_that_looks_like_a_formula(tradealloc: Call, day: Path) -> None:
    desk_book(day, {"symbol": "@SUM(1+1)"}, {"Interval": ["-2+3", "+a", -30, "שלום"]})
    assert tradealloc("run", day).status == 0
    assert tradealloc("export", day, "--csv", "--bom").status == 0
    text = day.with_name("day-schedule.csv").read_text("utf-8-sig")
    assert [line.split(",")[1] for line in text.splitlines()[1:]] == ["'@SUM(1+1)"] * 4
    assert [line.split(",")[4] for line in text.splitlines()[1:]] == ["'-2+3", "'+a", "-30", "שלום"]
    children = read_csv(day.with_name("day-schedule.csv"))
    assert [child.label for child in children] == ["-2+3", "+a", "-30", "שלום"]


def test_parquet_without_pyarrow(tradealloc: Call, ran: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    refused(tradealloc("export", ran, "--csv", "--parquet"), 2, 'needs pyarrow: pip install "tradealloc[market]"')
    assert files(ran.parent) == ["day.xlsx"]


def test_columns_are_documented(tradealloc: Call) -> None:
    outcome = tradealloc("export", "--columns")
    assert outcome.status == 0
    helped = " ".join(tradealloc("export", "--help").out.split())
    for column in (*EXPORT_COLUMNS, *FIX_COLUMNS):
        assert f"\n{column.name}  (" in outcome.out
        assert column.help in outcome.out
        assert column.name in helped


def test_no_temporary_files_stay(tradealloc: Call, ran: Path) -> None:
    assert tradealloc("export", ran, "--parquet").status == 0
    assert files(ran.parent) == ["day-schedule.parquet", "day.xlsx"]


def test_a_blotter_in_long_form(tradealloc: Call, tmp_path: Path) -> None:
    path = blotter_book(tmp_path / "desk.xlsx", settings={"lot_size": 1})
    assert tradealloc("run", path).status == 0
    outcome = tradealloc("export", path, "--csv", *FIX)
    assert outcome.status == 0, outcome.err
    assert "2,500 shares in 3 orders" in outcome.out
    children = read_csv(tmp_path / "desk-schedule.csv")
    assert list(dict.fromkeys(child.order_id for child in children)) == ["A-1", "A-2", "1003"]
    refused(tradealloc("export", path, "--csv", "--order-id", "X"), 2, "a blotter has its own ids")


def test_another_version_is_said_before_anything_else(tradealloc: Call, ran: Path) -> None:
    book = load_workbook(ran)
    book["Order"]["A40"] = 99
    book.defined_names["ta_contract_version"] = DefinedName("ta_contract_version", attr_text="Order!$A$40")
    book.save(ran)
    refused(tradealloc("export", ran, "--csv"), 2, "says contract version 99, and this tradealloc knows")
